// Types of crvideo.mjs, and of the globals of crvideo.js; each further group of the API adds its own. Times are milliseconds, rates kbit/s. `sdkErr` and `code` are CRVideo
// error codes, 0 being none; promises are rejected with such a code.

export type Status = 0 | 1 | 2 | 3 | 4; // unknown, no device, closed, open, opening
export type Cookie = unknown; // stays in the page and comes back in the result event

export interface SDKParams {
  isHttp?: boolean; // ws instead of wss for an address without a scheme; default: only for loopback
  timeout?: number; // server timeout, 10000 to 120000; default 60000
  videoSendBW?: number; // most that the camera sends in its largest size; default 2048
  iceServers?: RTCIceServer[]; // default none
  audioSlots?: number; // members heard before the connection is negotiated again; default 8
  videoSlots?: number; // cameras shown before that; default 4
  videoCodec?: 'video/H264' | 'video/VP8' | 'video/VP9' | 'video/AV1'; // of one's own camera; default H264
  refuseRemoteOpen?: boolean; // others cannot open our devices; default false
  [other: string]: unknown; // CRVideo's further parameters are taken and ignored
}

export interface MeetInfo { ID: number; pswd: string; subject: string; pubMeetUrl: string }
export interface CreateParams { meetSubject?: string; pswd?: string; needPswd?: 0 | 1 | boolean; isRegular?: 0 | 1 | boolean }
// recentMessages: how many of the messages from before are wanted, at most 100; default none
export interface EnterOptions { password?: string; noAudio?: boolean; recentMessages?: number }
export interface MemberInfo { UID: string; nickname: string; audioStatus: Status; videoStatus: Status }
// deviceId is the browser's own name of a device of this machine, empty before the user has allowed to use it.
export interface VideoInfo { UID: string; videoID: number; videoName: string; deviceId?: string }
export interface MicInfo { micID: number; micName: string; deviceId: string }
export interface SpeakerInfo { speakerID: number; speakerName: string; deviceId: string }
export interface AudioCfg {
  micID: number; speakerID: number; // -1: the default one
  autoGainControl: boolean; echoCancellation: boolean; noiseSuppression: boolean;
  micVolume: number; // per cent, 0 to 1000; other values than 0 and 100 only without autoGainControl
  redundancy: number; // 0, 1 or 2: each packet of sound repeats earlier ones (RED; a browser decides how many), from the next entering on; default 0
  sendSilence: boolean; // send 50 packets a second in pauses, too, from the next entering on; default: a few (Opus DTX)
}
export interface VideoCfg {
  size: number; // 1 360, 2 480, 3 720, 4 1080 lines; 5 to 15 as CRVideo has them
  fps: number; // 1 to 30
  ratio: number; // 1 16:9, 2 4:3, 3 1:1, 4 3:4, 5 9:16
  aspectRatio?: number; // instead of ratio
  maxKbps?: number; // default: what the size needs
}

/** Event is the slot of an event. The last callback set counts; null takes it away. */
export interface Event<A extends unknown[]> { callback: ((...args: A) => void) | null }

/** VideoObj shows a camera of a member. Sizes and positions are CSS lengths, or numbers of pixels; without a value they tell. */
export interface VideoObj {
  id(id?: string): string;
  width(value?: string | number): string;
  height(value?: string | number): string;
  left(value?: string | number): string;
  top(value?: string | number): string;
  show(): void;
  hide(): void;
  handler(): HTMLElement; // to be put into the page
  setVideo(UID: string, camID?: number): void; // -1, the default: the member's default camera
  getVideoID(): { UID: string; userID: string; videoID: number; camID: number };
  clear(): void;
  isPicEmpty(): boolean;
  setNickNameStyle(style: string | Partial<CSSStyleDeclaration>): void;
  setNickNameContent(content: string): void; // empty: the nickname
  setVisibleNickName(visible: boolean): void;
  getVisibleNickName(): boolean;
  dblClickFullScreen(on: boolean): void;
  savePic(fileName?: string): boolean; // false without a picture
  savePicToBase64(format?: 'png' | 'jpeg' | 'webp' | string): string; // a data URL, empty without a picture
  destroy(): void;
}

