import type { Cookie, Event } from './api.js';

// Queues: customers wait for agents
export interface QueueInfo {
  queID: number;
  prio: number; // the smaller, the sooner its customers are served
  name: string;
  desc: string;
}
export interface QueStatus {
  queID: number;
  agent_num: number; // agents who serve it
  wait_num: number; // customers who wait
  srv_num: number; // customers who have an agent
}
export interface QueUser {
  queID: number;
  UID: string;
  nickname: string;
  queuingTime: number; // s
  usrExtDat: string;
}
export interface QueuingInfo {
  queID: number; // 0: in no queue
  position: number; // from 1; 0: an agent has accepted us and is going to call
  queuingTime: number; // s
}
export interface SessionInfo {
  callID: string; // empty: in no call
  peerID: string;
  peerName: string;
  bCallAccepted: 0 | 1;
  meetingID: number;
  meetingPswd: string;
  duration: number; // s
}
export function CRVideo_InitQueueDat(cookie?: Cookie): void;
export function CRVideo_GetAllQueueInfo(): QueueInfo[];
export function CRVideo_RefreshAllQueueStatus(nolog?: boolean): void;
export function CRVideo_GetQueueStatus(queID: number, cookie?: Cookie): void;
export function CRVideo_GetSessionInfo(): SessionInfo; // of the call that we are in
export const CRVideo_InitQueueDatRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_QueueStatusChanged: Event<[QueStatus: QueStatus]>; // each at most once a second
export const CRVideo_GetQueueStatusRslt: Event<[QueStatus: QueStatus, sdkErr: number, cookie: Cookie]>;

// As a customer. usrExtDat: at most 8 KiB for the agent's page. With the acceptance of the agent's call the wait is over
export function CRVideo_StartQueuing(queID: number, usrExtDat?: string, cookie?: Cookie): void;
export function CRVideo_StopQueuing(cookie?: Cookie): void;
export function CRVideo_GetQueuingInfo(): QueuingInfo;
export const CRVideo_QueuingInfoChanged: Event<[CRVideo_QueuingInfo: QueuingInfo]>;
export const CRVideo_StartQueuingRslt: Event<[sdkErr: number, cookie: Cookie]>; // 400 no such queue, 404 waiting in another
export const CRVideo_StopQueuingRslt: Event<[sdkErr: number, cookie: Cookie]>;

// As an agent: accept or reject within 30 s who is offered, then call
export function CRVideo_StartService(queID: number, priority?: number, cookie?: Cookie): void;
export function CRVideo_StopService(queID: number, cookie?: Cookie): void;
export function CRVideo_GetServingQueues(): number[];
export function CRVideo_ReqAssignUser(cookie?: Cookie): void; // who is given is accepted
export function CRVideo_AcceptAssignUser(queID: number, UID: string, cookie?: Cookie): void;
export function CRVideo_RejectAssignUser(queID: number, UID: string, cookie?: Cookie): void;
export const CRVideo_StartServiceRslt: Event<[queID: number, sdkErr: number, cookie: Cookie]>;
export const CRVideo_StopServiceRslt: Event<[queID: number, sdkErr: number, cookie: Cookie]>;
export const CRVideo_AutoAssignUser: Event<[CRVideo_QueUser: QueUser]>;
export const CRVideo_ReqAssignUserRslt: Event<[sdkErr: number, CRVideo_QueUser: QueUser | null, cookie: Cookie]>; // 401 nobody waits, 403 no service, 601 busy
export const CRVideo_ResponseAssignUserRslt: Event<[sdkErr: number, cookie: Cookie]>; // 402 it is not ours any more
export const CRVideo_CancelAssignUser: Event<[queID: number, UID: string]>;
