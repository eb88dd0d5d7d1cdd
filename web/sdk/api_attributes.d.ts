import type { Cookie, Event } from './api.js';

// Attributes of the room and of its members: a room has at most 128, and 128 KiB of them, a member 128, and 64 KiB; a key is 1 to 64
// bytes, a value at most 8 KiB. A member's end when it leaves.
export interface MeetingAttr { value: string; lastModifyUserID: string; lastModifyTs: number } // seconds since 1970
export type MeetingAttrs = Record<string, MeetingAttr>; // by key
export type UserAttrs = Record<string, MeetingAttrs>; // by UID
export type AttrValues = Record<string, string> | string; // by key; as an object or its JSON
export type MeetingAttrOptions = { notifyAll?: 0 | 1 | boolean } | string; // tell everybody in the room; default nobody
export function CRVideo_GetMeetingAttrs(keys: string[], cookie?: Cookie): void; // those of the keys that there are
export function CRVideo_GetMeetingAllAttrs(cookie?: Cookie): void;
export function CRVideo_SetMeetingAttrs(attrs: AttrValues, options?: MeetingAttrOptions, cookie?: Cookie): void; // removes all others
export function CRVideo_AddOrUpdateMeetingAttrs(attrs: AttrValues, options?: MeetingAttrOptions, cookie?: Cookie): void;
export function CRVideo_DelMeetingAttrs(keys: string[], options?: MeetingAttrOptions, cookie?: Cookie): void;
export function CRVideo_ClearMeetingAttrs(options?: MeetingAttrOptions, cookie?: Cookie): void;
export function CRVideo_GetUserAttrs(uids: string[] | string, keys?: string[], cookie?: Cookie): void; // at most 50 members; no keys: all
export function CRVideo_SetUserAttrs(UID: string, attrs: AttrValues, options?: MeetingAttrOptions, cookie?: Cookie): void;
export function CRVideo_AddOrUpdateUserAttrs(UID: string, attrs: AttrValues, options?: MeetingAttrOptions, cookie?: Cookie): void;
export function CRVideo_DelUserAttrs(UID: string, keys: string[], options?: MeetingAttrOptions, cookie?: Cookie): void;
export function CRVideo_ClearUserAttrs(uids: string[] | string, options?: MeetingAttrOptions, cookie?: Cookie): void;
export function CRVideo_ClearAllUserAttrs(options?: MeetingAttrOptions, cookie?: Cookie): void;
export const CRVideo_GetMeetingAttrsSuccess: Event<[attrs: MeetingAttrs, cookie: Cookie]>;
export const CRVideo_GetMeetingAttrsFail: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_GetMeetingAllAttrsSuccess: Event<[attrs: MeetingAttrs, cookie: Cookie]>;
export const CRVideo_GetMeetingAllAttrsFail: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_SetMeetingAttrsRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_AddOrUpdateMeetingAttrsRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_DelMeetingAttrsRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_ClearMeetingAttrsRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_GetUserAttrsSuccess: Event<[attrsMap: UserAttrs, cookie: Cookie]>;
export const CRVideo_GetUserAttrsFail: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_SetUserAttrsRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_AddOrUpdateUserAttrsRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_DelUserAttrsRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_ClearUserAttrsRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_ClearAllUserAttrsRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_NotifyMeetingAttrsChanged: Event<[adds: MeetingAttrs, updates: MeetingAttrs, delKeys: string[]]>;
export const CRVideo_NotifyUserAttrsChanged: Event<[UID: string, adds: MeetingAttrs, updates: MeetingAttrs, delKeys: string[]]>;
