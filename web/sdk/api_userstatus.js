// Who can be called, and whether we want to be.
import { here, tell } from './current.js';
import { Code, CRError } from './errors.js';
import { emit, slot } from './events.js';
import { addGroup } from './groups.js';

const comebackTime = 5000; // ms in which users come back after a restart of the server

let dnd = 0;
let statuses = null; // while we watch: the last status by UID
let comparing = 0; // timer

const userStatus = ({ uid, status, dnd: DNDType }) => ({ UID: uid, userStatus: status ?? 0, DNDType: DNDType ?? 0 });

/** toldStatus tells of a status that is not known yet. */
function toldStatus(status) {
  const text = JSON.stringify(status);
  if (!statuses || statuses.get(status.UID) === text) return;
  statuses.set(status.UID, text);
  emit('NotifyUserStatus', status);
}

async function everybody(c) {
  const users = [];
  for (let after = ''; ;) {
    const got = await c.request('getUserStatus', { after: after || undefined });
    users.push(...(got.users ?? []).map(userStatus));
    if (!got.more || !(users.at(-1)?.UID > after)) return users;
    after = users.at(-1).UID; // more than fits into one message
  }
}

function readStatus(promise, cookie) {
  tell(promise, (users) => emit('GetUserStatusSuccess', users, cookie), (code) => emit('GetUserStatusFail', code, cookie));
}

/** CRVideo_GetUserStatus lists the users who are logged in, oneself included. */
export const CRVideo_GetUserStatus = (cookie) => readStatus(here().then(everybody), cookie);

/** CRVideo_GetOneUserStatus tells of one; somebody unknown is offline. */
export const CRVideo_GetOneUserStatus = (UID, cookie) => readStatus(here().then(async (c) => {
  if (!UID) throw new CRError(Code.BadParameter, 'UID is empty');
  return ((await c.request('getUserStatus', { uid: String(UID) })).users ?? []).map(userStatus);
}), cookie);

/** CRVideo_SetDNDStatus tells whether calls and invitations are welcome: 0 they are. It holds until the end of the login. */
export function CRVideo_SetDNDStatus(DNDStatus, cookie) {
  tell(here().then(async (c) => {
    await c.request('setDND', { dnd: Number(DNDStatus) });
    dnd = Number(DNDStatus);
  }), () => emit('SetDNDStatusSuccess', cookie), (code) => emit('SetDNDStatusFail', code, cookie));
}

function watchStatus(name, on, cookie) {
  tell(here().then(async (c) => {
    await c.request('watchUserStatus', { on });
    statuses = on ? new Map() : null;
  }), () => emit(name, 0, cookie), (code) => emit(name, code, cookie));
}

export const CRVideo_StartUserStatusNotify = (cookie) => watchStatus('StartUserStatusNotifyRslt', true, cookie);
export const CRVideo_StopUserStatusNotify = (cookie) => watchStatus('StopUserStatusNotifyRslt', false, cookie);

export const CRVideo_GetUserStatusSuccess = slot('GetUserStatusSuccess');
export const CRVideo_GetUserStatusFail = slot('GetUserStatusFail');
export const CRVideo_SetDNDStatusSuccess = slot('SetDNDStatusSuccess');
export const CRVideo_SetDNDStatusFail = slot('SetDNDStatusFail');
export const CRVideo_StartUserStatusNotifyRslt = slot('StartUserStatusNotifyRslt');
export const CRVideo_StopUserStatusNotifyRslt = slot('StopUserStatusNotifyRslt');
export const CRVideo_NotifyUserStatus = slot('NotifyUserStatus');

/** compareStatuses tells, once all have had the time to come back to a restarted server, whose status is another one than before. */
async function compareStatuses(c) {
  const now = await everybody(c);
  const there = new Set(now.map((s) => s.UID));
  for (const status of now) if (statuses?.has(status.UID)) toldStatus(status);
  for (const UID of statuses?.keys() ?? []) if (!there.has(UID)) toldStatus({ UID, userStatus: 0, DNDType: 0 });
}

addGroup({
  on: { userStatus: (p) => toldStatus(userStatus(p)) },
  renewed(c) {
    const again = (method, params) => { c.request(method, params, { bound: true }).catch(() => {}); };
    if (dnd) again('setDND', { dnd });
    if (!statuses) return;
    again('watchUserStatus', { on: true });
    clearTimeout(comparing);
    comparing = setTimeout(() => { compareStatuses(c).catch(() => {}); }, comebackTime);
  },
  ended() {
    clearTimeout(comparing);
    [dnd, statuses] = [0, null];
  },
});
