import { codeOf, deviceError } from './errors.js';
import { emit } from './events.js';
import { pictureOf } from './devices.js';
import { askGroups } from './groups.js';

export const Status = Object.freeze({ Unknown: 0, None: 1, Closed: 2, Open: 3, Opening: 4 });

const cameraPatience = 10000; // ms until OpenVideoTimeout

const words = {
  mic: { open: 'openMic', close: 'closeMic', changed: 'AudioStatusChanged', failed: 'OpenMicFailed' },
  camera: { open: 'openVideo', close: 'closeVideo', changed: 'VideoStatusChanged', failed: 'OpenVideoFailed' },
};

/** Publisher is one's own microphone or camera: its state, its track, and the request that publishes it. */
export class Publisher {
  #client;
  #kind;
  #words;
  #turn = 0; // of opening and closing: what was begun in an earlier one is over
  #volume = null;
  #timer = 0;
  #published = {}; // which camera on which m-line
  #num = 0; // of the stream
  status = Status.Unknown;
  track = null; // as captured
  sent = null; // the same, or made louder or quieter
  deviceID = 0;

  constructor(client, kind) {
    this.#client = client;
    this.#kind = kind;
    this.#words = words[kind];
  }

  get #present() {
    const { mics, cameras } = this.#client.devices;
    return (this.#kind === 'mic' ? mics : cameras).some((d) => d.present);
  }

  /** rest is the status of a device that is not open. */
  get #rest() { return this.#present ? Status.Closed : Status.None; }

  #set(status) {
    const old = this.status;
    if (old === status) return;
    this.status = status;
    emit(this.#words.changed, this.#client.uid, old, status);
    this.#client.changed();
  }

