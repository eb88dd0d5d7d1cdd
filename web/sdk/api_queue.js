// Queues of a call centre, for customers and agents.
import { client, here, tell } from './current.js';
import { Code, CRError } from './errors.js';
import { emit, slot } from './events.js';
import { addGroup } from './groups.js';
import { currentCall, talksTo } from './rings.js';

let queues = null; // the list, by priority; null before CRVideo_InitQueueDat
let queueStates = new Map(); // as last told, by queue
let serving = new Map(); // our priority, by queue
let assignedUser = null; // {queID, uid} of the customer that we have
let queuing = null; // where we wait: queID, data, ticket, position, since

const queStatus = ({ queID, agents, waiting, serving: srv_num }) => ({ queID, agent_num: agents, wait_num: waiting, srv_num });
const queUser = ({ queID, uid, nickname, waitedMs, data }) =>
  ({ queID, UID: uid, nickname, queuingTime: Math.floor(waitedMs / 1000), usrExtDat: data ?? '' });

/** toldQueue tells how a queue is, if that is not known yet. */
function toldQueue(status) {
  const text = JSON.stringify(status);
  if (queueStates.get(status.queID) === text) return;
  queueStates.set(status.queID, text);
  emit('QueueStatusChanged', status);
}

function setQueues(list) {
  queues = list.map(({ queID, prio, name, desc }) => ({ queID, prio, name: name ?? '', desc: desc ?? '' }));
  for (const queID of [...serving.keys()]) if (!queues.some((q) => q.queID === queID)) serving.delete(queID);
}

/** queuesChanged takes the new list of queues, of which some may be gone. */
function queuesChanged({ queues: list, status }) {
  setQueues(list);
  status.map(queStatus).forEach(toldQueue);
  for (const queID of [...queueStates.keys()]) {
    if (status.some((s) => s.queID === queID)) continue;
    toldQueue(queStatus({ queID, agents: 0, waiting: 0, serving: 0 }));
    queueStates.delete(queID);
  }
}

/** CRVideo_InitQueueDat asks for the queues; from then on CRVideo_QueueStatusChanged tells how they are. */
export const CRVideo_InitQueueDat = (cookie) => tell(here().then(async (c) => {
  const got = await c.request('initQueues');
  setQueues(got.queues);
  queueStates = new Map(got.status.map((s) => [s.queID, JSON.stringify(queStatus(s))]));
}), () => emit('InitQueueDatRslt', 0, cookie), (code) => emit('InitQueueDatRslt', code, cookie));

export const CRVideo_GetAllQueueInfo = () => (queues ?? []).map((q) => ({ ...q }));

/** CRVideo_RefreshAllQueueStatus has CRVideo_QueueStatusChanged tell how every queue is. */
export const CRVideo_RefreshAllQueueStatus = (nolog) => tell(here().then((c) => c.request('getQueueStatus')), ({ status }) => {
  for (const s of status) {
    queueStates.delete(s.queID);
    toldQueue(queStatus(s));
  }
}, (code) => { if (!nolog) console.warn('crvideo: the status of the queues could not be refreshed:', code); });

export const CRVideo_GetQueueStatus = (queID, cookie) => tell(here().then(async (c) => {
  if (!(Number(queID) > 0)) throw new CRError(Code.BadQueue, 'bad queue ID');
  return queStatus((await c.request('getQueueStatus', { queID: Number(queID) })).status[0]);
}), (status) => emit('GetQueueStatusRslt', status, 0, cookie),
(code) => emit('GetQueueStatusRslt', { queID: Number(queID) || 0, agent_num: 0, wait_num: 0, srv_num: 0 }, code, cookie));

// A customer

export const CRVideo_StartQueuing = (queID, usrExtDat, cookie) => tell(here().then(async (c) => {
  const data = usrExtDat ? String(usrExtDat) : undefined;
  const { ticket } = await c.request('startQueuing', { queID: Number(queID), data });
  if (queuing?.queID !== Number(queID)) queuing = { queID: Number(queID), position: 0, since: Date.now() };
  Object.assign(queuing, { data, ticket });
}), () => emit('StartQueuingRslt', 0, cookie), (code) => emit('StartQueuingRslt', code, cookie));

export const CRVideo_StopQueuing = (cookie) => tell(here().then(async (c) => {
  await c.request('stopQueuing');
  queuing = null;
}), () => emit('StopQueuingRslt', 0, cookie), (code) => emit('StopQueuingRslt', code, cookie));

/** CRVideo_GetQueuingInfo tells where we wait: position 0 is an agent's who is going to call, queID 0 nowhere. */
export const CRVideo_GetQueuingInfo = () => (queuing
  ? { queID: queuing.queID, position: queuing.position, queuingTime: Math.max(0, Math.floor((Date.now() - queuing.since) / 1000)) }
  : { queID: 0, position: 0, queuingTime: 0 });

function placed({ queID, position, waitedMs }) {
  if (queID) queuing = { data: undefined, ticket: undefined, ...(queuing?.queID === queID && queuing), queID, position, since: Date.now() - waitedMs };
  else queuing = null;
  emit('QueuingInfoChanged', CRVideo_GetQueuingInfo());
}

