// What getStats tells: how loud everybody is, and how good the network is.

const soundEvery = 200; // ms
const netEvery = 2000; // ms

// Lost packets in per cent, below which a score is given.
const scores = [[3, 10], [8, 9], [15, 8], [20, 7], [25, 6], [30, 5], [35, 4], [40, 3], [45, 2], [50, 1]];
const scoreOf = (percent) => scores.find(([limit]) => percent < limit)?.[1] ?? 0;

/** Meter measures a peer. onEnergy(num, level) with num 0 for one's own microphone; onNet(score, byStream) every 2 s. */
export class Meter {
  #peer;
  #handlers;
  #timers;
  #sound = new Map(); // by report ID
  #packets = new Map();

  constructor(peer, handlers) {
    this.#peer = peer;
    this.#handlers = handlers;
    this.#timers = [setInterval(() => this.#listen(), soundEvery), setInterval(() => this.#judge(), netEvery)];
  }

  close() { this.#timers.forEach(clearInterval); }

  /** rms is the loudness since the last look, 0 to 1. */
  #rms(report) {
    const { totalAudioEnergy: energy = 0, totalSamplesDuration: duration = 0 } = report;
    const last = this.#sound.get(report.id) ?? { energy, duration };
    this.#sound.set(report.id, { energy, duration });
    return duration > last.duration ? Math.sqrt(Math.max(0, energy - last.energy) / (duration - last.duration)) : 0;
  }

  async #listen() {
    const told = [];
    const look = async (source, type, num) => {
      for (const report of (await source.getStats()).values()) {
        if (report.type === type && report.kind === 'audio') told.push([num, Math.min(10, Math.round(10 * this.#rms(report)))]);
      }
    };
    try {
      await Promise.all([
        look(this.#peer.mic.sender, 'media-source', 0),
        ...this.#peer.slots.of('audio').filter((s) => s.num).map((s) => look(s.receiver, 'inbound-rtp', s.num)),
      ]);
    } catch {
      return; // closed meanwhile
    }
    this.#handlers.onEnergy(told);
  }

  async #judge() {
    if (this.#peer.state === 'failed' || this.#peer.state === 'disconnected') {
      this.#handlers.onNet(0, new Map());
      return;
    }
    let reports;
    try {
      reports = await this.#peer.stats();
    } catch {
      return;
    }
    const byMid = new Map();
    let up = 0, lost = 0, all = 0;
    for (const r of reports.values()) {
      if (r.type === 'remote-inbound-rtp') up = Math.max(up, 100 * (r.fractionLost ?? 0));
      if (r.type !== 'inbound-rtp') continue;
      const last = this.#packets.get(r.id) ?? { lost: r.packetsLost, got: r.packetsReceived };
      this.#packets.set(r.id, { lost: r.packetsLost, got: r.packetsReceived });
      const gone = Math.max(0, r.packetsLost - last.lost), came = r.packetsReceived - last.got;
      lost += gone;
      all += gone + came;
      if (gone + came > 0) byMid.set(r.trackIdentifier, scoreOf(100 * gone / (gone + came)));
    }
    const byStream = new Map();
    for (const slot of [...this.#peer.slots.of('audio'), ...this.#peer.slots.of('video')]) {
      if (byMid.has(slot.receiver.track.id)) byStream.set(slot.num, byMid.get(slot.receiver.track.id));
    }
    this.#handlers.onNet(scoreOf(Math.max(up, all ? 100 * lost / all : 0)), byStream);
  }
}
