// What we changed last among the attributes of a room: a server that has forgotten them is told.
import { client } from './current.js';

const maxBytes = 128 << 10; // in one request
const maxAttrs = 256;

const wrote = new Map(); // by owner ('': the room): by key the parameters of restoreAttrs
let epoch = ''; // the server process that knows them
let unrestored = new Set(); // owners
let forgotten = false; // by another process, with the room; the same one has forgotten our own stay only

/** wroteAttrs remembers a change of ours. */
export function wroteAttrs(owners, put, { version, deleted }) {
  const note = (uid, key, what) => {
    if (!wrote.has(uid)) wrote.set(uid, new Map());
    wrote.get(uid).set(key, { uid: uid || undefined, key, ...what, version });
  };
  for (const [uid, keys] of Object.entries(deleted ?? {})) for (const key of keys) note(uid, key, { deleted: true });
  for (const uid of owners) for (const [key, value] of Object.entries(put)) note(uid, key, { value });
}

/** rewroteAttrs is told of others' changes: they are theirs to remember. */
export function rewroteAttrs(uid, keys) { for (const key of keys) wrote.get(uid)?.delete(key); }

/** forgetAttrs forgets a member, whose attributes are gone, or, with the process on which a room is entered, everything. */
export function forgetAttrs(uid, process) {
  wrote.delete(uid);
  if (process === undefined) return;
  wrote.clear();
  epoch = process;
}

/** restoreAttrs tells the server what it has forgotten about members who are back; process is where the room was entered again. */
export function restoreAttrs(uids, process) {
  if (process !== undefined) {
    forgotten = process !== epoch;
    epoch = process;
    unrestored = new Set(wrote.keys());
  }
  const all = [];
  for (const uid of uids) {
    if (unrestored.delete(uid) && (forgotten || uid === client?.uid)) all.push(...wrote.get(uid)?.values() ?? []);
  }
  for (let attrs = []; all.length > 0; attrs = []) {
    for (let bytes = 0; all.length > 0 && attrs.length < maxAttrs && bytes < maxBytes;) {
      attrs.push(all.shift());
      bytes += JSON.stringify(attrs.at(-1)).length * 3; // as UTF-8, at most
    }
    client?.request('restoreAttrs', { attrs }, { bound: true }).catch(() => {}); // what may not be changed is left out; forgotten once more: told again then
  }
}
