// Messages to everybody in the room.
import { requestInRoom, tell } from './current.js';
import { emit, slot } from './events.js';
import { addGroup } from './groups.js';

const maxRecent = 100;

let lastSent = 0;
const lastHeard = new Map(); // by UID: a server that was restarted may tell a message once more

function heard({ uid, text, num }, recent) {
  if (num <= (lastHeard.get(uid) ?? 0)) return;
  lastHeard.set(uid, num);
  emit('NotifyMeetingCustomMsg', uid, text ?? '', recent);
}

/** CRVideo_SendMeetingCustomMsg sends a text of at most 8 KiB to everybody, oneself included. All see all messages in one order. */
export function CRVideo_SendMeetingCustomMsg(stringMsg, cookie) {
  lastSent = Math.max(lastSent + 1, 1000 * Date.now()); // above those of an earlier life of the page
  tell(requestInRoom('sendRoomMsg', { text: String(stringMsg ?? ''), num: lastSent }),
    () => emit('SendMeetingCustomMsgRslt', 0, cookie), (code) => emit('SendMeetingCustomMsgRslt', code, cookie));
}

export const CRVideo_SendMeetingCustomMsgRslt = slot('SendMeetingCustomMsgRslt');
export const CRVideo_NotifyMeetingCustomMsg = slot('NotifyMeetingCustomMsg');

addGroup({
  inRoom: { roomMsg: (message) => heard(message, false) },
  entering: (room, again) => ({ messages: again ? maxRecent : Number(room.options.recentMessages) || undefined }),
  entered(room, { messages }, again) {
    if (!again) lastHeard.clear();
    for (const message of messages ?? []) heard(message, !again);
  },
});
