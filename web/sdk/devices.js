import { Code, CRError, deviceError } from './errors.js';

const firstCustomID = 50;
const sizes = { 1: 360, 2: 480, 3: 720, 4: 1080, 5: 96, 6: 128, 7: 160, 8: 192, 9: 256, 10: 288, 11: 320, 12: 400, 13: 576, 14: 1440, 15: 2160 };
const ratios = { 1: 16 / 9, 2: 4 / 3, 3: 1, 4: 3 / 4, 5: 9 / 16 };
const rates = { 96: 80, 128: 100, 160: 123, 192: 160, 256: 230, 288: 260, 320: 320, 360: 400, 400: 480, 480: 600, 576: 800, 720: 1200, 1080: 2500, 1440: 4000, 2160: 6000 };

export const defaultVideoCfg = { size: 2, fps: 15, ratio: 1 };
export const defaultAudioCfg = { micID: -1, speakerID: -1, autoGainControl: true, echoCancellation: true, noiseSuppression: true, micVolume: 100, redundancy: 0, sendSilence: false };

/** pictureOf turns a VideoCfg into pixels, frames a second and kbit/s. */
export function pictureOf(cfg) {
  const height = sizes[cfg.size];
  const aspect = cfg.aspectRatio || ratios[cfg.ratio];
  if (!height || !aspect || aspect < 0.25 || aspect > 4 || !(cfg.fps >= 1 && cfg.fps <= 30)) {
    throw new CRError(Code.BadParameter, `VideoCfg ${JSON.stringify(cfg)}: size 1 to 15, fps 1 to 30, ratio 1 to 5 or aspectRatio 0.25 to 4`);
  }
  const width = height === 480 && aspect === 16 / 9 ? 848 : Math.round(height * aspect / 8) * 8; // as CRVideo's table has it
  return { width, height, fps: cfg.fps, kbps: cfg.maxKbps || rates[height] };
}

const kinds = { mics: 'audioinput', cameras: 'videoinput', speakers: 'audiooutput' };

/**
 * Devices are the machine's microphones, cameras and speakers, and the application's own cameras. IDs count from 1 in
 * the order found and are never used twice; what is unplugged stays, marked as absent. Before the user has allowed it
 * the browser tells neither names nor how many there are.
 */
export class Devices {
  mics = [];
  cameras = [];
  speakers = [];
  #customs = 0;
  #chosenCamera = 0;

  get available() { return !!globalThis.navigator?.mediaDevices?.getUserMedia; }

  /** refresh looks again. It tells whether something changed. */
  async refresh() {
    if (!this.available) return false;
    const before = JSON.stringify([this.mics, this.cameras]);
    const found = await navigator.mediaDevices.enumerateDevices();
    for (const [list, kind] of Object.entries(kinds)) {
      let now = found.filter((d) => d.kind === kind);
      const real = now.filter((d) => d.deviceId !== 'default' && d.deviceId !== 'communications');
      if (real.length > 0) now = real;
      this.#merge(this[list], now, list === 'cameras' ? 'camera' : list === 'mics' ? 'microphone' : 'speaker');
    }
    return JSON.stringify([this.mics, this.cameras]) !== before;
  }

  #merge(list, now, word) {
    for (const entry of list) if (!entry.custom) entry.present = false;
    for (const d of now) {
      // The nameless placeholder from before the permission becomes the first device that is found after it.
      let entry = list.find((e) => e.deviceId === d.deviceId && !e.custom) ?? (d.deviceId && list.find((e) => e.deviceId === '' && !e.custom));
      if (!entry) {
        entry = { id: list.filter((e) => !e.custom).length + 1 };
        list.push(entry);
      }
      Object.assign(entry, { deviceId: d.deviceId, present: true, name: d.label || entry.name || `${word} ${entry.id}` });
    }
  }

  /** addCamera adds a camera of the application's. */
  addCamera(name, open) {
    const id = firstCustomID + this.#customs++;
    this.cameras.push({ id, name: name || `camera ${id}`, present: true, custom: true, open });
    return id;
  }

  removeCamera(id) {
    const at = this.cameras.findIndex((c) => c.id === id && c.custom);
    if (at < 0) throw new CRError(Code.NoDevice, `no camera ${id} was added`);
    this.cameras.splice(at, 1);
  }

  chooseCamera(id) {
    if (!this.cameras.some((c) => c.id === id)) throw new CRError(Code.NoDevice, `no camera ${id}`);
    this.#chosenCamera = id;
  }

  get camera() {
    return this.cameras.find((c) => c.id === this.#chosenCamera && c.present) ?? this.cameras.find((c) => c.present && !c.custom) ?? this.cameras.find((c) => c.present);
  }

  mic(id) { return this.mics.find((m) => m.id === id && m.present) ?? this.mics.find((m) => m.present); }

  speaker(id) { return this.speakers.find((s) => s.id === id && s.present); }

  /** describe is what the others are told. */
  describe() {
    const camera = this.camera;
    const all = this.cameras.filter((c) => c.present && c !== camera).slice(0, 7);
    const videos = (camera ? [camera, ...all] : []).sort((a, b) => a.id - b.id).map(({ id, name }) => ({ id, name: clip(name, 128) }));
    return { mic: this.mics.some((m) => m.present), videos, ...(camera && { defaultVideo: camera.id }) };
  }

  async openMic(cfg) {
    const mic = this.mic(cfg.micID);
    if (!this.available) throw new CRError(Code.NoAPI, 'no access to devices: the page must come by https or from this machine');
    if (!mic) throw new CRError(Code.NoDevice, 'there is no microphone');
    return this.#get({
      audio: { ...which(mic), autoGainControl: cfg.autoGainControl, echoCancellation: cfg.echoCancellation, noiseSuppression: cfg.noiseSuppression },
    });
  }

  async openCamera(camera, cfg) {
    if (camera?.custom) return camera.open(pictureOf(cfg));
    if (!this.available) throw new CRError(Code.NoAPI, 'no access to devices: the page must come by https or from this machine');
    if (!camera) throw new CRError(Code.NoDevice, 'there is no camera');
    const { width, height, fps } = pictureOf(cfg);
    return this.#get({ video: { ...which(camera), width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: fps, max: fps } } });
  }

  async #get(constraints) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(constraints);
      return stream.getTracks()[0];
    } catch (error) {
      throw deviceError(error);
    }
  }
}

const which = (device) => (device.deviceId ? { deviceId: { exact: device.deviceId } } : {});

/** clip shortens a text to so many bytes of UTF-8 without cutting a character. */
export function clip(text, bytes) {
  const encoder = new TextEncoder();
  while (encoder.encode(text).length > bytes) text = [...text].slice(0, -1).join('');
  return text;
}
