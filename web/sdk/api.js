// The CRVideo names of login, rooms, members, sound and pictures; further groups have files of their own, see groups.js.
import { Client, defaultParams } from './client.js';
import { client, done, here, inRoom, me, room, setClient, tell } from './current.js';
import { defaultAudioCfg, pictureOf } from './devices.js';
import { Code, CRError, codeOf } from './errors.js';
import { emit, slot } from './events.js';
import { meetInfo } from './meetinfo.js';
import { VideoObj } from './videoobj.js';

let settings = {};
let addr = '';

export const CRVideo_ERR_DEF = Code;

export function CRVideo_Init(params) {
  if (client) return Promise.reject(Code.LoginState);
  setClient(new Client());
  CRVideo_SetSDKParams(params);
  client.addr = addr;
  return client.start().catch((error) => { setClient(null); throw codeOf(error); });
}

export function CRVideo_Uninit() {
  client?.stop();
  setClient(null);
}

export const CRVideo_GetSDKVersion = () => '0.1.0';
export const CRVideo_WriteLog = (text) => { console.info('crvideo:', text); };

export function CRVideo_SetSDKParams(params) {
  settings = { ...settings, ...params };
  if (client) client.params = { ...defaultParams, ...settings };
}

export function CRVideo_SetServerAddr(address) {
  addr = String(address ?? '');
  if (client) client.addr = addr;
}

// Login

function login(credentials, nickname, uid, userAuthCode, cookie) {
  tell(here().then((c) => c.login(credentials, nickname, uid, userAuthCode)),
    () => emit('LoginSuccess', uid, cookie), (code) => emit('LoginFail', code, cookie));
}

export const CRVideo_Login = (appID, appSecret, nickname, UID, userAuthCode, cookie) =>
  login({ appID, secretMD5: appSecret }, nickname, UID, userAuthCode, cookie);

export const CRVideo_LoginByToken = (token, nickname, UID, userAuthCode, cookie) => login({ token }, nickname, UID, userAuthCode, cookie);

export function CRVideo_UpdateToken(token) {
  return here().then((c) => c.updateToken(token)).then(() => { emit('UpdateTokenRslt', 0); }, (error) => {
    emit('UpdateTokenRslt', codeOf(error));
    throw codeOf(error);
  });
}

export const CRVideo_Logout = () => client?.logout();

// Rooms

/** CRVideo_CreateMeeting makes a room. params: meetSubject, needPswd, pswd, isRegular; a text is the subject. */
export function CRVideo_CreateMeeting(params, cookie) {
  const { meetSubject = '', pswd = '', needPswd = 0, isRegular = 0 } = typeof params === 'string' ? { meetSubject: params } : params ?? {};
  tell(here().then((c) => c.request('createMeeting', { subject: meetSubject, password: pswd, needPassword: !!needPswd, regular: !!isRegular })),
    (info) => emit('CreateMeetingSuccess', meetInfo(info), cookie), (code) => emit('CreateMeetingFail', code, cookie));
}

export const CRVideo_CreateMeeting2 = (cookie) => CRVideo_CreateMeeting({}, cookie);

export function CRVideo_DestroyMeeting(meetID, cookie) {
  tell(here().then((c) => c.request('destroyMeeting', { meetID: Number(meetID) })),
    () => emit('DestroyMeetingRslt', 0, cookie), (code) => emit('DestroyMeetingRslt', code, cookie));
}

/** CRVideo_EnterMeeting3 enters a room. options: password, noAudio. */
export function CRVideo_EnterMeeting3(meetID, cookie, options) {
  tell(here().then((c) => c.enter(meetID, options)), () => {
    emit('EnterMeetingRslt', 0, cookie);
    client?.entered();
  }, (code) => emit('EnterMeetingRslt', code, cookie));
}

export const CRVideo_ExitMeeting = () => client?.exit();
export const CRVideo_GetMeetInfo = () => (room() ? meetInfo(room().info) : null);

