// A board object shows a page of a whiteboard in an element that the application puts into its page, and draws on it with the pointer.
import { boardOf, boardPage, drawnOn, newBoardID, watchBoards } from './boards.js';
import { hexColour, paintElement } from './boardpaint.js';
import { client, done, requestInRoom } from './current.js';
import { Code, CRError } from './errors.js';

const penKinds = { 1: 'line', 2: 'rect', 3: 'ellipse', 4: 'pencil' };
const maxPoints = 4096;
const maxImageBytes = 144 << 10;
const maxSide = 4096;

const hundredths = (v) => Math.round(v * 100) / 100;

export class BoardUIObj {
  #box = document.createElement('div');
  #title = document.createElement('div');
  #frame = document.createElement('div');
  #canvas = document.createElement('canvas');
  #board = '';
  #page = 0;
  #pen = null;
  #stroke = null; // being drawn
  #pending = new Map(); // drawn here, not yet told by the server
  #pictures = new Map(); // decoded images by element ID
  #scheduled = false;
  #unwatch;

  constructor(params = {}) {
    this.#box.className = 'crvideo-board';
    Object.assign(this.#box.style, { display: 'flex', flexDirection: 'column', overflow: 'hidden', background: '#e8e8e8' });
    Object.assign(this.#title.style, { padding: '2px 8px', font: '14px sans-serif' });
    Object.assign(this.#frame.style, { flex: '1', minHeight: '0', overflow: 'auto' });
    Object.assign(this.#canvas.style, { display: 'block', touchAction: 'none', background: '#fff' });
    this.#frame.append(this.#canvas);
    this.#box.append(this.#title, this.#frame);
    for (const key of ['width', 'height']) if (params[key] !== undefined) this.#box.style[key] = Number.isFinite(Number(params[key])) ? `${params[key]}px` : params[key];
    if (params.id) this.#box.id = params.id;
    const { signal } = this.#ended;
    this.#canvas.addEventListener('pointerdown', (e) => this.#down(e), { signal });
    this.#canvas.addEventListener('pointermove', (e) => this.#move(e), { signal });
    for (const end of ['pointerup', 'pointercancel']) this.#canvas.addEventListener(end, (e) => this.#up(e), { signal });
    this.#unwatch = watchBoards(() => this.#redraw());
    if (params.boardID) this.setCurBoardPage(params.boardID, params.pageNo);
  }

  #ended = new AbortController();

  handler() { return this.#box; }
  getCanvasElement() { return this.#canvas; }

  /** setCurBoardPage shows a page here; pages are counted from 0. */
  setCurBoardPage(boardID, pageNo = 0) {
    this.#board = String(boardID ?? '');
    this.#page = Number(pageNo);
    this.#stroke = null;
    this.#pending.clear();
    this.#redraw();
  }

  /** isScaledContents sets whether the page is scaled to the space that there is. */
  isScaledContents(scaled) {
    this.#frame.style.overflow = scaled ? 'hidden' : 'auto';
    Object.assign(this.#canvas.style, scaled ? { width: '100%', height: '100%', objectFit: 'contain' } : { width: '', height: '', objectFit: '' });
  }

  setTitleStyle(style) { this.#restyle(this.#title, style); }
  setBoardStyle(style) { this.#restyle(this.#box, style); }

  #restyle(element, style) {
    if (typeof style === 'string') element.style.cssText += style;
    else Object.assign(element.style, style);
  }

  /** setPen sets how the pointer draws; null ends drawing. */
  setPen(options) {
    this.#stroke = null;
    if (!options) {
      this.#pen = null;
      return;
    }
    const { type = 4, lineType = 1, lineWidth = 2, strokeStyle = '#000000', fillColor, fullOpacity = 1 } = options;
    const brush = document.createElement('canvas').getContext('2d');
    const stroke = hexColour(brush, strokeStyle), fill = fillColor ? hexColour(brush, fillColor) : null;
    const width = Number(lineWidth), opacity = fullOpacity === false ? 0.5 : Number(fullOpacity);
    if (!penKinds[type] || ![1, 3].includes(Number(lineType)) || !(width > 0 && width <= 1000) || !(opacity > 0 && opacity <= 1) || !stroke || (fillColor && !fill)) throw Code.BadParameter;
    this.#pen = {
      kind: penKinds[type], stroke: stroke.colour, fill: fill?.opacity ? fill.colour : undefined, width: hundredths(width),
      line: Number(lineType) === 3 ? 3 : undefined, opacity: hundredths(Math.max(opacity * stroke.opacity, 0.01)),
    };
  }

  undo() { return this.#request('undoBoard'); }
  redo() { return this.#request('undoBoard', { redo: true }); }
  clear() { return this.#request('editBoard', { clear: true }); }

  #request(method, params) { return done(requestInRoom(method, { board: this.#board, page: this.#page, ...params })); }

  /** importImg lays a picture (an image, canvas, video or ImageBitmap) under what is drawn, in the place of the one before; null takes it away. */
  importImg(image) {
    return done((async () => {
      const [at, n, board] = [this.#board, this.#page, boardOf(this.#board)];
      const page = await boardPage(at, n);
      const gone = drawnOn(page).filter((el) => el.kind === 'image').map((el) => el.id);
      const put = image ? [await this.#imported(image, board)] : [];
      if (gone.length + put.length > 0) await requestInRoom('editBoard', { board: at, page: n, delete: gone, put });
    })());
  }

  async #imported(image, { width: w, height: h }) {
    await image.decode?.();
    const width = image.naturalWidth ?? image.videoWidth ?? image.width, height = image.naturalHeight ?? image.videoHeight ?? image.height;
    if (!(width > 0 && height > 0)) throw new CRError(Code.BadParameter, 'the picture is empty');
    const fit = Math.min(w / width, h / height);
    const box = [(w - width * fit) / 2, (h - height * fit) / 2, (w + width * fit) / 2, (h + height * fit) / 2].map(hundredths);
    return { id: newBoardID(), kind: 'image', points: box, image: encoded(image, width, height) };
  }

  /** #where is a place of the pointer's on the page. */
  #where(e) {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    const scale = Math.min(width / this.#canvas.width, height / this.#canvas.height); // as object-fit does
    return [(e.clientX - left - (width - this.#canvas.width * scale) / 2) / scale, (e.clientY - top - (height - this.#canvas.height * scale) / 2) / scale].map(hundredths);
  }

  #down(e) {
    if (!this.#pen || e.button !== 0 || !boardOf(this.#board)) return;
    try {
      this.#canvas.setPointerCapture(e.pointerId);
    } catch {} // it was lifted already
    this.#stroke = { ...this.#pen, id: newBoardID(), points: this.#where(e), pointer: e.pointerId };
    this.#redraw();
  }

  #move(e) {
    const stroke = this.#stroke;
    if (stroke?.pointer !== e.pointerId) return;
    const events = e.getCoalescedEvents?.() ?? [];
    for (const at of events.length > 0 ? events : [e]) {
      const [x, y] = this.#where(at);
      if (stroke.kind !== 'pencil') stroke.points.splice(2, 2, x, y);
      else if (Math.hypot(x - stroke.points.at(-2), y - stroke.points.at(-1)) >= 0.5) stroke.points.push(x, y);
      if (stroke.points.length < 2 * maxPoints) continue;
      this.#finish(); // the line goes on as another one
      this.#stroke = { ...stroke, id: newBoardID(), points: [x, y] };
      return;
    }
    this.#redraw();
  }

  #up(e) {
    if (this.#stroke?.pointer !== e.pointerId) return;
    if (e.type === 'pointercancel') this.#stroke = null;
    else this.#finish();
    this.#redraw();
  }

  #finish() {
    const { pointer: _, ...el } = this.#stroke;
    this.#stroke = null;
    if (el.kind !== 'pencil' && el.points.length < 4) return; // one corner is none
    this.#pending.set(el.id, el);
    this.#request('editBoard', { put: [el] }).finally(() => {
      this.#pending.delete(el.id); // it was told before the answer, or is refused
      this.#redraw();
    }).catch(() => {});
  }

  #redraw() {
    if (this.#scheduled || this.#ended.signal.aborted) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#paint();
    });
  }

  #paint() {
    const board = boardOf(this.#board), canvas = this.#canvas;
    this.#title.textContent = board?.title ?? '';
    const width = board?.width ?? 0, height = board?.height ?? 0;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    if (!board) return;
    const brush = canvas.getContext('2d');
    brush.globalAlpha = 1;
    brush.fillStyle = '#ffffff';
    brush.fillRect(0, 0, width, height);
    const page = board.pages.get(this.#page);
    if (!page?.loaded && !page?.load && client?.room?.in) boardPage(this.#board, this.#page).catch(() => {}); // it is painted when it was read
    const elements = page ? drawnOn(page) : [];
    for (const id of this.#pictures.keys()) if (!page?.elements.has(id)) this.#pictures.delete(id);
    for (const el of elements) paintElement(brush, el, (image) => this.#picture(image));
    for (const el of this.#pending.values()) if (!page?.elements.has(el.id)) paintElement(brush, el);
    if (this.#stroke) paintElement(brush, this.#stroke);
  }

  #picture(el) {
    let kept = this.#pictures.get(el.id);
    if (kept?.version !== el.version) {
      const image = new Image();
      kept = { version: el.version, image, ready: false };
      this.#pictures.set(el.id, kept);
      image.src = `data:image/${el.image.startsWith('iVBOR') ? 'png' : 'jpeg'};base64,${el.image}`;
      image.decode().then(() => { kept.ready = true; this.#redraw(); }, () => {});
    }
    return kept.ready ? kept.image : null;
  }

  destroy() {
    this.#ended.abort();
    this.#unwatch();
    this.#box.remove();
  }
}

/** encoded is a picture in base64, short enough: first by the format, then by the quality, then by the size. */
function encoded(image, width, height) {
  let factor = Math.min(1, maxSide / Math.max(width, height));
  for (let formats = ['png', 'jpeg']; ; factor *= 0.75, formats = ['jpeg']) {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) });
    const brush = canvas.getContext('2d');
    for (const format of formats) {
      if (format === 'jpeg') brush.fillStyle = '#ffffff';
      if (format === 'jpeg') brush.fillRect(0, 0, canvas.width, canvas.height); // it cannot be seen through
      brush.drawImage(image, 0, 0, canvas.width, canvas.height);
      for (const quality of format === 'png' ? [1] : [0.9, 0.75, 0.5]) {
        const data = canvas.toDataURL(`image/${format}`, quality).split(',')[1];
        if (data.length * 3 / 4 <= maxImageBytes) return data;
      }
    }
  }
}

