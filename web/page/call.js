// The room: tiles, buttons, and what happens to the connection.
import {
  CRVideo_AddStreamCam, CRVideo_AudioStatusChanged, CRVideo_CloseMic, CRVideo_CloseVideo, CRVideo_DefVideoChanged, CRVideo_GetAllMembers,
  CRVideo_GetAudioStatus, CRVideo_GetDefaultVideo, CRVideo_GetMemberNickName, CRVideo_GetNetScore, CRVideo_GetVideoStatus, CRVideo_LinkStateChanged,
  CRVideo_MicDeviceChanged, CRVideo_MicEnergyUpdate, CRVideo_NetStateChanged, CRVideo_NotifyAutoPlayFailed, CRVideo_NotifyNickNameChanged, CRVideo_OpenMic,
  CRVideo_OpenMicFailed, CRVideo_OpenVideo, CRVideo_OpenVideoFailed, CRVideo_PlaySpeaker, CRVideo_RemoveStreamVideo, CRVideo_SetDefaultVideo,
  CRVideo_UserEnterMeeting, CRVideo_UserLeftMeeting, CRVideo_VideoDevChanged, CRVideo_VideoStatusChanged,
} from '../crvideo.mjs';
import { banner, hideBanner, say } from './banner.js';
import { deviceMenus } from './choose.js';
import { setIcon } from './icons.js';
import { pretty } from './lobby.js';
import { deviceFailure, text } from './texts.js';
import { allTiles, bars, closeTiles, drawTiles, screenName, tileOf } from './tiles.js';

const $ = (id) => document.getElementById(id);
let call = null; // uid, room, password, onLeave, onChange

/** openCall shows the room that was entered. onPut is told when somebody else ended the stay, onChange when one's devices changed. */
export function openCall(settings) {
  call = { ...settings, names: new Map(), screen: null };
  listen();
  $('room').hidden = false;
  $('leave').onclick = call.onLeave;
  drawCall();
  for (const m of CRVideo_GetAllMembers()) call.names.set(m.UID, m.nickname);
  timer = setInterval(() => { for (const tile of allTiles()) tile.quality(); }, 2000);
}

let timer = 0;

export function closeCall() {
  if (!call) return;
  clearInterval(timer);
  stopScreen();
  call = null;
  hideBanner();
  closeTiles();
  if ($('device-dialog').open) $('device-dialog').close();
  $('room').hidden = true;
}

/** drawCall draws everything anew. */
export function drawCall() {
  if (!call) return;
  const words = text();
  $('room-title').textContent = words.room(pretty(call.room));
  $('people').textContent = words.persons(CRVideo_GetAllMembers().length);
  bars($('net'), CRVideo_GetNetScore(''));
  const mic = [3, 4].includes(CRVideo_GetAudioStatus('')), camera = [3, 4].includes(CRVideo_GetVideoStatus(''));
  button('mic', mic, mic ? words.mute : words.unmute);
  button('camera', camera, camera ? words.stopCamera : words.startCamera);
  button('share', !!call.screen, call.screen ? words.stopShare : words.share);
  $('share').classList.remove('off');
  $('share').classList.toggle('on', !!call.screen);
  $('share').hidden = !navigator.mediaDevices?.getDisplayMedia;
  setIcon($('settings'), 'gear');
  setIcon($('leave'), 'leave');
  drawTiles(call.uid);
  if ($('device-dialog').open) menus();
}

function button(id, on, word) {
  const b = $(id);
  b.setAttribute('aria-pressed', on);
  b.classList.toggle('off', !on);
  b.querySelector('span').textContent = word;
  b.title = b.getAttribute('aria-keyshortcuts') ? `${word} (${b.getAttribute('aria-keyshortcuts').toUpperCase()})` : word;
  setIcon(b, id, !on && id !== 'share');
}

const menus = () => deviceMenus($('room-devices'), drawCall);

