// A video object shows one camera of one member in an element that the application puts into its page.
import { emit } from './events.js';

let count = 0;
const css = (value) => (typeof value === 'number' || /^\d+$/.test(value) ? `${value}px` : String(value));

export class VideoObj {
  #client;
  #box = document.createElement('div');
  #video = document.createElement('video');
  #name = document.createElement('span');
  #content = null; // null: the member's nickname
  #attached = null; // stream
  #shown = false; // and seen
  #placed = false; // has been on the page
  #inView = false; // displayed there, and not scrolled away
  #observers = [];
  uid = '';
  camID = -1;
  waiting = false; // for the pictures of an open camera

  constructor(client, params = {}) {
    this.#client = client;
    const box = this.#box, video = this.#video, name = this.#name;
    box.id = `crvideo_${++count}`;
    box.className = 'crvideo';
    Object.assign(box.style, { position: 'relative', overflow: 'hidden', background: '#000', width: '320px', height: '180px' });
    Object.assign(video.style, { width: '100%', height: '100%', objectFit: 'contain', display: 'block', visibility: 'hidden' });
    Object.assign(name.style, { position: 'absolute', left: '0', bottom: '0', padding: '2px 8px', color: '#fff', background: 'rgba(0,0,0,.5)', font: '14px sans-serif' });
    Object.assign(video, { autoplay: true, muted: true, playsInline: true });
    name.hidden = params.isVisibleNickName === false;
    box.append(video, name);
    for (const key of ['id', 'width', 'height', 'left', 'top']) if (params[key] !== undefined) this[key](params[key]);
    client.views.push(this);
    this.#frames();
    this.#observers = [
      new ResizeObserver(() => client.room?.wish()),
      new IntersectionObserver((entries) => this.#looked(entries.at(-1).isIntersecting), { rootMargin: '100px' }),
    ];
    for (const observer of this.#observers) observer.observe(box);
    video.onenterpictureinpicture = video.onleavepictureinpicture = () => client.room?.wish();
  }

  #looked(inView) {
    this.#placed ||= this.#box.isConnected;
    this.#inView = inView;
    if (inView && this.#attached && this.#video.paused) this.#video.play().catch(() => {}); // a browser stops what is taken out of the page
    this.update();
    this.#client.room?.wish();
  }

  /** #frames checks every picture before the next one: the slot may have changed to another stream. */
  #frames() {
    this.#video.requestVideoFrameCallback?.(() => {
      this.#client.room?.peer?.slots.look();
      if (this.#client.views.includes(this)) this.#frames();
    });
  }

  id(value) { return this.#property(value, () => this.#box.id, () => { this.#box.id = value; }); }
  width(value) { return this.#style('width', value); }
  height(value) { return this.#style('height', value); }
  left(value) { return this.#style('left', value); }
  top(value) { return this.#style('top', value); }

  #property(value, get, set) {
    if (value !== undefined) set();
    return get();
  }

  #style(key, value) {
    return this.#property(value, () => this.#box.style[key], () => {
      if (key === 'left' || key === 'top') this.#box.style.position = 'absolute';
      this.#box.style[key] = css(value);
    });
  }

  show() { this.#display(''); }
  hide() { this.#display('none'); }

  #display(value) {
    this.#box.style.display = value;
    this.update();
    this.#client.room?.wish();
  }

  /**
   * hidden tells that nothing of it need be received: nobody sees it. One that was never on the page counts as seen, since the
   * application may play its stream itself.
   */
  get hidden() {
    if (this.#box.style.display === 'none') return true;
    return this.#placed && (!this.#inView || document.hidden) && document.pictureInPictureElement !== this.#video;
  }

  /** pixels are how high it is on the screen, in steps; 0 while it is on no page. */
  get pixels() { return Math.min(Math.ceil((this.#box.clientHeight * (globalThis.devicePixelRatio || 1)) / 30) * 30, 8192); }
  handler() { return this.#box; }

  setVideo(uid, camID = -1) {
    this.uid = String(uid ?? '');
    this.camID = Number(camID);
    this.update();
    this.#client.room?.wish();
  }

  /** getVideoID tells what was set. */
  getVideoID() { return { UID: this.uid, userID: this.uid, videoID: this.camID, camID: this.camID }; }

  clear() { this.setVideo('', -1); }

  /** update is called when anything may have changed. */
  update() {
    const { room, uid: me } = this.#client;
    this.#name.textContent = this.#content ?? room?.members.get(this.uid)?.nickname ?? '';
    let stream = null;
    this.waiting = false;
    if (room?.in && this.uid) {
      if (this.uid === me) {
        const { track, deviceID, status } = this.#client.camera;
        if (track && (status === 3 || status === 4) && (this.camID === -1 || this.camID === deviceID)) {
          stream = this.#attached?.getTracks()[0] === track ? this.#attached : new MediaStream([track]);
        }
      } else {
        const num = room.stream(this.uid, this.camID);
        stream = (num && room.peer.slots.find(num)?.stream) || null;
        this.waiting = num > 0 && !stream && !this.hidden;
      }
    }
    this.#play(stream ?? (this.waiting ? this.#guess() : null), !!stream);
  }

  /**
   * #guess is a slot in which nobody sends yet: the pictures that we wait for may come there. Attached before, unseen, the first of them
   * shows as soon as it is known to be theirs, and not the one after it.
   */
  #guess() {
    const taken = this.#client.views.filter((v) => v !== this).map((v) => v.#attached);
    const free = this.#client.room.peer.slots.of('video').filter((s) => s.num === 0 && !taken.includes(s.stream)).map((s) => s.stream);
    return free.includes(this.#attached) ? this.#attached : free[0] ?? null;
  }

  #play(stream, shown) {
    this.#shown = shown;
    this.#video.style.visibility = shown ? 'visible' : 'hidden';
    if (stream === this.#attached) return;
    this.#attached = stream;
    this.#video.srcObject = stream;
    if (!stream) return;
    emit('NotifyVideoStream', this.uid, stream);
    this.#video.play().catch(() => {}); // muted: only a page that goes away refuses
  }

  /** isPicEmpty tells whether there is no picture. */
  isPicEmpty() { return !this.#shown || this.#video.videoWidth === 0; }

  setNickNameStyle(style) {
    if (typeof style === 'string') this.#name.style.cssText += style;
    else Object.assign(this.#name.style, style);
  }

  setNickNameContent(content) {
    this.#content = content || null;
    this.update();
  }

  setVisibleNickName(visible) { this.#name.hidden = !visible; }
  getVisibleNickName() { return !this.#name.hidden; }

  dblClickFullScreen(on) {
    this.#box.ondblclick = on ? () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else this.#box.requestFullscreen?.();
    } : null;
  }

  /** savePicToBase64 is the picture as a data URL: 'png' (default), 'jpeg' or 'webp'. Empty without a picture. */
  savePicToBase64(format = 'png') {
    if (this.isPicEmpty()) return '';
    const canvas = document.createElement('canvas');
    canvas.width = this.#video.videoWidth;
    canvas.height = this.#video.videoHeight;
    canvas.getContext('2d').drawImage(this.#video, 0, 0);
    return canvas.toDataURL(`image/${String(format).replace(/^image\//, '').replace('jpg', 'jpeg')}`);
  }

  /** savePic lets the browser save the picture as a file. */
  savePic(fileName = 'picture.png') {
    const href = this.savePicToBase64(/\.(jpe?g|webp)$/i.exec(fileName)?.[1]?.toLowerCase() ?? 'png');
    if (!href) return false;
    Object.assign(document.createElement('a'), { href, download: fileName }).click();
    return true;
  }

  destroy() {
    this.clear();
    for (const observer of this.#observers) observer.disconnect();
    this.#client.views = this.#client.views.filter((v) => v !== this);
    this.#box.remove();
    this.#client.room?.wish();
  }
}
