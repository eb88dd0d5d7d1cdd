import { Code, CRError } from './errors.js';
import { Layers, addCamera } from './layers.js';
import { Slots } from './slots.js';

const restartAfter = 2000; // ms without a path before a new one is looked for
const patience = 5000; // ms for one attempt

/**
 * Peer is the one media connection of a stay in a room. It sends on two m-lines, microphone and camera, and receives on
 * a pool of slots. onFailed is called when no path is found any more; request sends an offer and gives the answer.
 */
export class Peer {
  #pc;
  #request = null;
  #handlers;
  #chain = Promise.resolve();
  #timer = 0;
  #closed = false;
  #downSince = 0;
  #codec;
  #audioCfg;

  constructor({ iceServers, audioSlots, videoSlots, codec, audioCfg, slots, onConnected, onFailed }) {
    this.#pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers });
    this.#handlers = { onConnected, onFailed };
    this.slots = new Slots(slots);
    this.mic = this.#pc.addTransceiver('audio', { direction: 'sendonly' });
    this.camera = addCamera(this.#pc, codec);
    this.layers = new Layers(this.camera.sender);
    this.#codec = codec;
    this.#audioCfg = audioCfg;
    prefer(this.camera, codec);
    this.#add(audioSlots, videoSlots);
    this.#pc.ontrack = (event) => this.slots.add(event.transceiver);
    this.#pc.onconnectionstatechange = () => this.#changed();
  }

  #add(audio, video) {
    for (let i = 0; i < audio; i++) this.#pc.addTransceiver('audio', { direction: 'recvonly' });
    for (let i = 0; i < video; i++) this.#pc.addTransceiver('video', { direction: 'recvonly' });
  }

  get state() { return this.#pc.connectionState; }
  stats() { return this.#pc.getStats(); }

  /** offer makes the first offer. It has no candidates: the server learns the browser's addresses from its checks. */
  async offer(options) {
    const offer = await this.#pc.createOffer(options);
    await this.#pc.setLocalDescription(offer);
    return offer.sdp;
  }

  async answer(sdp) {
    const { sendSilence, redundancy } = this.#audioCfg();
    sdp = firstCodec(sdp, this.camera.mid, this.#codec);
    if (!sendSilence) sdp = withoutPauses(sdp, this.mic.mid);
    if (redundancy > 0) sdp = firstCodec(sdp, this.mic.mid, 'audio/red');
    await this.#pc.setRemoteDescription({ type: 'answer', sdp });
  }

  /** start begins to look after the connection, once the first answer is there. */
  start(request) {
    this.#request = request;
    this.slots.start();
    this.#changed();
  }

  /** codec is what is sent on a transceiver, as the negotiation has it. */
  codec(transceiver) {
    const mime = transceiver.sender.getParameters().codecs?.find((c) => c.mimeType !== 'audio/red')?.mimeType; // RED is Opus, too
    if (!mime) throw new CRError(Code.OpenFailed, 'browser and server have no codec in common');
    return mime;
  }

  /** negotiate makes one offer at a time: more slots, another path, or both. */
  negotiate({ audio = 0, video = 0, restart = false }) {
    const run = async () => {
      if (this.#closed) return;
      this.#add(Math.min(audio, 64), Math.min(video, 64));
      const sdp = await this.offer({ iceRestart: restart });
      try {
        const { answer } = await this.#request(sdp);
        if (!this.#closed) await this.answer(answer);
      } catch (error) {
        if (!this.#closed && this.#pc.signalingState === 'have-local-offer') await this.#pc.setLocalDescription({ type: 'rollback' });
        throw error;
      }
    };
    this.#chain = this.#chain.then(run, run);
    return this.#chain;
  }

  #changed() {
    if (this.#closed || !this.#request) return;
    switch (this.#pc.connectionState) {
      case 'connected':
        this.#downSince = 0;
        clearTimeout(this.#timer);
        this.#handlers.onConnected();
        break;
      case 'disconnected':
        this.#later(restartAfter);
        break;
      case 'failed':
        this.#later(0);
    }
  }

  #later(delay) {
    this.#downSince ||= performance.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.restart(), delay);
  }

  /** restart looks for another path, again and again; after 15 s it gives up. */
  async restart() {
    if (this.#closed || this.#pc.connectionState === 'connected') return;
    if (performance.now() - this.#downSince > 3 * patience) {
      this.#handlers.onFailed();
      return;
    }
    try {
      await this.negotiate({ restart: true });
    } catch {
      // The signalling connection is cut, too, or the server refuses: the next attempt or the end tells.
    }
    if (!this.#closed && this.#pc.connectionState !== 'connected') this.#later(patience);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.layers.close();
    this.slots.close();
    this.#pc.onconnectionstatechange = this.#pc.ontrack = null;
    this.#pc.close();
  }
}

/**
 * prefer puts a codec in front of what a transceiver offers. The others stay: the server takes what the first m-line of a
 * kind offers for what the browser can receive, too.
 */
function prefer(transceiver, mime) {
  const all = RTCRtpSender.getCapabilities('video')?.codecs ?? [];
  const fits = (c) => c.mimeType.toLowerCase() === mime.toLowerCase() &&
    (!/H264/i.test(mime) || /packetization-mode=1/.test(c.sdpFmtpLine ?? '') && /profile-level-id=42e0/i.test(c.sdpFmtpLine));
  if (all.some(fits)) transceiver.setCodecPreferences([...all.filter(fits), ...all.filter((c) => !fits(c))]);
}

/** ofLine changes the section of a description that is about one m-line. */
const ofLine = (sdp, mid, change) => sdp.split(/^(?=m=)/m).map((section) => section.includes(`a=mid:${mid}\r\n`) ? change(section) : section).join('');

const typesOf = (section, name) => [...section.matchAll(/^a=rtpmap:(\d+) ([^/]+)/gm)].filter(([, , codec]) => codec.toLowerCase() === name.toLowerCase()).map(([, type]) => type);

/** withoutPauses has the browser leave out pauses of what it sends (RFC 7587, usedtx). */
function withoutPauses(sdp, mid) {
  return ofLine(sdp, mid, (section) => typesOf(section, 'opus').reduce(
    (text, type) => text.replace(new RegExp(`^(a=fmtp:${type} .*?)(\r?)$`, 'm'), '$1;usedtx=1$2'), section));
}

/** firstCodec puts a codec in front of an m-line of an answer: a browser sends the first one. */
function firstCodec(sdp, mid, mime) {
  return ofLine(sdp, mid, (section) => {
    const first = typesOf(section, mime.split('/')[1]);
    return section.replace(/^(m=\S+ \S+ \S+) (.*)/, (line, head, types) =>
      `${head} ${[...first, ...types.trim().split(' ').filter((type) => !first.includes(type))].join(' ')}`);
  });
}
