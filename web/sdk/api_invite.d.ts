import type { Cookie, Event, MeetInfo } from './api.js';

// Invitations to the room that one is in; nobody answering for 30 s ends one. Reasons: empty (a person said so), timeout, offline, or
// lost (a server that was restarted has forgotten it)
export function CRVideo_Invite(invitedUserID: string, userExtDat?: string, cookie?: Cookie): void;
export function CRVideo_AcceptInvite(inviteID: string, userExtDat?: string, cookie?: Cookie): void; // does not enter the room
export function CRVideo_RejectInvite(inviteID: string, userExtDat?: string, cookie?: Cookie): void;
export function CRVideo_CancelInvite(inviteID: string, userExtDat?: string, cookie?: Cookie): void;
export const CRVideo_InviteSuccess: Event<[inviteID: string, cookie: Cookie]>; // the other one has been told
export const CRVideo_InviteFail: Event<[inviteID: string, sdkErr: number, cookie: Cookie]>;
export const CRVideo_AcceptInviteSuccess: Event<[inviteID: string, cookie: Cookie]>;
export const CRVideo_AcceptInviteFail: Event<[inviteID: string, sdkErr: number, cookie: Cookie]>;
export const CRVideo_RejectInviteSuccess: Event<[inviteID: string, cookie: Cookie]>;
export const CRVideo_RejectInviteFail: Event<[inviteID: string, sdkErr: number, cookie: Cookie]>;
export const CRVideo_CancelInviteSuccess: Event<[inviteID: string, cookie: Cookie]>;
export const CRVideo_CancelInviteFail: Event<[inviteID: string, sdkErr: number, cookie: Cookie]>;
export const CRVideo_NotifyInviteIn: Event<[inviteID: string, inviterUserID: string, userExtDat: string, room: MeetInfo]>; // ID 0: in no room
export const CRVideo_NotifyInviteAccepted: Event<[inviteID: string, userExtDat: string]>;
export const CRVideo_NotifyInviteRejected: Event<[inviteID: string, reason: string, userExtDat: string]>;
export const CRVideo_NotifyInviteCanceled: Event<[inviteID: string, reason: string, userExtDat: string]>;
