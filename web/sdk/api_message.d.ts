import type { Cookie, Event } from './api.js';

// Messages to everybody in the room, oneself included: at most 8 KiB; all see all in one order
export function CRVideo_SendMeetingCustomMsg(stringMsg: string, cookie?: Cookie): void;
export const CRVideo_SendMeetingCustomMsgRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_NotifyMeetingCustomMsg: Event<[UID: string, stringMsg: string, recent: boolean]>; // recent: from before we entered