  /** enter is called when a room was entered: the event tells the first status. */
  enter() { this.#set(this.#rest); }

  /** look is called when devices come and go. */
  look() {
    if (this.status === Status.None || this.status === Status.Closed) this.#set(this.#rest);
  }

  /** leave stops the device without telling anybody. */
  leave() {
    this.#stop();
    this.status = Status.Unknown;
  }

  #stop() {
    this.#turn++;
    clearTimeout(this.#timer);
    this.#volume?.close();
    this.#volume = null;
    if (this.track) {
      this.track.onended = null;
      if (!this.#client.devices.cameras.some((c) => c.custom && c.id === this.deviceID)) this.track.stop();
    }
    this.track = this.sent = null;
    askGroups('sound', this.#client);
  }

  /** open opens the device and publishes it. */
  async open() {
    if (!this.#client.room?.in || this.status === Status.Open || this.status === Status.Opening) return;
    this.#set(Status.Opening);
    await this.#begin();
  }

  async #begin() {
    const turn = ++this.#turn;
    if (this.#kind === 'camera') this.#timer = setTimeout(() => emit('OpenVideoTimeout'), cameraPatience);
    try {
      await this.#capture(turn);
      if (turn === this.#turn) await this.publish();
    } catch (error) {
      this.#failed(turn, error);
    } finally {
      if (turn === this.#turn) clearTimeout(this.#timer);
    }
  }

  #failed(turn, error, again = false) {
    const back = !again && (this.#client.recovering || this.#client.room?.rejoining); // what comes back opens it
    if (turn !== this.#turn || error.forgotten || back) return;
    this.#stop();
    const reason = deviceError(error);
    this.#set(this.#rest);
    emit(this.#words.failed, reason.message, codeOf(reason));
  }

  /** republish sends again what was open in a room that was entered again. */
  async republish() {
    const turn = this.#turn;
    await this.publish().catch((error) => this.#failed(turn, error, true));
  }

  async #capture(turn) {
    const { devices, audioCfg, videoCfg } = this.#client;
    const device = this.#kind === 'mic' ? devices.mic(audioCfg.micID) : devices.camera;
    const track = await (this.#kind === 'mic' ? devices.openMic(audioCfg) : devices.openCamera(device, videoCfg));
    if (turn !== this.#turn) {
      if (!device?.custom) track.stop();
      return;
    }
    this.track = track;
    this.deviceID = device?.id ?? 0;
    track.onended = () => this.#unplugged();
    await this.#client.refreshDevices(); // their names are known now
  }

  /** publish sends the track in the room as it is now. */
  async publish() {
    const turn = this.#turn;
    const room = this.#client.room;
    if (!this.track || !room) return;
    await room.ready;
    const transceiver = room.peer[this.#kind];
    await this.#attach(transceiver);
    if (turn !== this.#turn || this.#client.room !== room) return;
    const codec = room.peer.codec(transceiver);
    const { uid } = this.#client;
    const { deviceID } = this;
    const params = { uid, mid: transceiver.mid, codec };
    if (this.#kind === 'camera') {
      Object.assign(params, { videoID: deviceID, layers: room.peer.layers.describe() });
      if (this.#published.transceiver === transceiver && this.#published.deviceID !== deviceID) { // another camera is another stream
        await this.#client.request('closeVideo', { uid, videoID: this.#published.deviceID }, { bound: true }).catch(() => {}); // gone: closed already
      }
    }
    this.#published = { transceiver, deviceID };
    const { stream } = await this.#client.request(this.#words.open, params, { bound: true });
    if (turn !== this.#turn) return;
    this.#num = stream.num;
    if (this.#kind === 'camera' && room.wanted.has(stream.num)) this.want(stream.num, room.wanted.get(stream.num));
    this.#set(Status.Open);
    room.published(this.#kind, this.deviceID);
  }

  /** want is told which sizes of a stream anybody watches. */
  want(num, layers) {
    if (num === this.#num) this.#client.room.peer.layers.want(layers);
  }

  async #attach(transceiver) {
    const captured = this.track;
    let track = captured;
    if (this.#kind === 'mic') {
      const { autoGainControl, micVolume } = this.#client.audioCfg;
      this.#volume?.close();
      this.#volume = !autoGainControl && micVolume !== 100 ? volume(track, micVolume / 100) : null;
      track = this.#volume?.track ?? track;
      this.track.enabled = micVolume > 0;
    } else {
      const picture = pictureOf(this.#client.videoCfg);
      const { width = picture.width, height = picture.height } = track.getSettings();
      await this.#client.room.peer.layers.resize({ width, height, kbps: Math.min(picture.kbps, this.#client.params.videoSendBW) });
    }
    await transceiver.sender.replaceTrack(track);
    if (this.track !== captured) return; // closed meanwhile
    this.sent = track;
    askGroups('sound', this.#client);
  }

  /** reconfigure captures again with other settings or another device; receivers see the stream go on. */
  async reconfigure() {
    if (this.status !== Status.Open && this.status !== Status.Opening) return;
    this.#stop();
    await this.#begin();
  }

  close() {
    if (this.status !== Status.Open && this.status !== Status.Opening) return;
    const { room, uid } = this.#client;
    this.#stop();
    room?.peer[this.#kind].sender.replaceTrack(null).catch(() => {});
    this.#set(this.#rest);
    room?.published(this.#kind, 0);
    const params = this.#kind === 'mic' ? { uid } : { uid, videoID: this.deviceID || -1 };
    this.#client.request(this.#words.close, params).catch(() => {}); // the room is gone: so is the stream
  }

  async #unplugged() {
    await this.#client.refreshDevices();
    if (this.#present) await this.reconfigure();
    else this.close();
  }
}

/** volume makes a track that is louder or quieter. */
function volume(track, gain) {
  const context = new AudioContext();
  const node = new GainNode(context, { gain });
  const out = context.createMediaStreamDestination();
  context.createMediaStreamSource(new MediaStream([track])).connect(node).connect(out);
  return { track: out.stream.getTracks()[0], close: () => context.close() };
}

