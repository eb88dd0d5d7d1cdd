'use strict';

// Plays the live video of the folder that this page is in, by WHEP, and tries again whenever that ends.

const video = document.getElementById('video');
const stateLine = document.getElementById('state');
const message = document.getElementById('message');
const sound = document.getElementById('sound');
const size = document.getElementById('size');

const firstRetry = 1000, lastRetry = 10000; // ms
const lostAfter = 6000;  // ms that a connection may be interrupted until it is made anew
const checkEvery = 1000; // ms
const stillAfter = 3;    // checks without a new picture
const followEvery = 2000; // ms

let session = null; // {pc, resource, abort}
let retry = firstRetry;
let leaving = false;

function show(state, text, detail = '') {
  stateLine.dataset.state = state;
  stateLine.textContent = text;
  message.textContent = detail;
  message.hidden = detail === '';
}

async function connect() {
  if (leaving) return;
  if (!window.RTCPeerConnection) {
    show('failed', 'Not possible', 'This browser cannot play live video (it has no WebRTC).');
    return;
  }
  show('connecting', 'Connecting');
  const s = {pc: new RTCPeerConnection(), resource: null, abort: new AbortController()};
  session = s;
  let lost = 0;
  s.pc.addEventListener('connectionstatechange', () => {
    clearTimeout(lost);
    switch (s.pc.connectionState) {
      case 'connected':
        retry = firstRetry;
        watch(s);
        break;
      case 'disconnected':
        show('connecting', 'Interrupted', 'The connection is interrupted.');
        lost = setTimeout(() => again(s, 'The connection was lost.'), lostAfter);
        break;
      case 'failed':
        again(s, 'The connection failed: no network path to the server was found, or it was lost.');
        break;
      case 'closed':
        again(s, 'The connection was closed.');
        break;
    }
  });
  const stream = new MediaStream();
  s.pc.addEventListener('track', (e) => {
    stream.addTrack(e.track);
    if (video.srcObject !== stream) video.srcObject = stream;
    if (e.track.kind === 'audio') sound.disabled = false;
  });
  try {
    s.pc.addTransceiver('video', {direction: 'recvonly'});
    s.pc.addTransceiver('audio', {direction: 'recvonly'});
    await s.pc.setLocalDescription();
    // Our own candidates are not waited for: the server learns them from our first packets.
    const response = await fetch('whep', {
      method: 'POST',
      headers: {'Content-Type': 'application/sdp'},
      body: s.pc.localDescription.sdp,
      signal: s.abort.signal,
    });
    const body = await response.text();
    if (!response.ok) throw new Error(`The server refuses: ${body.trim() || response.status}.`);
    s.resource = new URL(response.headers.get('Location'), response.url).href;
    await s.pc.setRemoteDescription({type: 'answer', sdp: body});
    // The server's goodbye; the state of the whole connection follows seconds later.
    const transport = s.pc.getReceivers()[0].transport;
    transport?.addEventListener('statechange', () => {
      if (transport.state === 'closed') again(s, 'The server ended the connection.');
    });
  } catch (err) {
    if (err instanceof TypeError) err = new Error('The server cannot be reached.');
    again(s, err.message);
  }
}

// drop ends a session on both sides.
function drop(s) {
  if (session === s) session = null;
  s.abort.abort();
  clearInterval(s.timer);
  s.pc.close();
  if (s.resource) fetch(s.resource, {method: 'DELETE', keepalive: true}).catch(() => {});
}

function again(s, why) {
  if (session !== s) return;
  drop(s);
  if (leaving) return;
  size.textContent = '';
  show('failed', 'Not connected', `${why} Trying again in ${retry / 1000} s.`);
  setTimeout(connect, retry);
  retry = Math.min(retry * 2, lastRetry);
}

// watch says whether pictures come.
function watch(s) {
  let frames = -1, still = 0;
  const check = async () => {
    let decoded = 0;
    for (const report of (await s.pc.getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.kind === 'video') decoded += report.framesDecoded || 0;
    }
    if (session !== s || s.pc.connectionState !== 'connected') return;
    still = decoded > Math.max(frames, 0) ? 0 : still + 1;
    frames = decoded;
    if (still === 0) {
      show('live', 'Live');
      size.textContent = video.videoWidth ? `${video.videoWidth} × ${video.videoHeight}` : '';
    } else if (still >= stillAfter) {
      show('waiting', 'No picture',
        'Connected, but no picture comes: the camera is closed, or this browser cannot play its format.');
    } else if (decoded === 0) {
      show('waiting', 'Waiting for the picture');
    }
  };
  clearInterval(s.timer);
  s.timer = setInterval(check, checkEvery);
  check();
}

sound.addEventListener('click', () => {
  video.muted = !video.muted;
  video.play().catch(() => {});
  sound.textContent = video.muted ? 'Turn sound on' : 'Turn sound off';
  sound.setAttribute('aria-pressed', String(!video.muted));
});

// How the page is to look, which the program behind it may change at any time.
const title = document.getElementById('title');
const stage = document.getElementById('stage');
let fullByClick = true;
let followTimer = 0;

async function follow() {
  try {
    const look = await (await fetch('look.json')).json();
    if (title.textContent !== look.title) document.title = title.textContent = look.title;
    title.style.cssText = '';
    for (const [name, value] of Object.entries(look.titleStyle || {})) title.style.setProperty(name, value);
    title.style.visibility = look.hideTitle ? 'hidden' : '';
    stage.id = look.id || 'stage';
    video.style.visibility = look.hidden ? 'hidden' : '';
    for (const side of ['left', 'top', 'width', 'height']) video.style[side] = look[side];
    video.style.position = look.left || look.top ? 'absolute' : '';
    fullByClick = !look.noFullScreen;
  } catch { /* the next time */ }
  clearTimeout(followTimer);
  if (!leaving) followTimer = setTimeout(follow, followEvery);
}

video.addEventListener('dblclick', () => {
  if (fullByClick) document.getElementById('full').click();
});

document.getElementById('full').addEventListener('click', () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else video.requestFullscreen?.().catch(() => {});
});

video.addEventListener('playing', () => {
  if (session?.pc.connectionState === 'connected') show('live', 'Live');
});

window.addEventListener('pagehide', () => {
  leaving = true;
  if (session) drop(session);
});
window.addEventListener('pageshow', (e) => {
  if (!e.persisted) return;
  leaving = false;
  connect();
  follow();
});

connect();
follow();
