// The lobby: who one is, where to go, and how one looks and sounds.
import { CRVideo_VideoDevChanged } from '../crvideo.mjs';
import { chosenDevice, deviceMenus } from './choose.js';
import { fromLink } from './guest.js';
import { setIcon } from './icons.js';
import { deviceFailure, text } from './texts.js';

const $ = (id) => document.getElementById(id);
const codes = { NotAllowedError: 8002, SecurityError: 8002, NotFoundError: 8008, OverconstrainedError: 8008, NotReadableError: 8007, AbortError: 8007 };

const wants = { mic: localStorage.getItem('mic') !== 'off', camera: localStorage.getItem('camera') !== 'off' };
const tracks = { mic: null, camera: null };
const troubles = { mic: 0, camera: 0 };

/** isOn tells whether a device shall be on in the room: it is wanted, and nothing speaks against it. */
export const isOn = (kind) => wants[kind] && !troubles[kind];

let open = false;
let turn = 0;
let meter = null;

/** openLobby shows the lobby and starts the preview. */
export function openLobby() {
  open = true;
  $('lobby').hidden = false;
  $('name').value ||= fromLink.name || localStorage.getItem('name') || '';
  $('room-number').value ||= pretty(fromLink.room);
  $('password').value ||= fromLink.password;
  CRVideo_VideoDevChanged.callback = () => { if (open) show(); };
  show();
  preview();
}

/** closeLobby ends the preview, so that the room can have the devices. */
export function closeLobby() {
  open = false;
  turn++;
  stop('mic');
  stop('camera');
  $('lobby').hidden = true;
}

export const pretty = (number) => String(number).replace(/\D/g, '').replace(/^(\d{4})(\d+)$/, '$1 $2');

/** show draws everything anew: after a click, another language, another device. */
export function show() {
  const words = text();
  for (const [kind, on, off] of [['mic', words.micOn, words.micOff], ['camera', words.cameraOn, words.cameraOff]]) {
    const button = $(`lobby-${kind}`);
    const works = isOn(kind);
    button.setAttribute('aria-pressed', works);
    button.setAttribute('aria-label', works ? on : off);
    button.title = works ? on : off;
    setIcon(button, kind, !works);
  }
  $('preview').hidden = !tracks.camera;
  $('preview-note').textContent = tracks.camera ? '' : !wants.camera ? words.cameraIsOff : troubles.camera ? deviceFailure('camera', troubles.camera) : words.startingCamera;
  const trouble = !navigator.mediaDevices ? words.insecure : wants.mic && troubles.mic ? deviceFailure('mic', troubles.mic) : '';
  $('device-note').textContent = trouble;
  $('device-note').hidden = !trouble;
  $('level').hidden = !tracks.mic;
  $('enter').textContent = $('room-number').value.trim() ? words.join : words.make;
  deviceMenus($('lobby-devices'), (kind) => { if (kind !== 'speaker') { stop(kind); preview(); } });
}

/** preview opens what is wanted and not open yet. One question for both devices is better than two. */
async function preview() {
  const mine = ++turn;
  const missing = ['mic', 'camera'].filter((kind) => wants[kind] && !tracks[kind]);
  if (missing.length > 1 && await start(mine, missing)) return;
  for (const kind of missing) if (mine === turn) await start(mine, [kind]);
}

async function start(mine, kinds) {
  const which = (kind) => (kinds.includes(kind) ? { ...(chosenDevice(kind) && { deviceId: { exact: chosenDevice(kind) } }) } : false);
  const camera = which('camera');
  try {
    if (!navigator.mediaDevices) throw Object.assign(new Error('insecure'), { name: 'none' });
    const stream = await navigator.mediaDevices.getUserMedia({ audio: which('mic'), video: camera && { ...camera, width: { ideal: 640 }, height: { ideal: 360 } } });
    if (mine !== turn) {
      stream.getTracks().forEach((track) => track.stop());
      return true;
    }
    for (const track of stream.getTracks()) {
      const kind = track.kind === 'audio' ? 'mic' : 'camera';
      tracks[kind] = track;
      troubles[kind] = 0;
      track.onended = () => { stop(kind); show(); };
    }
    if (tracks.camera) $('preview').srcObject = new MediaStream([tracks.camera]);
    if (tracks.mic && !meter) listen();
    return true;
  } catch (error) {
    if (kinds.length === 1 && mine === turn) troubles[kinds[0]] = navigator.mediaDevices ? codes[error.name] ?? 8001 : 8004;
    return false;
  } finally {
    if (mine === turn && open) show();
  }
}

function stop(kind) {
  tracks[kind]?.stop();
  tracks[kind] = null;
  if (kind === 'camera') $('preview').srcObject = null;
  else {
    clearInterval(meter?.timer);
    meter?.audio.close();
    meter = null;
  }
}

/** listen shows how loud the microphone is. */
function listen() {
  const audio = new AudioContext();
  const ears = new AnalyserNode(audio, { fftSize: 1024 });
  audio.createMediaStreamSource(new MediaStream([tracks.mic])).connect(ears);
  const samples = new Float32Array(ears.fftSize);
  meter = {
    audio,
    timer: setInterval(() => {
      ears.getFloatTimeDomainData(samples);
      const rms = Math.sqrt(samples.reduce((sum, v) => sum + v * v, 0) / samples.length);
      $('level').firstElementChild.style.transform = `scaleX(${Math.min(1, 4 * rms)})`;
    }, 100),
  };
}

for (const kind of ['mic', 'camera']) {
  $(`lobby-${kind}`).onclick = () => {
    wants[kind] = !isOn(kind); // what did not open is tried again
    localStorage.setItem(kind, wants[kind] ? 'on' : 'off');
    troubles[kind] = 0;
    if (!wants[kind]) stop(kind);
    show();
    preview();
  };
}
$('room-number').oninput = () => { $('enter').textContent = $('room-number').value.trim() ? text().join : text().make; };
$('room-number').onchange = () => { $('room-number').value = pretty($('room-number').value); };