export const CRVideo_ERR_DEF: Readonly<Record<string, number>>;

// Basics
export function CRVideo_Init(params?: SDKParams): Promise<void>;
export function CRVideo_Uninit(): void;
export function CRVideo_GetSDKVersion(): string;
export function CRVideo_WriteLog(text: string): void;
export function CRVideo_SetSDKParams(params: SDKParams): void; // holds from the next login and entry
export function CRVideo_SetServerAddr(address: string): void; // host, host:port, or a ws, wss, http or https URL

// Login
export function CRVideo_Login(appID: string, appSecretMD5: string, nickname: string, UID: string, userAuthCode?: string, cookie?: Cookie): void;
export function CRVideo_LoginByToken(token: string, nickname: string, UID: string, userAuthCode?: string, cookie?: Cookie): void;
export function CRVideo_UpdateToken(token: string): Promise<void>;
export function CRVideo_Logout(): void;
export const CRVideo_LoginSuccess: Event<[UID: string, cookie: Cookie]>;
export const CRVideo_LoginFail: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_NotifyTokenWillExpire: Event<[]>;
export const CRVideo_UpdateTokenRslt: Event<[sdkErr: number]>;
export const CRVideo_LineOff: Event<[sdkErr: number]>;

// Rooms
export function CRVideo_CreateMeeting(params?: CreateParams | string, cookie?: Cookie): void;
export function CRVideo_CreateMeeting2(cookie?: Cookie): void;
export function CRVideo_DestroyMeeting(meetID: number, cookie?: Cookie): void;
export function CRVideo_EnterMeeting3(meetID: number, cookie?: Cookie, options?: EnterOptions): void;
export function CRVideo_ExitMeeting(): void;
export function CRVideo_GetMeetInfo(): MeetInfo | null;
export function CRVideo_Kickout(UID: string): Promise<void>;
export function CRVideo_StopMeeting(): Promise<void>; // ends the meeting for everybody
export const CRVideo_CreateMeetingSuccess: Event<[info: MeetInfo, cookie: Cookie]>;
export const CRVideo_CreateMeetingFail: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_DestroyMeetingRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_EnterMeetingRslt: Event<[sdkErr: number, cookie: Cookie]>;
export const CRVideo_UserEnterMeeting: Event<[UID: string]>;
export const CRVideo_UserLeftMeeting: Event<[UID: string, reason: 'exit' | 'kick' | 'extrude' | 'timeout']>;
export const CRVideo_MeetingDropped: Event<[code: number]>;
export const CRVideo_MeetingStopped: Event<[]>;
export const CRVideo_NotifyMeetEnded: Event<[meetID: number, by: string]>;

// Members
export function CRVideo_GetAllMembers(): MemberInfo[];
export function CRVideo_GetMemberInfo(UID?: string): MemberInfo | null;
export function CRVideo_GetMemberNickName(UID: string): string;
export function CRVideo_IsUserInMeeting(UID: string): boolean;
export function CRVideo_SetNickName(UID: string, newName: string): Promise<void>;
export const CRVideo_NotifyNickNameChanged: Event<[UID: string, oldName: string, newName: string]>;

// What a room sees together
export function CRVideo_GetMainVideo(): string; // a UID, or empty
export function CRVideo_SetMainVideo(UID?: string): Promise<void>;
export function CRVideo_GetMainVideoMode(): 0 | 1 | 2 | 3; // in no room, who speaks, the presenter, one member
export function CRVideo_SetMainVideoMode(mode: 1 | 2 | 3, UID?: string): Promise<void>;
export function CRVideo_SwitchToPage(mainPage: number, subPage?: string): Promise<void>;
export function CRVideo_GetCurrentMainPage(): number;
export function CRVideo_GetCurrentSubPage(): string;
export const CRVideo_NotifyMainVideoChanged: Event<[UID: string]>;
export const CRVideo_NotifyMainVideoModeChanged: Event<[mode: number]>;
export const CRVideo_NotifySwitchToPage: Event<[mainPage: number, subPage: string]>;

