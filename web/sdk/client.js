import { Code, CRError, codeOf } from './errors.js';
import { emit } from './events.js';
import { serverURL } from './address.js';
import { Devices, defaultAudioCfg, defaultVideoCfg } from './devices.js';
import { askGroups, tellGroups } from './groups.js';
import { Publisher } from './publisher.js';
import { Room } from './room.js';
import { Backoff, Session } from './session.js';

const version = '0.1.0';

export const defaultParams = {
  isHttp: false, timeout: 60000, videoSendBW: 2048, iceServers: [], audioSlots: 8, videoSlots: 4, videoCodec: 'video/H264', refuseRemoteOpen: false,
};

const waking = ['online', 'visibilitychange', 'pageshow'];
const looking = ['visibilitychange', 'resize'];

// What a server says that would say the same the next time.
const finalLogin = new Set([Code.BadParameter, Code.WrongSecret, Code.Kicked, Code.TokenExpired, Code.AuthData, Code.NoApp, Code.AuthFailed, 14, 15, 16, 17]);

/** Client is one user: one login, at most one room. */
export class Client {
  params = { ...defaultParams };
  addr = '';
  devices = new Devices();
  audioCfg = { ...defaultAudioCfg };
  videoCfg = { ...defaultVideoCfg };
  mic = new Publisher(this, 'mic');
  camera = new Publisher(this, 'camera');
  views = []; // video objects
  room = null;
  recovering = false;
  speakerPaused = false;
  hearing = { mode: 0, uids: [] }; // whose sound is wanted
  #login = null;
  #away = null; // while we come back to a server that had forgotten us: the promise of its end
  #forgotten = 0; // how often that was
  #wake = () => this.#login?.session?.check();
  #look = () => this.changed(); // what is seen of the page is more, less, or of another size
  #devicechange = () => { this.refreshDevices().catch(() => {}); };

