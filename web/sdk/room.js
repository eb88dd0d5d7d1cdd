import { Code, CRError } from './errors.js';
import { emit } from './events.js';
import { askGroups, tellGroups } from './groups.js';
import { Meter } from './meter.js';
import { Peer } from './peer.js';
import { Status } from './publisher.js';

/** statusOf is a member's VSTATUS. */
const videoStatus = (m) => (m.videos.length === 0 ? Status.None : m.videos.some((v) => v.stream) ? Status.Open : Status.Closed);

const normal = (m) => ({ ...m, videos: m.videos ?? [], defaultVideo: m.defaultVideo ?? 0 });

const cameras = (m) => JSON.stringify(m.videos.map(({ id, name }) => [id, name]));

// While members come back to a server that had forgotten the room, one after the other, they are shown as they were.
const reappearTime = 5000; // ms

/** Room is one stay in a room: its members, and the media connection. */
export class Room {
  #client;
  #meter = null;
  #wished = '';
  #syncing = false;
  #answer = null; // of enterMeeting, until groups were told
  #grace = 0; // timer of the time in which members come back
  #told = {}; // the server's state of the room, which may know less than ours while they do
  #scores = new Map();
  #energy = new Map();
  in = false; // stays true while we come back
  entering = false; // what the server tells is in its answer
  peer = null;
  ready = null; // resolves when the first answer was applied
  members = new Map();
  state = {}; // what the room sees together
  wanted = new Map(); // which sizes of a stream of one's own anybody watches; told before the answer that names the stream, at times

  constructor(client, id, options) {
    this.#client = client;
    this.id = id;
    this.options = options;
  }

  get #current() { return this.#client.room === this; }

