// The sizes in which a camera is sent: the big and the small stream.

const smallest = 90; // pixels of height or width

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

  constructor(sender) {
    this.#sender = sender;
  }

  /** resize takes width, height and kbps of the whole picture. */
  resize(picture) {
    this.#sizes = sizesOf(picture);
    return this.#apply();
  }

  /** want takes the places of the sizes to send. What comes back begins with a key frame: the server asks for one. */
  want(layers) {
    this.#wanted = layers;
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
      // A smaller picture is another layer; a browser that makes the whole one smaller has too few pixels for all of them.
      if (params.encodings.length > 1) params.degradationPreference = 'maintain-resolution';
      for (const encoding of params.encodings) {
        const place = placeOf(encoding);
        const { bitrate } = this.#sizes[place] ?? { bitrate: 0 };
        encoding.active = bitrate > 0 && this.#wanted.includes(place);
        if (bitrate > 0) encoding.maxBitrate = bitrate;
      }
      await this.#sender.setParameters(params);
    }).catch(() => {}); // the connection is closed, or has no encodings yet: then it sends one size within the codec's own bounds
    return this.#chain;
  }
}