// Sound
export function CRVideo_GetAudioMicNames(): MicInfo[];
export function CRVideo_GetAudioSpkNames(): SpeakerInfo[];
export function CRVideo_GetAudioCfg(): AudioCfg;
export function CRVideo_SetAudioCfg(cfg: Partial<AudioCfg>): Promise<void>;
export function CRVideo_OpenMic(UID?: string): void;
export function CRVideo_CloseMic(UID?: string): void;
export function CRVideo_SetAllAudioClose(): void; // everybody's
export function CRVideo_GetAudioStatus(UID?: string): Status;
export function CRVideo_GetMicEnergy(UID?: string): number; // 0 to 10
export function CRVideo_PauseSpeaker(): void;
export function CRVideo_PlaySpeaker(): void;
export const CRVideo_AudioStatusChanged: Event<[UID: string, oldStatus: Status, newStatus: Status]>;
export const CRVideo_MicEnergyUpdate: Event<[UID: string, oldLevel: number, newLevel: number]>;
export const CRVideo_MicDeviceChanged: Event<[]>;
export const CRVideo_OpenMicFailed: Event<[errDesc: string, code: number]>;
export const CRVideo_NotifyAutoPlayFailed: Event<[]>; // CRVideo_PlaySpeaker after a click starts the sound

// Pictures
// A view receives the size in which it is shown, and nothing while nobody sees it; one that was never in the page, the largest.
export function CRVideo_CreatVideoObj(params?: { id?: string; width?: string | number; height?: string | number; isVisibleNickName?: boolean }): VideoObj;
export function CRVideo_GetVideoCfg(): VideoCfg;
export function CRVideo_SetVideoCfg(cfg: Partial<VideoCfg>): Promise<void>;
export function CRVideo_GetVideoStatus(UID?: string): Status;
export function CRVideo_GetDefaultVideo(UID?: string): number;
export function CRVideo_SetDefaultVideo(UID: string, videoID: number): Promise<void>;
export function CRVideo_GetAllVideoInfo(UID?: string): VideoInfo[];
export function CRVideo_GetOpenedVideoIDs(UID?: string): number[];
export function CRVideo_OpenVideo(UID?: string): void;
export function CRVideo_CloseVideo(UID?: string): void;
export function CRVideo_AddStreamCam(videoStream: MediaStream, videoName: string): number;
export function CRVideo_RemoveStreamVideo(videoID: number): void;
export function CRVideo_AddCanvasVCam(canvas: HTMLCanvasElement, videoName: string, options?: { fps?: number }): number;
export function CRVideo_RemoveCanvasVCam(videoID: number): void;
export const CRVideo_VideoDevChanged: Event<[UID: string]>;
export const CRVideo_DefVideoChanged: Event<[UID: string, videoID: number]>;
export const CRVideo_VideoStatusChanged: Event<[UID: string, oldStatus: Status, newStatus: Status]>;
export const CRVideo_OpenVideoFailed: Event<[errDesc: string, code: number]>;
export const CRVideo_OpenVideoTimeout: Event<[]>;

// Network
export const CRVideo_PeerConnectionError: Event<[errDesc: string]>; // no media, and none to be had: CRVideo_MeetingDropped follows
export const CRVideo_NetStateChanged: Event<[score: number]>; // 0 to 10

// Not of CRVideo's API
export function CRVideo_LockRoom(locked: boolean): Promise<void>; // a locked room lets nobody in any more: code 804
export function CRVideo_IsRoomLocked(): boolean;
export const CRVideo_NotifyRoomLocked: Event<[locked: boolean]>;
export function CRVideo_GetNetScore(UID?: string): number; // of what comes from a member, 0 to 10; -1 unknown
export function CRVideo_GetStats(): Promise<RTCStatsReport | Map<never, never>>;
export const CRVideo_LinkStateChanged: Event<[up: boolean]>; // the connection to the server was lost, or is back
export const CRVideo_NotifyMediaConnected: Event<[]>; // media has found a path, the first time or again
