// Buffers and files on their way from user to user, as frames (PROTOCOL.md). A Blob can be read again from anywhere, so nothing
// of what is sent is kept.
import { Code, CRError, codeOf } from './errors.js';
import { Sha256 } from './checksum.js';

const chunkBytes = 32768;
const windowBytes = 524288;
const frameHeader = 25;
const frameData = 1;
const frameAck = 2;
const frameFrom = 3;
const frameEnd = 4;
const progressEvery = 100; // ms
const bufferedBytes = 131072; // so many may wait in the WebSocket, before messages that come later
export const maxTransferBytes = 100 * 2 ** 20;

function frameOf(kind, id, offset, payload) {
  const bytes = new Uint8Array(frameHeader + (payload?.length ?? 0));
  bytes[0] = kind;
  for (let i = 0; i < 16; i++) bytes[1 + i] = parseInt(id.slice(2 * i, 2 * i + 2), 16);
  new DataView(bytes.buffer).setBigUint64(17, BigInt(offset));
  if (payload) bytes.set(payload, frameHeader);
  return bytes;
}

/** readFrame gives kind, id, offset and payload of a frame; null if it is none. */
export function readFrame(buffer) {
  if (buffer.byteLength < frameHeader) return null;
  const bytes = new Uint8Array(buffer);
  const id = Array.from(bytes.subarray(1, 17), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { kind: bytes[0], id, offset: Number(new DataView(buffer).getBigUint64(17)), payload: bytes.subarray(frameHeader) };
}

/** SentTransfer is the sender's end. ended(code) is called once, progress(sent) now and then. */
export class SentTransfer {
  #sum = new Sha256();
  #hashed = 0;
  #digest = null;
  #next = 0;
  #acked = 0;
  #window = 0; // 0: nobody has accepted
  #turn = 0;
  #endSent = false;
  #pumping = false;
  #told = -progressEvery;
  #toldBytes = -1;
  over = false;
  epoch = '';

  constructor(client, offer, blob, { ended, progress }) {
    Object.assign(this, { client, offer, blob, ended, progress });
  }

  /** propose offers it to the other one. */
  async propose(again) {
    const offered = this.client.epoch;
    try {
      await this.client.request('offerTransfer', { ...this.offer, again }, { bound: true });
      this.epoch = offered;
    } catch (error) {
      if (!error.forgotten) this.finish(codeOf(error)); // else it is offered again
    }
  }

  finish(code) {
    if (this.over) return;
    this.over = true;
    if (code === Code.OK) this.#tell(this.offer.size);
    this.ended(code);
  }

  /** cancel ends it for both sides. */
  cancel(code) {
    if (this.over) return;
    this.finish(code);
    this.client.request('endTransfer', { id: this.offer.id, code }, { bound: true }).catch(() => {});
  }

  accepted({ offset = 0, window }) {
    this.#window = window;
    this.#goOn(offset);
    this.#ack(offset);
  }

  /** forgotten stops until it is accepted again. */
  forgotten() { this.#window = 0; }

  frame({ kind, offset }) {
    if (kind === frameAck) this.#ack(offset);
    else if (kind === frameFrom) this.#goOn(offset);
  }

  #ack(offset) {
    if (offset > this.#hashed) {
      this.cancel(Code.InvalidData);
      return;
    }
    if (offset > this.#acked) this.#tell(offset);
    this.#acked = Math.max(this.#acked, offset);
    this.#next = Math.max(this.#next, offset);
    this.#pump();
  }

  #goOn(offset) {
    if (offset > this.#hashed) {
      this.cancel(Code.InvalidData);
      return;
    }
    this.#next = offset;
    this.#endSent = false;
    this.#turn++;
    this.#pump();
  }

  #tell(sent) {
    const now = performance.now();
    if ((sent < this.offer.size && now - this.#told < progressEvery) || sent === this.#toldBytes) return;
    this.#told = now;
    this.#toldBytes = sent;
    this.progress(sent);
  }

  async #pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (!this.over && this.#window > 0 && await this.#step()) { /* the next */ }
    } catch {
      this.cancel(905); // the Blob cannot be read: a file that has changed
    } finally {
      this.#pumping = false;
    }
  }

  /** #step sends one frame, if there is one to be sent now. */
  async #step() {
    const { id, size } = this.offer;
    const at = this.#next;
    const end = Math.min(at + chunkBytes, size);
    if (this.client.buffered > bufferedBytes) {
      await new Promise((resolve) => { setTimeout(resolve, 5); });
      return true;
    }
    if (at === size) {
      if (this.#endSent) return false;
      this.#digest ??= this.#sum.digest();
      this.#endSent = true;
      this.client.sendFrame(frameOf(frameEnd, id, size, this.#digest));
      return false;
    }
    if (end > this.#acked + this.#window) return false;
    const turn = this.#turn;
    const bytes = new Uint8Array(await this.blob.slice(at, end).arrayBuffer());
    if (at === this.#hashed) {
      this.#sum.update(bytes);
      this.#hashed = end;
    }
    if (turn !== this.#turn || at !== this.#next || this.over || this.#window === 0) return true;
    this.#next = end;
    this.client.sendFrame(frameOf(frameData, id, at, bytes));
    return true;
  }
}

/** ReceivedTransfer is the receiver's end; it is kept as a whole. complete(bytes) is called once, and then the sender told. */
export class ReceivedTransfer {
  #bytes;
  #sum = new Sha256();
  #have = 0;
  #acked = 0;
  #step = chunkBytes;
  over = false;

  constructor(client, info, { complete, settled }) {
    Object.assign(this, { client, info, complete, settled, epoch: client.epoch });
    this.#bytes = new Uint8Array(info.size);
  }

  async accept() {
    clearTimeout(this.timer);
    this.epoch = this.client.epoch;
    try {
      const { window } = await this.client.request('acceptTransfer', { id: this.info.id, offset: this.#have, window: windowBytes }, { bound: true });
      this.#step = Math.max(window / 4, chunkBytes);
      this.#ack();
    } catch (error) {
      if (!error.forgotten) this.end(codeOf(error));
    }
  }

  frame({ kind, offset, payload }) {
    if (this.over || offset !== this.#have) return; // it has come, or what is between was lost and will be sent again
    if (kind === frameEnd && offset === this.info.size) this.#check(payload);
    if (kind !== frameData) return;
    if (offset + payload.length > this.info.size) {
      this.end(Code.InvalidData);
      return;
    }
    this.#bytes.set(payload, offset);
    this.#sum.update(payload);
    this.#have += payload.length;
    if (this.#have - this.#acked >= this.#step || this.#have === this.info.size) this.#ack();
  }

  #ack() {
    this.#acked = this.#have;
    this.client.sendFrame(frameOf(frameAck, this.info.id, this.#have));
  }

  #check(sum) {
    const own = this.#sum.digest();
    const right = own.every((byte, i) => byte === sum[i]);
    if (right) this.complete(this.#bytes);
    this.end(right ? Code.OK : Code.InvalidData);
  }

  /** back tells, on a new connection, where to go on. */
  back() {
    this.#ack();
    this.client.sendFrame(frameOf(frameFrom, this.info.id, this.#have));
  }

  /** end ends it for both sides. */
  end(code) {
    if (this.over) return;
    this.drop();
    this.settled(code);
    this.client.request('endTransfer', { id: this.info.id, code }, { bound: true }).catch(() => {});
  }

  drop() {
    this.over = true;
    clearTimeout(this.timer);
  }
}

/** blobOf makes a Blob of a text, of bytes, or of a Blob. */
export function blobOf(data) {
  if (data instanceof Blob) return data;
  if (data === undefined || data === null) throw new CRError(Code.BadParameter, 'there is nothing to send');
  return new Blob([typeof data === 'string' || data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? data : String(data)]);
}
