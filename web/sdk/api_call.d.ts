import type { Cookie, Event, MeetInfo } from './api.js';

// Calls: of two users, in a room or not. A call that nobody answers for 30 s ends. userExtDat: at most 8 KiB for the other page
export function CRVideo_Call(calledUID: string, MeetInfoObj?: Partial<MeetInfo> | null, userExtDat?: string, cookie?: Cookie): void;
export function CRVideo_AcceptCall(callID: string, MeetInfoObj?: Partial<MeetInfo> | null, userExtDat?: string, cookie?: Cookie): void;
export function CRVideo_RejectCall(callID: string, userExtDat?: string, cookie?: Cookie): void;
export function CRVideo_HangupCall(callID: string, userExtDat?: string, cookie?: Cookie): void;
export const CRVideo_CallSuccess: Event<[callID: string, cookie: Cookie]>; // it rings there
export const CRVideo_CallFail: Event<[callID: string, sdkErr: number, cookie: Cookie]>; // 601 in a call, 602 busy, 603 offline, 606 do not disturb
export const CRVideo_AcceptCallSuccess: Event<[callID: string, cookie: Cookie]>;
export const CRVideo_AcceptCallFail: Event<[callID: string, sdkErr: number, cookie: Cookie]>;
export const CRVideo_RejectCallSuccess: Event<[callID: string, cookie: Cookie]>;
export const CRVideo_RejectCallFail: Event<[callID: string, sdkErr: number, cookie: Cookie]>;
export const CRVideo_HangupCallSuccess: Event<[callID: string, cookie: Cookie]>;
export const CRVideo_HangupCallFail: Event<[callID: string, sdkErr: number, cookie: Cookie]>;
export const CRVideo_NotifyCallIn: Event<[callID: string, MeetInfoObj: MeetInfo, callerID: string, userExtDat: string]>;
export const CRVideo_NotifyCallAccepted: Event<[callID: string, MeetInfoObj: MeetInfo, userExtDat: string]>;
export const CRVideo_NotifyCallRejected: Event<[callID: string, sdkErr: number, userExtDat: string]>; // 606 refused, 604 no answer, 603 gone, 1201 forgotten by a restarted server
export const CRVideo_NotifyCallHangup: Event<[callID: string, userExtDat: string]>;