  async start() {
    if (!globalThis.RTCPeerConnection || !globalThis.WebSocket) throw new CRError(8006, 'this browser has no WebRTC');
    await this.devices.refresh().catch(() => {});
    navigator.mediaDevices?.addEventListener?.('devicechange', this.#devicechange);
    for (const event of waking) globalThis.addEventListener?.(event, this.#wake);
    for (const event of looking) globalThis.addEventListener?.(event, this.#look);
  }

  stop() {
    this.logout();
    askGroups('stopped', this);
    for (const view of [...this.views]) view.destroy();
    navigator.mediaDevices?.removeEventListener?.('devicechange', this.#devicechange);
    for (const event of waking) globalThis.removeEventListener?.(event, this.#wake);
    for (const event of looking) globalThis.removeEventListener?.(event, this.#look);
  }

  get uid() { return this.#login?.uid ?? ''; }
  get loggedIn() { return !!this.#login?.ready; }

  /** epoch names the process of the server that we are logged in on. */
  get epoch() { return this.#login?.epoch ?? ''; }

  /**
   * request sends a request of the login there is. A server that has forgotten us gets it again when all is restored, except for
   * what is bound: to the media connection that is lost then, or because it is what restores.
   */
  async request(method, params, { bound = false } = {}) {
    const login = this.#login;
    for (;;) {
      while (this.#away && !bound) await this.#away;
      if (!login?.ready || this.#login !== login) throw new CRError(Code.NotLoggedIn, 'not logged in');
      try {
        return await login.session.request(method, params);
      } catch (error) {
        if (bound || !error.forgotten) throw error;
      }
    }
  }

  sendFrame(frame) { this.#login?.session?.sendFrame(frame); }

  /** buffered is how many bytes wait to be sent to the server. */
  get buffered() { return this.#login?.session?.buffered ?? 0; }

  async login(credentials, nickname, uid, userAuthCode) {
    const fail = (code, message) => { throw new CRError(code, message); };
    if (!uid || !nickname) fail(Code.BadParameter, 'nickname or UID is empty');
    if (!credentials.token && !(credentials.appID && credentials.secretMD5)) fail(Code.BadParameter, 'neither a token nor appID and appSecret');
    const url = serverURL(this.addr, this.params.isHttp);
    if (this.#login) fail(Code.LoginState, 'logged in, or logging in');
    const login = { uid, nickname, credentials, url, userAuthCode: userAuthCode || undefined, ready: false, session: null, since: Date.now() };
    this.#login = login;
    try {
      login.session = this.#session(login);
      await this.#hello(login);
    } catch (error) {
      if (this.#login === login) this.#login = null;
      throw error;
    }
    if (this.#login !== login) fail(Code.LoginState, 'logged out meanwhile');
    login.ready = true;
  }

  /** #hello logs in; instead of a session that the server has forgotten, if there was one. */
  async #hello(login) {
    const { session, credentials, uid, nickname, userAuthCode, forgotten } = login;
    const result = await session.login({
      ...credentials, uid, nickname, userAuthCode, frames: true, timeoutMs: this.params.timeout, sdk: `crvideo-js/${version}`,
      ...(forgotten && { renews: forgotten, ageMs: Math.max(0, Date.now() - login.since) }),
    });
    login.forgotten = result.session;
    login.epoch = result.epoch;
  }

  #session(login) {
    const session = new Session(login.url, this.params.timeout, {
      onNotify: (method, params) => { if (login.session === session) this.#notified(method, params); },
      onEnd: (error) => { if (login.session === session) this.#ended(login, error); },
      onFrame: (buffer) => { if (login.session === session) askGroups('frame', buffer); },
      onBack: () => { if (login.session === session) askGroups('back'); },
      onLink: (up) => { if (this.#login === login && login.ready) emit('LinkStateChanged', up); },
    });
    return session;
  }

  #notified(method, params) {
    if (method === 'tokenExpiring') emit('NotifyTokenWillExpire');
    tellGroups('on', method, params, this);
    if (this.room?.in && !this.room.entering) this.room.hear(method, params);
  }

  async updateToken(token) {
    if (!this.loggedIn) throw new CRError(Code.NotLoggedIn, 'not logged in');
    if (!token) throw new CRError(Code.BadParameter, 'the token is empty');
    if (!this.#login.credentials.token) throw new CRError(Code.NotTokenLogin, 'not a token login');
    const login = this.#login;
    await this.request('updateToken', { token });
    login.credentials = { token };
  }

  logout() {
    const login = this.#login;
    this.#login = null;
    this.recovering = false;
    this.#dropRoom();
    if (login) askGroups('ended', this);
    login?.session?.close();
  }

  /** #ended handles the end of a session. A server that has forgotten it, for it was started again, gets a new login and entry. */
  #ended(login, error) {
    if (error.forgotten) this.#meanwhile(() => this.#comeBack(login));
    else this.#lineOff(login, codeOf(error));
  }

  /** #meanwhile runs what brings us back; requests that last wait for its end. */
  async #meanwhile(comeBack) {
    const away = comeBack().finally(() => { if (this.#away === away) this.#away = null; });
    this.#away = away;
    await away;
  }

  async #comeBack(login) {
    const turn = ++this.#forgotten;
    const over = () => this.#login !== login || turn !== this.#forgotten; // logged out, or forgotten once more
    this.recovering = true;
    const backoff = new Backoff();
    for (;;) {
      await backoff.wait();
      if (over()) return;
      try {
        login.session = this.#session(login);
        await this.#hello(login);
        break;
      } catch (failure) {
        if (over()) return;
        if (finalLogin.has(codeOf(failure)) || backoff.away > this.params.timeout) {
          this.#lineOff(login, finalLogin.has(codeOf(failure)) ? codeOf(failure) : Code.Timeout);
          return;
        }
      }
    }
    if (over()) return;
    await Promise.allSettled(askGroups('renewed', this));
    if (over()) return;
    if (this.room?.in) await this.#reenter(this.room, false);
    if (over()) return;
    this.recovering = false;
    emit('LinkStateChanged', true);
  }

  #lineOff(login, code) {
    if (this.#login !== login) return;
    this.#login = null;
    this.recovering = false;
    this.#dropRoom();
    askGroups('ended', this);
    emit('LineOff', code);
  }

  #dropRoom() {
    const room = this.room;
    if (!room) return;
    this.room = null;
    this.mic.leave();
    this.camera.leave();
    room.close();
    askGroups('left', room);
    askGroups('sound', this);
    this.changed();
  }

  /** leaveLocally forgets a room that the server does not have us in any more. */
  leaveLocally(room) { if (this.room === room) this.#dropRoom(); }

  dropped(room, code) {
    if (this.room !== room) return;
    const wasIn = room.in;
    this.#dropRoom();
    this.request('exitMeeting').catch(() => {});
    if (wasIn) emit('MeetingDropped', code);
  }

  async enter(meetID, options) {
    if (!this.loggedIn) throw new CRError(Code.NotLoggedIn, 'not logged in');
    if (this.room) throw new CRError(Code.InRoom, `in room ${this.room.id}`);
    if (!(meetID >= 10000000 && meetID <= 99999999)) throw new CRError(Code.BadParameter, 'a room has 8 digits');
    const room = new Room(this, Number(meetID), options ?? {});
    this.room = room;
    try {
      room.begin(await room.enter());
    } catch (error) {
      if (this.room === room) this.#dropRoom();
      room.close();
      throw error;
    }
  }

  /** entered tells what follows the result of an entry. */
  entered() {
    this.mic.enter();
    this.camera.enter();
    emit('VideoDevChanged', this.uid);
    this.room?.told(false);
    this.changed();
  }

  /** rejoin leaves the room and enters it again, with new media: no path for the old one is found. */
  async rejoin(room) {
    if (this.room === room && !room.rejoining && !this.recovering) await this.#meanwhile(() => this.#reenter(room, true));
  }

  /** #reenter enters the room again, with new media, and publishes what was open. */
  async #reenter(room, leave) {
    const turn = this.#forgotten;
    const over = () => this.room !== room || turn !== this.#forgotten; // left, or forgotten: that begins anew
    room.rejoining = true;
    emit('LinkStateChanged', false);
    try {
      if (leave) await this.request('exitMeeting', undefined, { bound: true }).catch(() => {});
      const members = await this.#insist(room, over);
      if (over()) return;
      room.again(members);
      await Promise.all([this.mic.republish(), this.camera.republish()]);
      if (!over()) emit('LinkStateChanged', true);
    } catch (error) {
      if (!over()) this.dropped(room, codeOf(error));
    } finally {
      if (!over()) room.rejoining = false;
    }
  }

  /** #insist enters a room, again while the server may have another answer in a moment. */
  async #insist(room, over) {
    const backoff = new Backoff();
    for (;;) {
      await backoff.wait();
      if (over()) return [];
      try {
        return await room.enter();
      } catch (error) {
        if (![Code.TooFast, Code.ServiceFailure, Code.Timeout, Code.SameIdentity].includes(codeOf(error)) || backoff.away > 10000) throw error;
      }
    }
  }

  /** mediaUp is called whenever media has found its path. */
  mediaUp() { emit('NotifyMediaConnected'); }

  exit() {
    if (!this.room) return;
    this.#dropRoom();
    this.request('exitMeeting').catch(() => {}); // logged out: out of the room, too
  }

  /** changed lets views and wishes follow what is known now. */
  changed() {
    for (const view of this.views) view.update();
    this.room?.wish();
  }

  /** wishes are the cameras of others that are shown, and how high: 0 is as high as they come. */
  wishes() {
    const all = new Map();
    for (const { uid, camID, hidden, pixels } of this.views) {
      if (!uid || uid === this.uid || hidden) continue;
      const key = `${camID} ${uid}`;
      const { height = pixels } = all.get(key) ?? {};
      all.set(key, { uid, videoID: camID, height: height && pixels ? Math.max(height, pixels) : 0 });
    }
    return [...all.values()].slice(0, 256);
  }

  /** refreshDevices looks which devices there are, and tells everybody who should know. */
  async refreshDevices() {
    if (!(await this.devices.refresh())) return;
    this.devicesChanged();
    emit('MicDeviceChanged');
  }

  devicesChanged() {
    this.mic.look();
    this.camera.look();
    if (this.room?.in) this.room.tellDevices().catch(() => {});
    else emit('VideoDevChanged', this.uid);
  }

  /** useCamera makes a camera the default one; if one is open, this one takes over. */
  async useCamera(id) {
    if (id === -1 || this.devices.camera?.id === id) return;
    this.devices.chooseCamera(id);
    await this.room?.tellDevices();
    await this.camera.reconfigure();
  }

  setSpeaker(paused) {
    this.speakerPaused = paused;
    this.room?.peer?.slots.setMuted(paused);
    askGroups('sound', this);
  }
}
