import type { Cookie, Event } from './api.js';

// Who can be called
export interface UserStatus {
  UID: string;
  userStatus: 0 | 1 | 2 | 3; // offline, idle, in a call, in a room
  DNDType: number; // 0: calls are welcome
}
export function CRVideo_GetUserStatus(cookie?: Cookie): void; // of all who are logged in
export function CRVideo_GetOneUserStatus(UID: string, cookie?: Cookie): void;
export function CRVideo_SetDNDStatus(DNDStatus: number, cookie?: Cookie): void; // 0, or up to 255: calls and invitations are refused with 606
export function CRVideo_StartUserStatusNotify(cookie?: Cookie): void;
export function CRVideo_StopUserStatusNotify(cookie?: Cookie): void;
export const CRVideo_GetUserStatusSuccess: Event<[userStatusArr: UserStatus[], cookie: Cookie]>;
export const CRVideo_GetUserStatusFail: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_SetDNDStatusSuccess: Event<[cookie: Cookie]>;
export const CRVideo_SetDNDStatusFail: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_StartUserStatusNotifyRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_StopUserStatusNotifyRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_NotifyUserStatus: Event<[CRVideo_UserStatus: UserStatus]>;