function listen() {
  const draw = () => drawCall();
  CRVideo_UserEnterMeeting.callback = (uid) => {
    if (!call) return;
    call.names.set(uid, CRVideo_GetMemberNickName(uid));
    say(text().came(call.names.get(uid)));
    draw();
  };
  CRVideo_UserLeftMeeting.callback = (uid, reason) => {
    if (!call) return;
    if (uid === call.uid) {
      call.onPut(reason);
      return;
    }
    say(text()[reason === 'timeout' ? 'timedOut' : 'left'](call.names.get(uid) ?? uid));
    draw();
  };
  CRVideo_NotifyNickNameChanged.callback = (uid, old, name) => {
    call?.names.set(uid, name);
    draw();
  };
  const own = (uid) => {
    draw();
    if (call && uid === call.uid) call.onChange({ mic: CRVideo_GetAudioStatus('') === 3, camera: CRVideo_GetVideoStatus('') === 3 && !call.screen });
  };
  CRVideo_AudioStatusChanged.callback = own;
  CRVideo_VideoStatusChanged.callback = own;
  CRVideo_VideoDevChanged.callback = draw;
  CRVideo_DefVideoChanged.callback = draw;
  CRVideo_MicDeviceChanged.callback = draw;
  CRVideo_MicEnergyUpdate.callback = (uid) => tileOf(uid)?.level();
  CRVideo_NetStateChanged.callback = (score) => bars($('net'), score);
  CRVideo_OpenMicFailed.callback = (description, code) => banner('bad', deviceFailure('mic', code), { seconds: 10 });
  CRVideo_OpenVideoFailed.callback = (description, code) => banner('bad', deviceFailure('camera', code), { seconds: 10 });
  CRVideo_LinkStateChanged.callback = (up) => {
    if (!call) return;
    if (up) banner('fine', text().back, { seconds: 2 });
    else banner('', text().reconnecting);
  };
  CRVideo_NotifyAutoPlayFailed.callback = () => {
    if (call) banner('', text().tapToHear, { action: text().hear, onAction: () => { CRVideo_PlaySpeaker(); hideBanner(); } });
  };
}

const toggleMic = () => ([3, 4].includes(CRVideo_GetAudioStatus('')) ? CRVideo_CloseMic('') : CRVideo_OpenMic(''));

async function toggleCamera() {
  if (call.screen) await stopScreen();
  else if ([3, 4].includes(CRVideo_GetVideoStatus(''))) CRVideo_CloseVideo('');
  else CRVideo_OpenVideo('');
}

/** toggleScreen shows a screen in place of the camera's picture: a member sends one picture at a time. */
async function toggleScreen() {
  if (call.screen) {
    await stopScreen();
    return;
  }
  let stream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } } });
  } catch (error) {
    if (error.name !== 'NotAllowedError') banner('bad', text().shareFailed, { seconds: 8 }); // else its user thought better of it
    return;
  }
  const [track] = stream.getVideoTracks();
  if (!call) {
    track.stop();
    return;
  }
  track.contentHint = 'detail';
  call.screen = { track, camera: CRVideo_GetDefaultVideo(''), open: [3, 4].includes(CRVideo_GetVideoStatus('')), id: CRVideo_AddStreamCam(stream, screenName) };
  const { screen } = call;
  await CRVideo_SetDefaultVideo('', screen.id).catch(() => {});
  track.addEventListener('ended', () => { if (call?.screen === screen) stopScreen(); });
  if (!screen.open) CRVideo_OpenVideo('');
  drawCall();
}

async function stopScreen() {
  const screen = call?.screen;
  if (!screen) return;
  call.screen = null;
  if (!screen.open) CRVideo_CloseVideo('');
  if (screen.camera) await CRVideo_SetDefaultVideo('', screen.camera).catch(() => {});
  CRVideo_RemoveStreamVideo(screen.id);
  screen.track.stop();
  drawCall();
}

$('mic').onclick = toggleMic;
$('camera').onclick = toggleCamera;
$('share').onclick = toggleScreen;
$('settings').onclick = () => {
  menus();
  $('device-dialog').showModal();
};
$('invite').onclick = async () => {
  await navigator.clipboard?.writeText(location.href).catch(() => {});
  banner('fine', text().copied, { seconds: 2 });
};
document.addEventListener('keydown', (event) => {
  if (!call || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, select, dialog')) return;
  if (event.key === 'm') toggleMic();
  if (event.key === 'v') toggleCamera();
});
