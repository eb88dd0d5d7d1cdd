// The one client of the CRVideo names, and how their calls begin and end. Results are events with the cookie that was
// given; a cookie never leaves the page.
import { Code, CRError, codeOf } from './errors.js';

export let client = null;

export function setClient(c) { client = c; }

/** here is the client, for a call that needs one. */
export const here = () => (client ? Promise.resolve(client) : Promise.reject(new CRError(Code.NotInit, 'CRVideo_Init was not called')));

/** room is the room that we are in, or null. */
export const room = () => (client?.room?.in ? client.room : null);

export const me = (uid) => !uid || uid === client?.uid;

/** tell runs a call whose end is told by events: succeeded(result) or failed(code). */
export function tell(promise, succeeded, failed) { promise.then(succeeded, (error) => failed(codeOf(error))); }

/** done is a promise that is rejected with a code. Who does not look at it is not told of an error that nobody caught. */
export function done(promise) {
  const end = promise.then(() => {}, (error) => { throw codeOf(error); });
  end.catch(() => {});
  return end;
}

/** inTheRoom is the client if it is in a room. */
export const inTheRoom = () => here().then((c) => {
  if (!c.room?.in) throw new CRError(Code.NoRoom, 'in no room');
  return c;
});

/** requestInRoom sends a request that needs a room, and gives its result. */
export const requestInRoom = (method, params) => inTheRoom().then((c) => c.request(method, params));

/** inRoom is the same for a call whose end is a promise of nothing. */
export const inRoom = (method, params) => done(requestInRoom(method, params));
