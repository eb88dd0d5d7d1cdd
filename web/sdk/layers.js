// The sizes in which a camera is sent: the big and the small stream.

const smallest = 90; // pixels of height or width

// While the whole picture is the only one that is sent, it is sent at half its size when it has less than this part of its rate and loses
// pictures, and whole again when it has this part, or leaves so much of what it has.
const tooLittle = 0.3;
const tooFew = 0.7; // of the pictures of the camera
const enough = 0.5;
const unused = 0.7;
const lookEvery = 1000; // ms
const looksDown = 2; // in a row
const looksUp = [2, 32]; // doubled each time that it was in vain

// Chromium makes of a picture with few pixels only the first of the sizes in the offer, and while several are sent it fills its path
// up to the rates of all but the last one: so the largest is neither the first nor, as far as possible, followed by others.
const order = ['h', 'f', 'q'];

// The sizes as the server and the rest of this file have them, the largest first. rate: of the whole picture's; pixels: that the whole
// picture must have for Chromium to make this size too.
const layers = [
  { rid: 'f', shrink: 1, rate: 1, pixels: 0 },
  { rid: 'h', shrink: 2, rate: 0.3, pixels: 480 * 270 },
  { rid: 'q', shrink: 4, rate: 0.1, pixels: 960 * 540 },
];

const placeOf = ({ rid }) => Math.max(0, layers.findIndex((l) => l.rid === rid)); // without a name: there is only the whole picture

/** addCamera adds the m-line of a camera, with all sizes where they can be sent. */
export function addCamera(pc, codec) {
  // Of other codecs a browser may send several sizes as one stream.
  const sendEncodings = /^video\/(h264|vp8)$/i.test(codec)
    ? order.map((rid) => ({ rid, active: rid === 'f', scaleResolutionDownBy: layers[placeOf({ rid })].shrink, scalabilityMode: 'L1T1' })) : [];
  try {
    return pc.addTransceiver('video', { direction: 'sendonly', sendEncodings });
  } catch {
    return pc.addTransceiver('video', { direction: 'sendonly' });
  }
}

/** sizesOf are the sizes of a picture, the largest first, with bit/s; those that are not sent are zero. */
function sizesOf({ width, height, kbps }) {
  return layers.map(({ rid, shrink, rate, pixels }) => {
    const [w, h] = shrink === 1 ? [width, height] : [width, height].map((n) => Math.floor(n / shrink) & ~1);
    const sent = shrink === 1 || Math.min(w, h) >= smallest && width * height >= pixels;
    return sent ? { rid, width: w, height: h, bitrate: Math.floor(1000 * kbps * rate) } : { rid, width: 0, height: 0, bitrate: 0 };
  });
}

/** Layers says which sizes of a camera's picture a sender sends: those that anybody watches. */
export class Layers {
  #sender;
  #sizes = [];
  #wanted = [0];
  #chain = Promise.resolve();
  #halved = false;
  #looks = 0; // that found it should be otherwise
  #patience = looksUp[0];
  #wholeSince = -Infinity;
  #last = { sent: 0, timestamp: 0 };
  #timer = setInterval(() => this.#look(), lookEvery);

  constructor(sender) {
    this.#sender = sender;
  }

  close() { clearInterval(this.#timer); }

  /** resize takes width, height and kbps of the whole picture. */
  resize(picture) {
    this.#sizes = sizesOf(picture);
    return this.#apply();
  }

  /** want takes the places of the sizes to send. What comes back begins with a key frame: the server asks for one. */
  want(places) {
    this.#wanted = places;
    return this.#apply();
  }

  /** describe is what the server is told; nothing if there is but one size. */
  describe() {
    const { encodings } = this.#sender.getParameters();
    return encodings.length > 1 ? this.#sizes.filter(({ rid }) => encodings.some((e) => e.rid === rid)) : undefined;
  }

  #apply() {
    this.#chain = this.#chain.then(async () => {
      const params = this.#sender.getParameters();
      // A browser that makes the picture itself smaller has too few pixels for all sizes; #look does it where there is but one.
      if (params.encodings.length > 1) params.degradationPreference = 'maintain-resolution';
      for (const encoding of params.encodings) {
        const place = placeOf(encoding);
        const { bitrate } = this.#sizes[place] ?? { bitrate: 0 };
        encoding.active = bitrate > 0 && this.#wanted.includes(place);
        if (bitrate > 0) encoding.maxBitrate = bitrate;
        if (place === 0 && params.encodings.length > 1) encoding.scaleResolutionDownBy = this.#halved && this.#alone ? 2 : 1;
      }
      await this.#sender.setParameters(params);
    }).catch(() => {}); // the connection is closed, or has no encodings yet: then it sends one size within the codec's own bounds
    return this.#chain;
  }

  /** #alone tells that only the whole picture is sent. */
  get #alone() { return this.#wanted.length === 1 && this.#wanted[0] === 0; }

  /** #look finds out whether the path carries the whole picture. */
  async #look() {
    const { bitrate = 0, height = 0 } = this.#sizes[0] ?? {};
    const stats = this.#alone && height >= 2 * smallest ? [...(await this.#sender.getStats().catch(() => new Map())).values()] : [];
    const out = stats.find((r) => r.type === 'outbound-rtp' && r.rid === layers[0].rid && r.active);
    const { framesPerSecond: all = 0 } = stats.find((r) => r.type === 'media-source') ?? {};
    let halve = false;
    if (out?.targetBitrate) { // else nothing is sent, or the browser does not tell
      const last = this.#last;
      this.#last = { sent: out.bytesSent - out.retransmittedBytesSent, timestamp: out.timestamp };
      const rate = 8000 * (this.#last.sent - last.sent) / Math.max(1, this.#last.timestamp - last.timestamp); // bit/s
      halve = this.#halved ? out.targetBitrate < enough * bitrate && rate > unused * out.targetBitrate
        : out.targetBitrate < tooLittle * bitrate && (out.framesPerSecond ?? 0) < tooFew * all;
    }
    this.#looks = halve === this.#halved ? 0 : this.#looks + 1;
    if (this.#looks < (halve ? looksDown : this.#patience)) return;
    this.#looks = 0;
    const now = performance.now();
    if (!halve) this.#wholeSince = now;
    else this.#patience = now - this.#wholeSince < 10 * lookEvery ? Math.min(2 * this.#patience, looksUp[1]) : looksUp[0];
    this.#halved = halve;
    this.#apply();
  }
}