export const CRVideo_Kickout = (UID) => inRoom('kickout', { uid: UID });
export const CRVideo_StopMeeting = () => inRoom('stopMeeting');

// What a room sees together. The changes come back as events, to whoever made them, too.

export const CRVideo_GetMainVideo = () => room()?.state.mainVideo ?? '';
export const CRVideo_SetMainVideo = (UID) => inRoom('setMainVideo', { uid: UID ?? '' });
export const CRVideo_GetMainVideoMode = () => room()?.state.mainVideoMode ?? 0;
export const CRVideo_SetMainVideoMode = (mode, UID) => inRoom('setMainVideoMode', { mode, uid: UID ?? '' });
export const CRVideo_SwitchToPage = (mainPage, subPage) => inRoom('switchToPage', { mainPage, subPage: subPage ?? '' });
export const CRVideo_GetCurrentMainPage = () => room()?.state.mainPage ?? 0;
export const CRVideo_GetCurrentSubPage = () => room()?.state.subPage ?? '';
// Not of CRVideo's API: a locked room lets nobody in any more.
export const CRVideo_LockRoom = (locked) => inRoom('lockRoom', { locked: !!locked });
export const CRVideo_IsRoomLocked = () => !!room()?.state.locked;

// Members

const memberInfo = (m) => ({ UID: m.uid, nickname: m.nickname, audioStatus: room().audioStatus(m.uid), videoStatus: room().videoStatus(m.uid) });

export const CRVideo_GetAllMembers = () => [...(room()?.members.values() ?? [])].map(memberInfo);
export const CRVideo_IsUserInMeeting = (UID) => room()?.members.has(UID) ?? false;
export const CRVideo_GetMemberNickName = (UID) => room()?.members.get(UID)?.nickname ?? '';

export function CRVideo_GetMemberInfo(UID) {
  const m = room()?.members.get(UID || client.uid);
  return m ? memberInfo(m) : null;
}

export function CRVideo_SetNickName(UID, newName) {
  return done(here().then(async (c) => {
    const uid = UID || c.uid;
    const m = c.room?.members.get(uid);
    const old = m?.nickname;
    await c.request('setNickname', { uid, nickname: newName });
    if (me(uid) && m) {
      m.nickname = newName;
      emit('NotifyNickNameChanged', uid, old, newName);
      c.changed();
    }
  }));
}

// Sound

export const CRVideo_GetAudioMicNames = () => (client?.devices.mics ?? []).filter((d) => d.present).map((d) => ({ micID: d.id, micName: d.name, deviceId: d.deviceId }));
export const CRVideo_GetAudioSpkNames = () => (client?.devices.speakers ?? []).filter((d) => d.present).map((d) => ({ speakerID: d.id, speakerName: d.name, deviceId: d.deviceId }));
export const CRVideo_GetAudioCfg = () => ({ ...(client?.audioCfg ?? defaultAudioCfg) });

export function CRVideo_SetAudioCfg(cfg) {
  return done(here().then(async (c) => {
    const now = { ...c.audioCfg, ...cfg };
    if (!(now.micVolume >= 0 && now.micVolume <= 1000)) throw new CRError(Code.BadParameter, 'micVolume is 0 to 1000');
    if (![0, 1, 2].includes(now.redundancy)) throw new CRError(Code.BadParameter, 'redundancy is 0, 1 or 2');
    c.audioCfg = now;
    if (cfg.speakerID !== undefined) await c.room?.peer?.slots.setSink(c.devices.speaker(now.speakerID)?.deviceId ?? '');
    await c.mic.reconfigure();
  }));
}

