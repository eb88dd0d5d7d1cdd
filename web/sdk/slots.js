// Slots are the m-lines on which the server sends others' sound and pictures. Every packet carries the number of its
// stream as CSRC, and the browser tells which CSRC was in what it played last: so a slot never shows one member under
// another one's name, whatever order packets and messages come in.

const busy = 40; // ms between looks while somebody waits for a stream
const calm = 250; // ms otherwise

class Slot {
  constructor(transceiver, { onNumber, onBlocked, muted, sinkId }) {
    this.receiver = transceiver.receiver;
    this.kind = this.receiver.track.kind;
    this.stream = new MediaStream([this.receiver.track]);
    this.num = 0;
    this.#onNumber = onNumber;
    if (this.kind === 'audio') {
      this.player = new Audio();
      this.player.srcObject = this.stream;
      this.player.muted = muted;
      if (sinkId) this.player.setSinkId?.(sinkId).catch(() => {});
      this.play(onBlocked);
    }
  }

  #onNumber;

  play(onBlocked) {
    this.player?.play().catch((error) => { if (error.name === 'NotAllowedError') onBlocked?.(); });
  }

  /** look finds out whose stream is in the slot now. */
  look() {
    let last = null;
    for (const source of this.receiver.getContributingSources()) {
      if (!last || source.timestamp > last.timestamp) last = source;
    }
    if (last && last.source !== this.num) {
      this.num = last.source;
      this.#onNumber(this);
    }
    return this.num;
  }

  close() {
    if (this.player) this.player.srcObject = null;
  }
}

export class Slots {
  #all = [];
  #settings;
  #timer = 0;
  #expecting = () => false;

  /** settings: onNumber(slot) when another stream is in a slot, onBlocked() when the browser does not play without a click. */
  constructor(settings) {
    this.#settings = settings;
    this.#expecting = settings.expecting;
  }

  add(transceiver) {
    if (this.#all.some((s) => s.receiver === transceiver.receiver)) return;
    this.#all.push(new Slot(transceiver, this.#settings));
    this.#settings.onSlot?.();
  }

  start() {
    const look = () => {
      this.look();
      this.#timer = setTimeout(look, this.#expecting() ? busy : calm);
    };
    look();
  }

  look() {
    for (const slot of this.#all) slot.look();
  }

  /** find is the slot that plays a stream now. */
  find(num) { return this.#all.find((s) => s.num === num); }

  of(kind) { return this.#all.filter((s) => s.kind === kind); }

  setMuted(muted) {
    this.#settings.muted = muted;
    for (const slot of this.of('audio')) {
      slot.player.muted = muted;
      if (!muted) slot.play(this.#settings.onBlocked);
    }
  }

  setSink(sinkId) {
    this.#settings.sinkId = sinkId;
    return Promise.all(this.of('audio').map((s) => s.player.setSinkId?.(sinkId)));
  }

  close() {
    clearTimeout(this.#timer);
    for (const slot of this.#all) slot.close();
    this.#all = [];
  }
}
