// A group of the API is a file sdk/api_<group>.js beside this one, with its types in sdk/api_<group>.d.ts: what it exports under
// a CRVideo name is in every form in which the SDK is served (crvideo.js, crvideo.mjs, crvideo.d.ts), and nothing else has to
// name the file. To add one, write these two files and a test in e2e, take the client from current.js and events from
// events.js, and tell addGroup what the group wants to hear; all modules are joined into one script, so imports are of
// one line, `export` stands at the start of a declaration, and no two modules declare the same name at their top.

const groups = [];

/**
 * addGroup registers a group: an object with any of
 *
 *   on       {method(params, client)}: the server's notifications to the login, in a room or not
 *   inRoom   {method(params, room)}: those to the members of the room that we are in
 *   entering (room, again) => more parameters of enterMeeting
 *   entered  (room, result, again): we are in, by this answer of enterMeeting, or again after we were forgotten
 *   left     (room): we are out, whatever the reason
 *   renewed  (client): a server that had forgotten us has a new login of ours; what returns a promise is waited for
 *   frame    (buffer): a binary message of the server
 *   back     (): the connection was lost and is there again
 *   ended    (client): the login is over
 *   sound    (client): other tracks than before are sent or received
 *   stopped  (client): CRVideo_Uninit
 */
export function addGroup(group) { groups.push(group); }

/** tellGroups gives a notification to the groups that handle it, in their on or inRoom. */
export function tellGroups(where, method, params, whom) {
  for (const group of groups) if (group[where] && Object.hasOwn(group[where], method)) group[where][method](params, whom);
}

/** askGroups calls what groups registered under a name, and gives their answers. */
export const askGroups = (name, ...args) => groups.map((g) => g[name]?.(...args));