export const CRVideo_OpenMic = (UID) => { tell(open('mic', 'openMic', UID), () => {}, (code) => emit('OpenMicFailed', `code ${code}`, code)); };
export const CRVideo_CloseMic = (UID) => close('mic', 'closeMic', UID);
export function CRVideo_SetAllAudioClose() {
  for (const m of CRVideo_GetAllMembers()) if (m.audioStatus >= 3) CRVideo_CloseMic(m.UID);
}
export const CRVideo_GetAudioStatus = (UID) => room()?.audioStatus(UID || client.uid) ?? 0;
export const CRVideo_GetMicEnergy = (UID) => room()?.energy(UID || client.uid) ?? 0;
export const CRVideo_PauseSpeaker = () => client?.setSpeaker(true);
export const CRVideo_PlaySpeaker = () => client?.setSpeaker(false);

const open = (kind, method, UID, more) => here().then((c) => {
  if (!c.room?.in) throw new CRError(Code.NoRoom, 'in no room');
  return me(UID) ? c[kind].open() : c.request(method, { uid: UID, ...more });
});

function close(kind, method, UID, more) {
  if (!room()) return;
  if (me(UID)) client[kind].close();
  else client.request(method, { uid: UID, ...more }).catch(() => {});
}

// Pictures

export const CRVideo_CreatVideoObj = (params) => {
  if (!client) throw Code.NotInit;
  return new VideoObj(client, params);
};
export const CRVideo_GetVideoCfg = () => ({ ...client?.videoCfg });

export function CRVideo_SetVideoCfg(cfg) {
  return done(here().then(async (c) => {
    const now = { ...c.videoCfg, ...cfg };
    if (cfg?.ratio && !cfg.aspectRatio) delete now.aspectRatio;
    pictureOf(now);
    c.videoCfg = now;
    await c.camera.reconfigure();
  }));
}

export const CRVideo_GetVideoStatus = (UID) => room()?.videoStatus(UID || client.uid) ?? 0;

export function CRVideo_GetDefaultVideo(UID) {
  return (me(UID) ? client?.devices.camera?.id : room()?.members.get(UID)?.defaultVideo) ?? 0;
}

export function CRVideo_SetDefaultVideo(UID, videoID) {
  return done(here().then(async (c) => {
    if (!me(UID)) {
      await c.request('setDefaultVideo', { uid: UID, videoID: Number(videoID) });
      return;
    }
    await c.useCamera(Number(videoID));
  }));
}

export function CRVideo_GetAllVideoInfo(UID) {
  const videos = me(UID) ? (client?.devices.cameras ?? []).filter((d) => d.present) : room()?.members.get(UID)?.videos ?? [];
  return videos.map((v) => ({ UID: UID || client.uid, videoID: v.id, videoName: v.name, ...(v.deviceId && { deviceId: v.deviceId }) }));
}

export function CRVideo_GetOpenedVideoIDs(UID) {
  return (room()?.members.get(UID || client.uid)?.videos ?? []).filter((v) => v.stream).map((v) => v.id);
}

export const CRVideo_OpenVideo = (UID) => { tell(open('camera', 'openVideo', UID, { videoID: -1 }), () => {}, (code) => emit('OpenVideoFailed', `code ${code}`, code)); };

/** CRVideo_CloseVideo closes a member's cameras, all that are open. */
export function CRVideo_CloseVideo(UID) {
  const open = me(UID) ? [] : CRVideo_GetOpenedVideoIDs(UID);
  for (const videoID of open.length > 0 ? open : [-1]) close('camera', 'closeVideo', UID, { videoID });
}

/** CRVideo_AddStreamCam adds a MediaStream of the application's as a camera and gives its ID, 50 or above. */
export function CRVideo_AddStreamCam(videoStream, videoName) {
  const track = videoStream?.getVideoTracks?.()[0];
  if (!client || !track) throw client ? Code.BadParameter : Code.NotInit;
  return added(videoName, () => track);
}

/** CRVideo_AddCanvasVCam adds a canvas as a camera. options: fps. */
export function CRVideo_AddCanvasVCam(canvas, videoName, options) {
  if (!client || !canvas?.captureStream) throw client ? Code.BadParameter : Code.NotInit;
  return added(videoName, ({ fps }) => canvas.captureStream(options?.fps ?? fps).getVideoTracks()[0]);
}

