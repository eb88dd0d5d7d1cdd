// Sound as PCM: what one sends, and what the others send, mixed.
import { client, done, here } from './current.js';
import { Code, CRError } from './errors.js';
import { emit, slot } from './events.js';
import { addGroup } from './groups.js';

// It runs where sound is made, and cuts it into frames of 16 bit, channels interleaved.
const cutter = `registerProcessor('crvideo-pcm', class extends AudioWorkletProcessor {
  constructor({ processorOptions: { samples, channels } }) {
    super();
    Object.assign(this, { channels, frame: new Int16Array(samples * channels), at: 0 });
  }
  process([input]) {
    const length = input[0]?.length ?? 128;
    for (let i = 0; i < length; i++) {
      for (let ch = 0; ch < this.channels; ch++) {
        const value = input[ch]?.[i] ?? 0;
        this.frame[this.at++] = Math.max(-32768, Math.min(32767, Math.round(32768 * value)));
      }
      if (this.at < this.frame.length) continue;
      const { buffer } = this.frame;
      this.frame = new Int16Array(this.at);
      this.at = 0;
      this.port.postMessage(buffer, [buffer]);
    }
    return true;
  }
});`;

/** Tap gives the sound of some tracks. */
class Tap {
  #side;
  #context;
  #node = null;
  #sources = new Map(); // by track
  #closed = false;

  constructor(side, rate) {
    this.#side = side;
    this.#context = new AudioContext({ sampleRate: rate });
  }

  async open(samples, channels) {
    const url = URL.createObjectURL(new Blob([cutter], { type: 'text/javascript' }));
    try {
      await this.#context.audioWorklet.addModule(url);
    } finally {
      URL.revokeObjectURL(url);
    }
    if (this.#closed) return;
    this.#node = new AudioWorkletNode(this.#context, 'crvideo-pcm', {
      numberOfOutputs: 1, channelCount: channels, channelCountMode: 'explicit', channelInterpretation: 'speakers', processorOptions: { samples, channels },
    });
    this.#node.port.onmessage = ({ data }) => { if (!this.#closed) emit('NotifyAudioPCMDat', this.#side, data); };
    this.#node.connect(this.#context.destination); // plays nothing, but makes it run
    this.look();
  }

  /** look takes the tracks that there are now. */
  look() {
    if (!this.#node) return;
    this.#context.resume().catch(() => {}); // refused before the page's user has clicked: then the next look
    const tracks = new Set(this.#side === 0 ? [client?.mic.sent].filter(Boolean) : client?.room?.peer?.slots.of('audio').map((s) => s.receiver.track) ?? []);
    for (const [track, source] of this.#sources) {
      if (tracks.has(track)) continue;
      source.disconnect();
      this.#sources.delete(track);
    }
    for (const track of tracks) {
      if (this.#sources.has(track)) continue;
      const source = this.#context.createMediaStreamSource(new MediaStream([track]));
      source.connect(this.#node);
      this.#sources.set(track, source);
    }
  }

  close() {
    this.#closed = true;
    this.#context.close().catch(() => {});
  }
}

const taps = new Map(); // by side

/**
 * CRVideo_StartGetAudioPCM begins to deliver sound as CRVideo_NotifyAudioPCMDat events, out of rooms and from one to the next. aSide:
 * 0 one's own, as the others get it, 1 the others', mixed. getType is 0. jsonParam: rate 16000 (8000 to 48000), channels 1 or 2,
 * frameMS 20 or 10. The promise tells whether it could be started.
 */
export const CRVideo_StartGetAudioPCM = (aSide, getType = 0, jsonParam = {}) => done(here().then(async () => {
  const { rate = 16000, channels = 1, frameMS = 20 } = jsonParam ?? {};
  if (![0, 1].includes(aSide) || getType !== 0 || ![8000, 16000, 24000, 48000].includes(rate) || ![1, 2].includes(channels) || ![10, 20].includes(frameMS)) {
    throw new CRError(Code.BadParameter, 'aSide 0 or 1, getType 0, rate 8000, 16000, 24000 or 48000, channels 1 or 2, frameMS 10 or 20');
  }
  if (taps.has(aSide)) throw new CRError(Code.LoginState, 'started already');
  if (!globalThis.AudioWorkletNode) throw new CRError(Code.NoAPI, 'no AudioWorklet: the page must come by https or from this machine');
  const tap = new Tap(aSide, rate);
  taps.set(aSide, tap);
  try {
    await tap.open(rate * frameMS / 1000, channels);
  } catch (error) {
    if (taps.get(aSide) === tap) taps.delete(aSide);
    tap.close();
    throw new CRError(Code.NoAPI, `the page's policy may forbid scripts of blob: URLs: ${error.message}`);
  }
}));

export function CRVideo_StopGetAudioPCM(aSide) {
  taps.get(aSide)?.close();
  taps.delete(aSide);
}

export const CRVideo_NotifyAudioPCMDat = slot('NotifyAudioPCMDat');

addGroup({
  sound() { for (const tap of taps.values()) tap.look(); },
  stopped() { for (const side of [...taps.keys()]) CRVideo_StopGetAudioPCM(side); },
});
