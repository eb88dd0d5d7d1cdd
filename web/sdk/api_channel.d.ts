import type { Cookie, Event } from './api.js';

// The transparent channel: from user to user, in a room or not. Calls give the taskID of their events.
export function CRVideo_SendCmd(UID: string, data: string, cookie?: Cookie): string; // at most 64 KiB
export function CRVideo_SendBuffer(UID: string, data: string | ArrayBuffer | ArrayBufferView | Blob, cookie?: Cookie): string; // at most 100 MiB
export function CRVideo_SendFile(UID: string, file: File | Blob, cookie?: Cookie): string;
export function CRVideo_CancelSend(taskID: string): void; // whoever sends it: both sides get 1204
export const CRVideo_SendCmdRslt: Event<[taskID: string, sdkErr: number, cookie: Cookie]>; // 1100 too large, 1102 not logged in
export const CRVideo_SendBufferRslt: Event<[taskID: string, sdkErr: number, cookie: Cookie]>; // 0 the other one has it; 603, 604, 606, 1101, 1102, 1204
export const CRVideo_SendFileRslt: Event<[taskID: string, sdkErr: number, cookie: Cookie]>;
export const CRVideo_SendProgress: Event<[taskID: string, sendedLenth: number, totalLenth: number, cookie: Cookie]>; // at most ten times a second
export const CRVideo_NotifyCmdData: Event<[UID: string, data: string]>;
export const CRVideo_NotifyBufferData: Event<[UID: string, data: string, buffer: ArrayBuffer]>; // without a callback senders are refused
export const CRVideo_NotifyFileData: Event<[UID: string, fileBuffer: ArrayBuffer, fileName: string]>; // at most 100 MiB