function added(name, openTrack) {
  const id = client.devices.addCamera(name, openTrack);
  client.devicesChanged();
  return id;
}

export function CRVideo_RemoveStreamVideo(videoID) {
  const wasOpen = client.camera.deviceID === videoID && client.camera.track;
  client.devices.removeCamera(videoID);
  if (wasOpen) {
    if (client.devices.camera) client.camera.reconfigure();
    else client.camera.close();
  }
  client.devicesChanged();
}
export const CRVideo_RemoveCanvasVCam = CRVideo_RemoveStreamVideo;

// Not of CRVideo's API: how well a member (default: oneself) gets through, 0 to 10, -1 unknown; and what WebRTC itself tells.
export const CRVideo_GetNetScore = (UID) => room()?.score(UID || client.uid) ?? -1;
export const CRVideo_GetStats = () => client?.room?.peer?.stats() ?? Promise.resolve(new Map());

// Events

export const CRVideo_LoginSuccess = slot('LoginSuccess');
export const CRVideo_LoginFail = slot('LoginFail');
export const CRVideo_NotifyTokenWillExpire = slot('NotifyTokenWillExpire');
export const CRVideo_UpdateTokenRslt = slot('UpdateTokenRslt');
export const CRVideo_LineOff = slot('LineOff');
export const CRVideo_CreateMeetingSuccess = slot('CreateMeetingSuccess');
export const CRVideo_CreateMeetingFail = slot('CreateMeetingFail');
export const CRVideo_DestroyMeetingRslt = slot('DestroyMeetingRslt');
export const CRVideo_MeetingStopped = slot('MeetingStopped');
export const CRVideo_NotifyMeetEnded = slot('NotifyMeetEnded');
export const CRVideo_EnterMeetingRslt = slot('EnterMeetingRslt');
export const CRVideo_UserEnterMeeting = slot('UserEnterMeeting');
export const CRVideo_UserLeftMeeting = slot('UserLeftMeeting');
export const CRVideo_MeetingDropped = slot('MeetingDropped');
export const CRVideo_NotifyNickNameChanged = slot('NotifyNickNameChanged');
export const CRVideo_NotifyMainVideoChanged = slot('NotifyMainVideoChanged');
export const CRVideo_NotifyMainVideoModeChanged = slot('NotifyMainVideoModeChanged');
export const CRVideo_NotifySwitchToPage = slot('NotifySwitchToPage');
export const CRVideo_PeerConnectionError = slot('PeerConnectionError');
export const CRVideo_NetStateChanged = slot('NetStateChanged');
export const CRVideo_AudioStatusChanged = slot('AudioStatusChanged');
export const CRVideo_MicEnergyUpdate = slot('MicEnergyUpdate');
export const CRVideo_MicDeviceChanged = slot('MicDeviceChanged');
export const CRVideo_OpenMicFailed = slot('OpenMicFailed');
export const CRVideo_NotifyAutoPlayFailed = slot('NotifyAutoPlayFailed');
export const CRVideo_VideoDevChanged = slot('VideoDevChanged');
export const CRVideo_DefVideoChanged = slot('DefVideoChanged');
export const CRVideo_VideoStatusChanged = slot('VideoStatusChanged');
export const CRVideo_OpenVideoFailed = slot('OpenVideoFailed');
export const CRVideo_OpenVideoTimeout = slot('OpenVideoTimeout');
// Not of CRVideo's API: the connection to the server was lost or is back; media has found a path.
export const CRVideo_LinkStateChanged = slot('LinkStateChanged');
export const CRVideo_NotifyRoomLocked = slot('NotifyRoomLocked');
export const CRVideo_NotifyMediaConnected = slot('NotifyMediaConnected');
