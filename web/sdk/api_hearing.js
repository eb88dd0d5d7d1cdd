// Whose sound is received, and whether it is played.
import { client, done, here } from './current.js';
import { Code, CRError } from './errors.js';

const maxListed = 256;

/** hear changes whose sound is wanted: in rooms that are entered later, too. */
const hear = (change) => done(here().then((c) => {
  c.hearing = { ...c.hearing, ...change() };
  c.changed();
}));

/** CRVideo_SetAudioSubscribeMode: 0 everybody's (of many, the loudest), 1 that of the members on the list, 2 that of all others. */
export const CRVideo_SetAudioSubscribeMode = (mode) => hear(() => {
  if (![0, 1, 2].includes(mode)) throw new CRError(Code.BadParameter, 'the mode is 0, 1 or 2');
  return { mode };
});

export const CRVideo_SetAudioSubscribeList = (uids) => hear(() => {
  if (!Array.isArray(uids) || uids.length > maxListed || uids.some((uid) => typeof uid !== 'string' || uid === '')) {
    throw new CRError(Code.BadParameter, `the list has at most ${maxListed} UIDs`);
  }
  return { uids: [...new Set(uids)].sort() };
});

export const CRVideo_GetAudioSubscribeMode = () => client?.hearing.mode ?? 0;
export const CRVideo_SetSpeakerMute = (mute) => client?.setSpeaker(!!mute);
export const CRVideo_GetSpeakerMute = () => client?.speakerPaused ?? false;
