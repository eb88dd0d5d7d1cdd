// The tiles: one for each person in the room.
import {
  CRVideo_CreatVideoObj, CRVideo_GetAllMembers, CRVideo_GetAllVideoInfo, CRVideo_GetDefaultVideo, CRVideo_GetMemberInfo, CRVideo_GetMicEnergy, CRVideo_GetNetScore,
} from '../crvideo.mjs';
import { icon } from './icons.js';
import { text } from './texts.js';

const list = document.getElementById('tiles');
const tiles = new Map(); // by UID
let me = '';

/** screenName is what a shared screen is called as a camera. */
export const screenName = 'screen';

const make = (tag, className, ...inside) => {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...inside);
  return element;
};

const initials = (name) => (/^[\u3400-\u9fff]/.test(name) ? name.slice(0, 1) : name.split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? '').join('').toUpperCase());

function hue(uid) {
  let sum = 0;
  for (const c of uid) sum = (sum * 31 + c.codePointAt(0)) % 360;
  return sum;
}

class Tile {
  constructor(uid) {
    this.uid = uid;
    this.view = CRVideo_CreatVideoObj({ isVisibleNickName: false });
    this.letters = make('b', '');
    this.face = make('div', 'face', this.letters);
    this.face.setAttribute('aria-hidden', 'true');
    this.who = make('span', 'who');
    this.states = make('span', 'states');
    this.net = make('span', 'bars', make('i', ''), make('i', ''), make('i', ''));
    this.net.setAttribute('role', 'img');
    this.element = make('li', 'tile', this.face, this.view.handler(), make('div', 'plate', make('span', '', this.who, this.states, this.net)));
    this.element.dataset.uid = uid;
    this.element.style.setProperty('--hue', hue(uid));
    this.element.ondblclick = () => (document.fullscreenElement ? document.exitFullscreen() : this.element.requestFullscreen?.());
    this.view.setVideo(uid, -1);
  }

  /** draw shows what is known of the member now. */
  draw() {
    const words = text();
    const info = CRVideo_GetMemberInfo(this.uid);
    if (!info) return;
    const own = this.uid === me;
    const seen = info.videoStatus === 3 || (own && info.videoStatus === 4);
    const sharing = seen && CRVideo_GetAllVideoInfo(this.uid).find((v) => v.videoID === CRVideo_GetDefaultVideo(this.uid))?.videoName === screenName;
    this.element.classList.toggle('own', own);
    this.element.classList.toggle('flip', own && !sharing);
    this.element.classList.toggle('screen', sharing);
    this.letters.textContent = initials(info.nickname);
    this.face.hidden = seen;
    this.who.textContent = own ? words.you(info.nickname) : info.nickname;
    const states = [];
    if (sharing) states.push(['share', words.sharing, false]);
    else if (!seen) states.push(['camera', words.noCamera, true]);
    if (info.audioStatus !== 3) states.push(['mic', words.noMic, true]);
    this.states.hidden = states.length === 0;
    this.states.style.display = 'flex';
    this.states.style.gap = '.3rem';
    this.states.replaceChildren(...states.map(([name, word, off]) => {
      const mark = make('span', off ? 'off' : '', icon(name, off), make('span', 'unseen', word));
      mark.title = word;
      return mark;
    }));
    this.level();
    this.quality();
  }

  level() {
    const speaking = CRVideo_GetMicEnergy(this.uid) > 0;
    this.element.classList.toggle('speaking', speaking);
    this.who.title = speaking ? text().speaking : '';
  }

  quality() { bars(this.net, CRVideo_GetNetScore(this.uid)); }

  close() {
    this.view.destroy();
    this.element.remove();
  }
}

/** bars shows a network score, 0 to 10, -1 unknown. */
export function bars(element, score) {
  const level = score < 0 ? -1 : score === 0 ? 0 : score < 5 ? 1 : score <= 8 ? 2 : 3;
  element.dataset.level = level;
  element.setAttribute('aria-label', level < 0 ? text().netUnknown : text().net[level]);
  element.title = element.getAttribute('aria-label');
}

/** drawTiles makes the tiles those of the members, oneself first. */
export function drawTiles(uid) {
  me = uid;
  const members = CRVideo_GetAllMembers();
  const here = new Set(members.map((m) => m.UID));
  for (const [gone, tile] of tiles) {
    if (here.has(gone)) continue;
    tile.close();
    tiles.delete(gone);
  }
  for (const m of members) {
    if (!tiles.has(m.UID)) tiles.set(m.UID, new Tile(m.UID));
    tiles.get(m.UID).draw();
  }
  const order = [...tiles.values()].sort((a, b) => (b.uid === me) - (a.uid === me));
  order.forEach((tile, i) => { if (list.children[i] !== tile.element) list.insertBefore(tile.element, list.children[i] ?? null); });
  arrange();
}

export const tileOf = (uid) => tiles.get(uid);
export const allTiles = () => tiles.values();

export function closeTiles() {
  for (const tile of tiles.values()) tile.close();
  tiles.clear();
}

const widest = 16 / 9;
const narrow = 4 / 3;
const narrowest = 4 / 5; // on a screen that is higher than wide
const least = 140; // pixels; smaller tiles scroll

/** arrange gives the tiles the columns in which they are largest. */
function arrange() {
  const n = tiles.size;
  const gap = parseFloat(getComputedStyle(list).rowGap) || 0;
  const { clientWidth: width, clientHeight: height } = list;
  if (n === 0 || width <= 0) return;
  let best = { area: 0 };
  for (let columns = 1; columns <= n; columns++) {
    const rows = Math.ceil(n / columns);
    const w = (width - gap * (columns - 1)) / columns, h = (height - gap * (rows - 1)) / rows;
    const shape = Math.min(widest, Math.max(width > height ? narrow : narrowest, w / h));
    const size = Math.floor(Math.min(w, h * shape));
    if (size * size / shape > best.area) best = { area: size * size / shape, columns, w: size, h: Math.floor(size / shape) };
  }
  const scroll = best.w < least;
  if (scroll) best = { w: least, h: Math.floor(least / widest) };
  list.style.overflowY = scroll ? 'auto' : 'hidden';
  list.style.setProperty('--tile-width', `${best.w}px`);
  list.style.setProperty('--tile-height', `${best.h}px`);
}

new ResizeObserver(arrange).observe(list);
