// Sound and pictures as MediaStreams, for elements and graphs of the page's own.
import { emit, slot } from './events.js';
import { addGroup } from './groups.js';

export const CRVideo_NotifyAudioStream = slot('NotifyAudioStream');
export const CRVideo_NotifyVideoStream = slot('NotifyVideoStream');

const last = [[], []]; // tracks by side

function tellTracks(side, tracks) {
  const news = tracks.length > 0 && (tracks.length !== last[side].length || tracks.some((track, i) => track !== last[side][i]));
  last[side] = tracks;
  if (news) emit('NotifyAudioStream', side, new MediaStream(tracks));
}

addGroup({
  sound(client) {
    tellTracks(0, [client.mic.sent].filter(Boolean));
    tellTracks(1, client.room?.peer?.slots.of('audio').map((s) => s.receiver.track) ?? []);
  },
});
