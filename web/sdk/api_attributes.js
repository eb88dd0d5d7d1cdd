// Attributes of the room and of its members.
import { client, here, inTheRoom, requestInRoom, tell } from './current.js';
import { Code, CRError } from './errors.js';
import { emit, slot } from './events.js';
import { addGroup } from './groups.js';
import { forgetAttrs, restoreAttrs, rewroteAttrs, wroteAttrs } from './journal.js';

/** meetingAttrs are attributes as the API tells them. */
const meetingAttrs = (attrs) => Object.fromEntries(Object.entries(attrs ?? {}).map(([key, { value, by, version }]) =>
  [key, { value, lastModifyUserID: by, lastModifyTs: Math.floor(version / 1e6) }])); // the version is the time in microseconds

/** parsed takes what may be an object or its JSON. */
function parsed(value, what) {
  try {
    value = typeof value === 'string' && value !== '' ? JSON.parse(value) : value || {};
  } catch {
    value = null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new CRError(Code.BadParameter, `${what}: neither an object nor its JSON`);
  return value;
}

function attrValues(attrs) {
  const all = parsed(attrs, 'attrs');
  for (const [key, value] of Object.entries(all)) if (typeof value !== 'string') throw new CRError(Code.BadParameter, `attrs.${key} is no text`);
  return all;
}

function texts(of, what) {
  if (!Array.isArray(of) || of.some((text) => typeof text !== 'string')) throw new CRError(Code.BadParameter, `${what} is no list of texts`);
  return of;
}

function readAttrs(name, cookie, promise) {
  tell(promise, (attrs) => emit(`${name}Success`, attrs, cookie), (code) => emit(`${name}Fail`, code, cookie));
}

/** changeAttrs makes a change: whose() are the owners, none of the room's, and what() is the change. */
function changeAttrs(name, cookie, options, whose, what) {
  tell(here().then(async () => {
    const { room } = client;
    const owners = whose(), params = { ...owners, ...what(), notifyAll: !!Number(parsed(options, 'options').notifyAll ?? 0) };
    const result = await requestInRoom(owners ? 'changeUserAttrs' : 'changeRoomAttrs', params);
    if (client?.room === room) wroteAttrs(owners?.uids ?? (owners ? [] : ['']), params.put ?? {}, result);
  }), () => emit(`${name}Rslt`, 0, cookie), (code) => emit(`${name}Rslt`, code, cookie));
}

const ofRoom = () => null;
const ofUser = (uid) => () => ({ uids: [String(uid ?? '')] });
const replaced = (attrs) => () => ({ clear: true, put: attrValues(attrs) });
const updated = (attrs) => () => ({ put: attrValues(attrs) });
const without = (keys) => () => ({ delete: texts(keys, 'keys') });
const cleared = () => ({ clear: true });

async function readUsers(uids, keys) {
  const all = {};
  for (let rest = texts(typeof uids === 'string' ? [uids] : uids, 'uids'); ;) {
    const got = await requestInRoom('getUserAttrs', { uids: rest, keys: texts(keys ?? [], 'keys') });
    for (const [uid, attrs] of Object.entries(got.users ?? {})) all[uid] = meetingAttrs(attrs);
    if (!got.rest?.length || got.rest.length >= rest.length) return all;
    rest = got.rest; // more than fits into one message
  }
}

async function readRoom(keys) {
  if (keys?.length === 0) return inTheRoom().then(() => ({})); // no keys would mean all
  const { attrs } = await requestInRoom('getRoomAttrs', keys && { keys: texts(keys, 'keys') });
  return meetingAttrs(attrs);
}

export const CRVideo_GetMeetingAttrs = (keys, cookie) => readAttrs('GetMeetingAttrs', cookie, here().then(() => readRoom(keys ?? [])));
export const CRVideo_GetMeetingAllAttrs = (cookie) => readAttrs('GetMeetingAllAttrs', cookie, here().then(() => readRoom()));
export const CRVideo_SetMeetingAttrs = (attrs, options, cookie) => changeAttrs('SetMeetingAttrs', cookie, options, ofRoom, replaced(attrs));
export const CRVideo_AddOrUpdateMeetingAttrs = (attrs, options, cookie) => changeAttrs('AddOrUpdateMeetingAttrs', cookie, options, ofRoom, updated(attrs));
export const CRVideo_DelMeetingAttrs = (keys, options, cookie) => changeAttrs('DelMeetingAttrs', cookie, options, ofRoom, without(keys));
export const CRVideo_ClearMeetingAttrs = (options, cookie) => changeAttrs('ClearMeetingAttrs', cookie, options, ofRoom, cleared);
export const CRVideo_GetUserAttrs = (uids, keys, cookie) => readAttrs('GetUserAttrs', cookie, here().then(() => readUsers(uids, keys)));
export const CRVideo_SetUserAttrs = (UID, attrs, options, cookie) => changeAttrs('SetUserAttrs', cookie, options, ofUser(UID), replaced(attrs));
export const CRVideo_AddOrUpdateUserAttrs = (UID, attrs, options, cookie) => changeAttrs('AddOrUpdateUserAttrs', cookie, options, ofUser(UID), updated(attrs));
export const CRVideo_DelUserAttrs = (UID, keys, options, cookie) => changeAttrs('DelUserAttrs', cookie, options, ofUser(UID), without(keys));

/** CRVideo_ClearUserAttrs removes all attributes of some members; one UID may stand for a list of one. */
export const CRVideo_ClearUserAttrs = (uids, options, cookie) =>
  changeAttrs('ClearUserAttrs', cookie, options, () => ({ uids: texts(typeof uids === 'string' ? [uids] : uids, 'uids') }), cleared);
export const CRVideo_ClearAllUserAttrs = (options, cookie) => changeAttrs('ClearAllUserAttrs', cookie, options, () => ({ all: true }), cleared);

export const CRVideo_GetMeetingAttrsSuccess = slot('GetMeetingAttrsSuccess');
export const CRVideo_GetMeetingAttrsFail = slot('GetMeetingAttrsFail');
export const CRVideo_GetMeetingAllAttrsSuccess = slot('GetMeetingAllAttrsSuccess');
export const CRVideo_GetMeetingAllAttrsFail = slot('GetMeetingAllAttrsFail');
export const CRVideo_SetMeetingAttrsRslt = slot('SetMeetingAttrsRslt');
export const CRVideo_AddOrUpdateMeetingAttrsRslt = slot('AddOrUpdateMeetingAttrsRslt');
export const CRVideo_DelMeetingAttrsRslt = slot('DelMeetingAttrsRslt');
export const CRVideo_ClearMeetingAttrsRslt = slot('ClearMeetingAttrsRslt');
export const CRVideo_GetUserAttrsSuccess = slot('GetUserAttrsSuccess');
export const CRVideo_GetUserAttrsFail = slot('GetUserAttrsFail');
export const CRVideo_SetUserAttrsRslt = slot('SetUserAttrsRslt');
export const CRVideo_AddOrUpdateUserAttrsRslt = slot('AddOrUpdateUserAttrsRslt');
export const CRVideo_DelUserAttrsRslt = slot('DelUserAttrsRslt');
export const CRVideo_ClearUserAttrsRslt = slot('ClearUserAttrsRslt');
export const CRVideo_ClearAllUserAttrsRslt = slot('ClearAllUserAttrsRslt');
export const CRVideo_NotifyMeetingAttrsChanged = slot('NotifyMeetingAttrsChanged');
export const CRVideo_NotifyUserAttrsChanged = slot('NotifyUserAttrsChanged');

addGroup({
  inRoom: {
    attrsChanged({ uid, adds, updates, delKeys, by }) {
      if (by !== client?.uid) rewroteAttrs(uid ?? '', [...Object.keys(adds ?? {}), ...Object.keys(updates ?? {}), ...delKeys ?? []]);
      const what = [meetingAttrs(adds), meetingAttrs(updates), delKeys ?? []];
      if (uid) emit('NotifyUserAttrsChanged', uid, ...what);
      else emit('NotifyMeetingAttrsChanged', ...what);
    },
    memberEntered: ({ member }) => restoreAttrs([member.uid]),
    memberLeft: ({ uid }) => forgetAttrs(uid),
  },
  entered(room, result, again) {
    if (again) restoreAttrs(['', ...result.members.map((m) => m.uid)], result.epoch);
    else forgetAttrs(null, result.epoch);
  },
});
