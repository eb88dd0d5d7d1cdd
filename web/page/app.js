// The page: from the lobby into a room and back.
import {
  CRVideo_CreateMeeting, CRVideo_CreateMeetingFail, CRVideo_CreateMeetingSuccess, CRVideo_EnterMeeting3, CRVideo_EnterMeetingRslt, CRVideo_ExitMeeting, CRVideo_Init,
  CRVideo_LineOff, CRVideo_LoginByToken, CRVideo_LoginFail, CRVideo_LoginSuccess, CRVideo_Logout, CRVideo_MeetingDropped, CRVideo_MeetingStopped,
  CRVideo_NotifyTokenWillExpire, CRVideo_OpenMic, CRVideo_OpenVideo, CRVideo_SetServerAddr, CRVideo_UpdateToken,
} from '../crvideo.mjs';
import { banner, hideBanner, say } from './banner.js';
import { closeCall, drawCall, openCall } from './call.js';
import { fromLink, guestsAllowed, guestToken, server, setRoom, stay, userOf } from './guest.js';
import { closeLobby, isOn, openLobby, show } from './lobby.js';
import { failure, otherLanguage, text, translate } from './texts.js';

const $ = (id) => document.getElementById(id);
let guests = true;
let busy = false;

/** Failure is a reason for not being in a room: a code, or a word of the table of errors. */
class Failure extends Error {
  constructor(code) {
    super(String(code));
    this.code = code;
  }
}

// result waits for one of two events, and gives the arguments of the first. Each call of the SDK ends with one of them.
const result = (good, bad) => new Promise((resolve, reject) => {
  good.callback = (...args) => resolve(args);
  bad.callback = (code) => reject(new Failure(code));
});

async function join({ name, room, password, token, mic, camera }) {
  busy = true;
  $('enter').disabled = true;
  complain('');
  try {
    progress(text().connecting);
    if (guests && !token) token = await guestToken().catch((error) => { throw new Failure(error instanceof TypeError ? 203 : 'guests'); });
    const uid = userOf(token);
    if (!uid) throw new Failure('badToken');
    CRVideo_SetServerAddr(server);
    CRVideo_LoginByToken(token, name, uid);
    await result(CRVideo_LoginSuccess, CRVideo_LoginFail);
    if (!room) {
      progress(text().making);
      CRVideo_CreateMeeting({});
      [{ ID: room }] = await result(CRVideo_CreateMeetingSuccess, CRVideo_CreateMeetingFail);
    }
    progress(text().entering);
    CRVideo_EnterMeeting3(room, '', { password });
    await new Promise((resolve, reject) => {
      CRVideo_EnterMeetingRslt.callback = (code) => (code ? reject(new Failure(code)) : resolve());
    });
    progress('');
    closeLobby();
    setRoom(room, password);
    stay.set({ name, room, password, token: guests ? '' : token, mic, camera });
    const leave = () => back('bye', false);
    openCall({ uid, room, onLeave: leave, onPut: (reason) => back(reason === 'kick' ? 'kicked' : 10), onChange: (open) => stay.set({ ...stay.get(), ...open }) });
    if (mic) CRVideo_OpenMic('');
    if (camera) CRVideo_OpenVideo('');
    document.title = text().room(room);
    say(text().room(room));
    $('room-title').focus();
  } catch (error) {
    CRVideo_Logout();
    stay.clear();
    progress('');
    if ($('lobby').hidden) openLobby();
    refused(error.code ?? 'other');
  } finally {
    busy = false;
    $('enter').disabled = false;
    $('progress').textContent = '';
  }
}

/** refused shows why one is not let in, beside what can be done about it. */
function refused(code) {
  complain(message(code));
  const field = { 800: 'room-number', 801: 'password', 18: 'token', 19: 'token', 21: 'token', badToken: 'token' }[code];
  if (code === 801) {
    $('password-line').hidden = false;
    $('password').setAttribute('aria-invalid', true);
  }
  if (field && !$(field).closest('label').hidden) $(field).focus();
}

const message = (code) => text().errors[code] ?? text()[code] ?? failure(code);

/** back ends the call for a reason, and shows the lobby again. */
function back(reason, bad = true) {
  CRVideo_ExitMeeting();
  CRVideo_Logout();
  stay.clear();
  closeCall();
  openLobby();
  document.title = text().title;
  if (bad) complain(message(reason));
  else say(message(reason));
  $('enter').focus();
}

function complain(message) {
  $('failure').textContent = message;
  $('failure').hidden = !message;
  for (const field of ['name', 'room-number', 'password', 'token']) $(field).removeAttribute('aria-invalid');
}

function progress(message) {
  $('progress').textContent = message;
  if (message) say(message);
  if (!$('lobby').hidden) return;
  if (message) banner('', message); // coming back after a reload
  else hideBanner();
}

$('join').onsubmit = (event) => {
  event.preventDefault();
  if (busy) return;
  const name = $('name').value.trim(), room = $('room-number').value.replace(/[\s-]/g, ''), token = $('token').value.trim() || fromLink.token;
  const wrong = (field, words) => {
    complain(words);
    $(field).setAttribute('aria-invalid', true);
    $(field).focus();
  };
  if (!name) return wrong('name', text().needName);
  if (room && !/^[1-9]\d{7}$/.test(room)) return wrong('room-number', text().needNumber);
  if (!guests && !token) return wrong('token', text().needToken);
  localStorage.setItem('name', name);
  return join({ name, room: Number(room), password: $('password').value || undefined, token, mic: isOn('mic'), camera: isOn('camera') });
};

CRVideo_LineOff.callback = (code) => { if (!$('room').hidden) back(code); };
CRVideo_MeetingDropped.callback = (code) => back([800, 801, 802, 205].includes(code) ? code : 'dropped');
CRVideo_MeetingStopped.callback = () => back('ended');
CRVideo_NotifyTokenWillExpire.callback = async () => {
  if (guests && !fromLink.token) await guestToken().then(CRVideo_UpdateToken).catch(() => {}); // else LineOff tells
};

for (const button of document.querySelectorAll('.language')) {
  button.onclick = () => {
    otherLanguage();
    hideBanner();
    if (!$('lobby').hidden) show();
    drawCall();
  };
}

// The others shall see at once that this window is gone, not after the server's timeout.
addEventListener('pagehide', () => CRVideo_Logout());
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });

translate();
document.title = text().title;
try {
  await CRVideo_Init();
  guests = await guestsAllowed().catch(() => true);
  $('token-line').hidden = $('token-help').hidden = guests || !!fromLink.token;
  $('password-line').hidden = !fromLink.password;
  const before = stay.get();
  if (before) join(before);
  else openLobby();
} catch (code) {
  $('lobby').hidden = false;
  complain(failure(code));
}