  /** enter asks to be let in, and gives the members. Notifications are ignored until it has the answer: what they tell is in it. */
  async enter() {
    const { params, devices } = this.#client;
    this.entering = true;
    const peer = new Peer({
      iceServers: params.iceServers, codec: params.videoCodec, audioCfg: () => this.#client.audioCfg, audioSlots: params.audioSlots, videoSlots: params.videoSlots,
      slots: {
        muted: this.#client.speakerPaused, sinkId: devices.speaker(this.#client.audioCfg.speakerID)?.deviceId,
        onNumber: () => this.#client.changed(), onSlot: () => { askGroups('sound', this.#client); this.#client.changed(); }, onBlocked: () => emit('NotifyAutoPlayFailed'),
        expecting: () => this.#client.views.some((v) => v.waiting) || this.#unheard(),
      },
      onConnected: () => this.#client.mediaUp(true),
      onFailed: () => { if (this.peer === peer) this.#client.rejoin(this); },
    });
    this.peer?.close();
    this.peer = peer;
    let applied;
    this.ready = new Promise((resolve, reject) => { applied = { resolve, reject }; });
    this.ready.catch(() => {});
    try {
      const offer = await peer.offer();
      const { password, noAudio } = this.options;
      const { ticket, in: again } = this; // a server that was started again makes the room anew with the ticket
      const result = await this.#client.request('enterMeeting', {
        meetID: this.id, password, noAudio, oneLimit: true, ticket, state: again ? this.state : undefined, offer, devices: devices.describe(),
        ...Object.assign({}, ...askGroups('entering', this, again)),
      }, { bound: again });
      if (!this.#current) throw new CRError(Code.LoginState, 'left meanwhile');
      this.in = true;
      this.entering = false;
      this.#answer = result;
      this.info = result.meeting;
      this.ticket = result.ticket ?? this.ticket;
      this.#wished = '';
      this.wanted.clear();
      this.#connect(peer, result.answer).then(applied.resolve, (error) => {
        applied.reject(error);
        if (this.peer !== peer) return;
        emit('PeerConnectionError', error.message);
        this.#client.dropped(this, Code.Socket);
      });
      return result.members.map(normal);
    } catch (error) {
      applied.reject(error);
      throw error;
    }
  }

  async #connect(peer, answer) {
    if (!answer) throw new CRError(Code.InvalidData, 'the server sent no media answer');
    await peer.answer(answer);
    peer.start((offer) => this.#client.request('offer', { offer }, { bound: true }));
    this.#meter?.close();
    this.#meter = new Meter(peer, { onEnergy: (all) => this.#measured(all), onNet: (score, by) => this.#judged(score, by) });
    this.wish();
  }

  /** begin takes the members of a room that was entered for the first time. */
  begin(members) {
    this.members = new Map(members.map((m) => [m.uid, m]));
    this.state = this.#told = this.#answer.state ?? {}; // the getters tell
  }

  /**
   * again takes the members of a room that was entered again. Who is not there may be about to come back, and who is may be about
   * to open what was open: both are shown as they were for a while. What then is different becomes events.
   */
  again(members) {
    const me = this.#client.uid;
    clearTimeout(this.#grace);
    this.#grace = setTimeout(() => this.#endGrace(), reappearTime);
    for (const [uid, m] of this.members) {
      if (uid === me) continue;
      m.shown ??= { audio: this.audioStatus(uid), video: this.videoStatus(uid) };
      m.missing = true;
      m.audioStream = undefined;
      for (const v of m.videos) v.stream = undefined;
    }
    for (const m of members) {
      if (m.uid === me) {
        const { camera } = this.#client; // it is about to be published again, and has been open all the time
        Object.assign(this.members.get(me), m, { videos: m.videos.map((v) => ({ ...v, stream: camera.status === Status.Open && v.id === camera.deviceID ? {} : undefined })) });
      } else this.on.memberEntered({ member: m });
    }
    this.#see(this.#answer.state ?? {});
    this.told(true);
  }

  #returned(old, m) {
    this.members.set(m.uid, Object.assign(m, { shown: old.shown }));
    this.#settle(m);
    if (old.nickname !== m.nickname) emit('NotifyNickNameChanged', m.uid, old.nickname, m.nickname);
    if (cameras(old) !== cameras(m)) emit('VideoDevChanged', m.uid);
    if (old.defaultVideo !== m.defaultVideo) emit('DefVideoChanged', m.uid, m.defaultVideo);
    this.#client.changed();
  }

  /** #settle ends the time in which a member is shown as it was, if it is so again. */
  #settle(m) {
    if (m.shown && !m.missing && m.shown.audio === m.audio && m.shown.video === videoStatus(m)) m.shown = undefined;
  }

  #endGrace() {
    this.#grace = 0;
    if (!this.#current) return;
    this.#see(this.#told);
    for (const m of [...this.members.values()]) {
      if (m.missing) this.hear('memberLeft', { uid: m.uid, reason: 'timeout' });
      else if (m.shown) this.#change(m.uid, () => { m.shown = undefined; });
    }
  }

  /** told gives the answer to enterMeeting to the groups of the API. */
  told(again) {
    askGroups('entered', this, this.#answer, again);
    this.#answer = null;
  }

  /** hear handles a notification of the server's about the room. */
  hear(method, params) {
    this.on[method]?.(params);
    tellGroups('inRoom', method, params, this);
  }

  #see(state) {
    this.#told = state;
    const old = this.state;
    if (this.#grace && (state.version ?? 0) < (old.version ?? 0)) return; // holds if nobody who comes back knows better
    this.state = state;
    if (old.mainVideoMode !== state.mainVideoMode) emit('NotifyMainVideoModeChanged', state.mainVideoMode);
    if (old.mainVideo !== state.mainVideo) emit('NotifyMainVideoChanged', state.mainVideo ?? '');
    if (old.mainPage !== state.mainPage || old.subPage !== state.subPage) emit('NotifySwitchToPage', state.mainPage ?? 0, state.subPage ?? '');
    if (!old.locked !== !state.locked) emit('NotifyRoomLocked', !!state.locked);
  }

  #unheard() {
    for (const m of this.members.values()) {
      if (m.uid !== this.#client.uid && m.audioStream && !this.peer.slots.find(m.audioStream.num)) return true;
    }
    return false;
  }

  /** stream is the number of the stream that a camera of a member sends, 0 for none. */
  stream(uid, camID) {
    const m = this.members.get(uid);
    return m?.videos.find((v) => v.id === (camID === -1 ? m.defaultVideo : camID))?.stream?.num ?? 0;
  }

  audioStatus(uid) {
    if (uid === this.#client.uid) return this.#client.mic.status;
    const m = this.members.get(uid);
    return m?.shown?.audio ?? m?.audio ?? Status.Unknown;
  }

  videoStatus(uid) {
    if (uid === this.#client.uid) return this.#client.camera.status;
    const m = this.members.get(uid);
    return m?.shown?.video ?? (m ? videoStatus(m) : Status.Unknown);
  }

  energy(uid) { return this.audioStatus(uid) === Status.Open ? this.#energy.get(uid) ?? 0 : 0; }

  score(uid) { return this.#scores.get(uid); }

  /** published notes what of one's own is open: setDevices and getters see it. */
  published(kind, deviceID) {
    const me = this.members.get(this.#client.uid);
    if (!me) return;
    if (kind === 'camera') for (const v of me.videos) v.stream = v.id === deviceID ? {} : undefined;
    this.#client.changed();
  }

  /** devicesChanged tells the room what we have now. */
  async tellDevices() {
    const me = this.members.get(this.#client.uid);
    const devices = this.#client.devices.describe();
    if (!this.in || !me) return;
    const open = this.#client.camera.status === Status.Open ? this.#client.camera.deviceID : 0;
    const old = me.defaultVideo;
    me.videos = devices.videos.map((v) => ({ ...v, stream: v.id === open ? {} : undefined }));
    me.defaultVideo = devices.defaultVideo ?? 0;
    emit('VideoDevChanged', me.uid);
    if (old !== me.defaultVideo) emit('DefVideoChanged', me.uid, me.defaultVideo);
    await this.#client.request('setDevices', devices);
  }

  /** wish tells the server whose pictures are shown, if that changed. */
  async wish() {
    if (this.#syncing) return;
    this.#syncing = true;
    try {
      await Promise.resolve(); // several changes at once are one request
      for (;;) {
        const { hearing } = this.#client;
        const wishes = { videos: this.#client.wishes(), audio: hearing.mode === 0 ? undefined : hearing };
        const text = JSON.stringify(wishes);
        if (!this.in || this.entering || !this.#current || text === this.#wished) return;
        this.#wished = text;
        await this.#client.request('subscribe', wishes, { bound: true });
      }
    } catch {
      this.#wished = ''; // refused or cut: said again with the next change, or after coming back
    } finally {
      this.#syncing = false;
    }
  }

  #change(uid, fn) {
    const m = this.members.get(uid);
    if (!m) return;
    const before = [this.audioStatus(uid), this.videoStatus(uid), m.defaultVideo];
    fn(m);
    this.#settle(m);
    const after = [this.audioStatus(uid), this.videoStatus(uid), m.defaultVideo];
    if (before[0] !== after[0]) emit('AudioStatusChanged', uid, before[0], after[0]);
    if (before[1] !== after[1]) emit('VideoStatusChanged', uid, before[1], after[1]);
    if (before[2] !== after[2]) emit('DefVideoChanged', uid, after[2]);
    this.#client.changed();
  }

  /** on are the handlers of the server's notifications about the room. */
  on = {
    memberEntered: ({ member }) => {
      const m = normal(member);
      const old = this.members.get(m.uid);
      if (old) {
        this.#returned(old, m);
        return;
      }
      this.members.set(m.uid, m);
      emit('UserEnterMeeting', m.uid);
      emit('AudioStatusChanged', m.uid, Status.Unknown, m.audio);
      emit('VideoStatusChanged', m.uid, Status.Unknown, videoStatus(m));
      emit('VideoDevChanged', m.uid);
      this.#client.changed();
    },
    memberLeft: ({ uid, reason }) => {
      if (uid === this.#client.uid) this.#client.leaveLocally(this);
      else if (!this.members.delete(uid)) return;
      this.#energy.delete(uid);
      emit('UserLeftMeeting', uid, reason);
      this.#client.changed();
    },
    nicknameChanged: ({ uid, old, new: now }) => this.#change(uid, (m) => {
      m.nickname = now;
      emit('NotifyNickNameChanged', uid, old, now);
    }),
    meetingEnded: ({ meetID, by }) => {
      if (meetID !== this.id) return;
      this.#client.leaveLocally(this);
      emit('NotifyMeetEnded', meetID, by);
      emit('MeetingStopped');
    },
    micStatus: ({ uid, status, stream, by }) => {
      if (uid === this.#client.uid) {
        if (status === Status.Closed && by && by !== uid) this.#client.mic.close();
        return;
      }
      this.#change(uid, (m) => Object.assign(m, { audio: status, audioStream: stream }));
    },
    videoStatus: ({ uid, videoID, stream, by }) => {
      if (uid === this.#client.uid) {
        if (!stream && by && by !== uid) this.#client.camera.close();
        return;
      }
      this.#change(uid, (m) => {
        const wasOpen = this.videoStatus(uid) === Status.Open;
        for (const v of m.videos) if (v.id === videoID) v.stream = stream;
        if (wasOpen && !m.shown && videoStatus(m) === Status.Open && this.#grace === 0) emit('VideoDevChanged', uid); // beside another one
      });
    },
    devicesChanged: ({ uid, devices }) => this.#change(uid, (m) => {
      Object.assign(m, { videos: devices.videos ?? [], defaultVideo: devices.defaultVideo ?? 0, multiVideo: devices.multiVideo });
      if (!devices.mic) Object.assign(m, { audio: Status.None, audioStream: undefined });
      else if (m.audio === Status.None) m.audio = Status.Closed;
      emit('VideoDevChanged', uid);
    }),
    defaultVideoChanged: ({ uid, videoID }) => {
      this.#change(uid, (m) => { m.defaultVideo = videoID; });
      if (uid === this.#client.uid) this.#client.useCamera(videoID);
    },
    openMicAsked: () => { if (!this.#client.params.refuseRemoteOpen) this.#client.mic.open(); },
    openVideoAsked: ({ videoID }) => { if (!this.#client.params.refuseRemoteOpen) this.#client.useCamera(videoID).then(() => this.#client.camera.open()); },
    videoWanted: ({ num, layers }) => {
      this.wanted.set(num, layers);
      this.#client.camera.want(num, layers);
    },
    roomState: ({ state }) => this.#see(state),
    slotsNeeded: (need) => {
      const peer = this.peer;
      this.ready.then(() => peer.negotiate(need)).catch(() => {}); // the server asks again when it still lacks some
    },
  };

  #measured(all) {
    const levels = new Map(all);
    for (const m of this.members.values()) {
      const num = m.uid === this.#client.uid ? 0 : m.audioStream?.num;
      const level = this.audioStatus(m.uid) === Status.Open ? levels.get(num) ?? 0 : 0;
      const old = this.#energy.get(m.uid) ?? 0;
      if (level === old) continue;
      this.#energy.set(m.uid, level);
      emit('MicEnergyUpdate', m.uid, old, level);
    }
  }

  #judged(score, byStream) {
    const old = this.#scores.get(this.#client.uid);
    this.#scores = new Map([[this.#client.uid, score]]);
    for (const m of this.members.values()) {
      const nums = [m.audioStream?.num, ...m.videos.map((v) => v.stream?.num)].filter((n) => byStream.has(n));
      if (nums.length > 0 && m.uid !== this.#client.uid) this.#scores.set(m.uid, Math.min(...nums.map((n) => byStream.get(n))));
    }
    if (old !== score) emit('NetStateChanged', score);
  }

  close() {
    this.in = this.entering = false;
    clearTimeout(this.#grace);
    this.#meter?.close();
    this.peer?.close();
  }
}
