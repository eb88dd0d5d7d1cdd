// Calls and invitations that have begun and not ended.
import { here } from './current.js';
import { Code, CRError } from './errors.js';
import { emit } from './events.js';
import { addGroup } from './groups.js';
import { meetInfo, wireMeet } from './meetinfo.js';

// by ID: peer, peerName, meet, invite, incoming, accepted, and the process of the server on which, and the time at which it was accepted
const rings = new Map();

const newRingID = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** beginRing begins a call or an invitation. Its ID is made here, so that a request that is repeated is the same call. */
export function beginRing(invite, uid, meet, data) {
  const id = newRingID();
  const began = here().then(async (c) => {
    let peerName;
    try {
      ({ nickname: peerName } = await c.request(invite ? 'invite' : 'call', { id, uid: String(uid ?? ''), meet: wireMeet(meet), data: dataOf(data) }) ?? {});
    } catch (error) {
      // the server may have heard it: it is taken back
      if (error.code === Code.Timeout) c.request(invite ? 'cancelInvite' : 'hangupCall', { id }).catch(() => {});
      throw error;
    }
    rings.set(id, { peer: String(uid), peerName, meet: wireMeet(meet), invite, incoming: false });
  });
  return [id, began];
}

/** answerRing accepts, refuses or ends one. */
export const answerRing = (method, id, meet, data) => here().then(async (c) => {
  if (!id) throw new CRError(Code.BadParameter, 'the ID is empty');
  await c.request(method, { id: String(id), meet: wireMeet(meet), data: dataOf(data) });
  if (method === 'acceptCall') ringAccepted(id, c, wireMeet(meet));
  else rings.delete(id);
});

export const ringIn = (invite, { id, from, nickname, meet }) => rings.set(id, { peer: from, peerName: nickname, meet, invite, incoming: true });

export function ringAccepted(id, c, meet) {
  const one = rings.get(id);
  if (one) Object.assign(one, { accepted: true, epoch: c.epoch, since: one.since ?? Date.now(), meet: meet ?? one.meet });
}

/** currentCall is the call that we are in, or are being called to, as the API tells it; without an ID there is none. */
export function currentCall() {
  const [id, call] = [...rings].find(([, one]) => !one.invite) ?? ['', {}];
  const { ID: meetingID, pswd: meetingPswd } = meetInfo(call.meet);
  return {
    callID: id, peerID: call.peer ?? '', peerName: call.peerName ?? '', bCallAccepted: call.accepted ? 1 : 0, meetingID, meetingPswd,
    duration: call.accepted ? Math.max(0, Math.floor((Date.now() - call.since) / 1000)) : 0,
  };
}

/** talksTo tells whether we are in an answered call with a user. */
export const talksTo = (uid) => [...rings.values()].some((one) => one.accepted && !one.invite && one.peer === uid);

export const ringEnded = (id) => rings.delete(id);

const dataOf = (data) => (data === undefined || data === null || data === '' ? undefined : String(data));

/** lostRing ends what still waited for an answer of a server that has forgotten it. */
function lostRing(id, { invite, incoming }) {
  rings.delete(id);
  if (invite) emit(incoming ? 'NotifyInviteCanceled' : 'NotifyInviteRejected', id, 'lost', '');
  else if (incoming) emit('NotifyCallHangup', id, '');
  else emit('NotifyCallRejected', id, Code.NoSession, '');
}

function restoreCall(id, { peer, incoming, epoch }, c) {
  c.request('restoreCall', { id, uid: peer, called: incoming, epoch }, { bound: true }).then(() => ringAccepted(id, c), (error) => {
    if (error.forgotten || !rings.delete(id)) return; // forgotten once more: told again then
    emit('NotifyCallHangup', id, '');
  });
}

addGroup({
  renewed(c) {
    for (const [id, one] of [...rings]) {
      if (one.accepted) restoreCall(id, one, c);
      else lostRing(id, one);
    }
  },
  ended: () => rings.clear(),
});