// An agent

export const CRVideo_StartService = (queID, priority, cookie) => tell(here().then(async (c) => {
  await c.request('startService', { queID: Number(queID), priority: Number(priority) || 0 });
  serving.set(Number(queID), Number(priority) || 0);
}), () => emit('StartServiceRslt', queID, 0, cookie), (code) => emit('StartServiceRslt', queID, code, cookie));

export const CRVideo_StopService = (queID, cookie) => tell(here().then(async (c) => {
  await c.request('stopService', { queID: Number(queID) });
  serving.delete(Number(queID));
}), () => emit('StopServiceRslt', queID, 0, cookie), (code) => emit('StopServiceRslt', queID, code, cookie));

export const CRVideo_GetServingQueues = () => [...serving.keys()].sort((a, b) => a - b);

/** CRVideo_ReqAssignUser asks for a customer, who is accepted by that. */
export const CRVideo_ReqAssignUser = (cookie) => tell(here().then(async (c) => {
  const user = await c.request('reqAssign');
  assignedUser = { queID: user.queID, uid: user.uid };
  return queUser(user);
}), (user) => emit('ReqAssignUserRslt', 0, user, cookie), (code) => emit('ReqAssignUserRslt', code, null, cookie));

const answerAssign = (method, queID, UID, cookie) => tell(here().then(async (c) => {
  const p = { queID: Number(queID), uid: String(UID ?? '') };
  await c.request(method, p);
  if (method === 'rejectAssign') dropUser(p);
}), () => emit('ResponseAssignUserRslt', 0, cookie), (code) => emit('ResponseAssignUserRslt', code, cookie));

export const CRVideo_AcceptAssignUser = (queID, UID, cookie) => answerAssign('acceptAssign', queID, UID, cookie);
export const CRVideo_RejectAssignUser = (queID, UID, cookie) => answerAssign('rejectAssign', queID, UID, cookie);

/** dropUser forgets a customer; false: it is not ours. */
function dropUser({ queID, uid }) {
  const ours = assignedUser?.queID === queID && assignedUser.uid === uid;
  if (ours) assignedUser = null;
  return ours;
}

/** CRVideo_GetSessionInfo tells of the call that we are in. */
export const CRVideo_GetSessionInfo = () => currentCall();

export const CRVideo_InitQueueDatRslt = slot('InitQueueDatRslt');
export const CRVideo_QueueStatusChanged = slot('QueueStatusChanged');
export const CRVideo_GetQueueStatusRslt = slot('GetQueueStatusRslt');
export const CRVideo_QueuingInfoChanged = slot('QueuingInfoChanged');
export const CRVideo_StartQueuingRslt = slot('StartQueuingRslt');
export const CRVideo_StopQueuingRslt = slot('StopQueuingRslt');
export const CRVideo_StartServiceRslt = slot('StartServiceRslt');
export const CRVideo_StopServiceRslt = slot('StopServiceRslt');
export const CRVideo_ResponseAssignUserRslt = slot('ResponseAssignUserRslt');
export const CRVideo_AutoAssignUser = slot('AutoAssignUser');
export const CRVideo_ReqAssignUserRslt = slot('ReqAssignUserRslt');
export const CRVideo_CancelAssignUser = slot('CancelAssignUser');

/** restoreQueues tells a server that had forgotten us where we waited and what we served. */
function restoreQueues(c) {
  // one that is forgotten once more is told again then
  const again = (method, params, got, failed) => c.request(method, params, { bound: true }).then(got, (error) => { if (!error.forgotten) failed?.(); });
  if (queues) again('initQueues', undefined, queuesChanged);
  for (const [queID, priority] of serving) again('startService', { queID, priority }, undefined, () => serving.delete(queID));
  if (assignedUser && talksTo(assignedUser.uid)) {
    const user = assignedUser;
    again('restoreServing', user, undefined, () => dropUser(user));
  } else if (assignedUser) { // it is in its place again
    emit('CancelAssignUser', assignedUser.queID, assignedUser.uid);
    assignedUser = null;
  }
  if (queuing) {
    const { queID, data, ticket } = queuing;
    again('startQueuing', { queID, data, ticket }, (got) => { if (queuing?.queID === queID) queuing.ticket = got.ticket; }, () => placed({ queID: 0 }));
  }
}

addGroup({
  on: {
    queues: queuesChanged,
    queueStatus: ({ status }) => status.map(queStatus).forEach(toldQueue),
    queuingInfo: placed,
    assigned(user) {
      assignedUser = { queID: user.queID, uid: user.uid };
      emit('AutoAssignUser', queUser(user));
    },
    assignCanceled: (p) => { if (dropUser(p)) emit('CancelAssignUser', p.queID, p.uid); },
    assignEnded: dropUser,
  },
  // behind what other groups restore: calls, and that we do not want to be disturbed
  renewed: (c) => Promise.resolve().then(() => { if (client === c) restoreQueues(c); }),
  ended() {
    [queues, queueStates, serving, assignedUser, queuing] = [null, new Map(), new Map(), null, null];
  },
});
