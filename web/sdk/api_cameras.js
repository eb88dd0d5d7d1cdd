// Members with several cameras open at once. A browser sends one itself; it sees all of the others'.
import { client, done, inTheRoom, me, room } from './current.js';
import { Code, CRError } from './errors.js';
import { emit } from './events.js';
import { addGroup } from './groups.js';

/** CRVideo_SetEnableMutiVideo chooses whether another member opens all its cameras, or only the default one. For oneself only false is possible. */
export function CRVideo_SetEnableMutiVideo(UID, enable) {
  return done(inTheRoom().then((c) => {
    if (!me(UID)) return c.request('setMultiVideo', { uid: UID, on: Boolean(enable) });
    if (enable) throw new CRError(Code.NoPlatform, 'a browser sends one camera');
    return undefined;
  }));
}

/** CRVideo_GetEnableMutiVideo tells whether a member opens all its cameras. */
export const CRVideo_GetEnableMutiVideo = (UID) => Boolean(room()?.members.get(UID || client.uid)?.multiVideo);

addGroup({
  inRoom: {
    multiVideoChanged({ uid, on }, inside) {
      const m = inside.members.get(uid);
      if (!m) return;
      m.multiVideo = uid === client.uid ? false : on; // ours stays one
      emit('VideoDevChanged', uid);
    },
  },
});
