// What is known of the room's whiteboards. The server brings all edits into one order and tells whole elements; a page is read
// when it is first needed, part after part, and followed from then on.
import { client } from './current.js';
import { Code, CRError } from './errors.js';
import { emit } from './events.js';

const returnTime = 5000; // ms in which others may restore a board that a restarted server has forgotten
const partBytes = 192 << 10; // of a request
const partElements = 200;

const known = new Map(); // boards by ID
const watchers = new Set(); // functions that are called when anything is different
let process = ''; // the server's, on which they are
let grace = 0;

export const boardOf = (id) => known.get(id);
export const boardObj = ({ id, title = '', width, height, pageCount, curPage = 0 }) => ({ boardID: id, title, width, height, pageCount, curPage });
export const allBoards = () => [...known.values()].sort((a, b) => (a.created ?? 0) - (b.created ?? 0));

export function watchBoards(fn) {
  watchers.add(fn);
  return () => watchers.delete(fn);
}

function boardsChanged() { for (const fn of watchers) fn(); }

/** newBoardID is an ID for a board or an element. */
export const newBoardID = () => [...crypto.getRandomValues(new Uint8Array(8))].map((b) => b.toString(16).padStart(2, '0')).join('');

const layer = (el) => (el.kind === 'image' ? 0 : 1);

/** drawnOn gives the elements of a page that was read, from the bottom to the top. */
export const drawnOn = (page) => [...page.elements.values()].sort((a, b) => layer(a) - layer(b) || a.order - b.order || (a.id < b.id ? -1 : 1));

/** boardPage gives a page, once it was read. */
export async function boardPage(id, n) {
  const board = known.get(id);
  if (!board || !(n >= 0 && n < board.pageCount)) throw new CRError(Code.BadParameter, `there is no page ${n} of a board ${id}`);
  let page = board.pages.get(n);
  if (!page) {
    page = { elements: new Map(), version: 0, loaded: false, load: null };
    board.pages.set(n, page);
  }
  if (!page.loaded) await (page.load ?? readPage(board, n, page)).ended;
  return page;
}

/** readPage reads a page anew. Who waits for a reading that was under way waits for this one. */
function readPage(board, n, page) {
  const load = page.load ?? { again: page.loaded };
  const number = load.number = (load.number ?? 0) + 1;
  load.seen = new Set();
  if (!load.ended) {
    load.ended = new Promise((resolve, reject) => Object.assign(load, { resolve, reject }));
    load.ended.catch(() => {});
  }
  Object.assign(page, { load, loaded: false });
  const read = async () => {
    for (let after; ;) {
      const part = await client.request('getBoardPage', { board: board.id, page: n, after });
      if (page.load !== load || load.number !== number) return;
      const put = upsert(page, part.elements ?? []);
      const more = part.more && part.elements?.length > 0;
      const deleted = more ? [] : [...page.elements.keys()].filter((id) => !load.seen.has(id));
      for (const id of deleted) page.elements.delete(id);
      if (load.again) edited(board.id, n, put, deleted, '');
      if (!more) {
        Object.assign(page, { version: Math.max(page.version, part.version ?? 0), loaded: true, load: null });
        load.resolve();
        boardsChanged();
        return;
      }
      after = part.elements.at(-1).order;
    }
  };
  read().catch((error) => {
    if (page.load !== load || load.number !== number) return;
    page.load = null;
    load.reject(error);
  });
  return load;
}

function upsert(page, elements) {
  return elements.filter((el) => {
    page.load?.seen.add(el.id);
    if (page.elements.get(el.id)?.version === el.version) return false;
    page.elements.set(el.id, el);
    return true;
  });
}

function edited(board, n, put, deleted, by) {
  if (put.length + deleted.length === 0) return;
  emit('NotifyBoardEdited', board, n, put, deleted, by);
  boardsChanged();
}

function add(info) { known.set(info.id, { ...info, pages: new Map(), missing: false }); }

function created(info, by) {
  const board = known.get(info.id);
  if (board) { // it was restored
    board.missing = false;
    moved({ board: info.id, page: info.curPage, pos1: info.pos1, pos2: info.pos2, version: info.version });
    return;
  }
  add(info);
  emit('NotifyCreateBoard', boardObj(info), by);
  boardsChanged();
}

function closed(id, by) {
  const board = known.get(id);
  if (!board) return;
  known.delete(id);
  for (const page of board.pages.values()) page.load?.reject(new CRError(Code.BadParameter, 'the board was closed'));
  emit('NotifyCloseBoard', id, by);
  boardsChanged();
}

function moved({ board: id, page = 0, pos1 = 0, pos2 = 0, by = '', version = 0 }) {
  const board = known.get(id);
  if (!board) return;
  const same = (board.curPage ?? 0) === page && (board.pos1 ?? 0) === pos1 && (board.pos2 ?? 0) === pos2;
  Object.assign(board, { curPage: page, pos1, pos2, version: Math.max(board.version ?? 0, version) });
  if (!same) emit('NotifyBoardCurPageNo', id, page, pos1, pos2, by);
}

/** boardNotes are the server's notifications about boards. */
export const boardNotes = {
  boardCreated: ({ board }) => created(board, board.by ?? ''),
  boardClosed: ({ board, by }) => closed(board, by ?? ''),
  boardPage: moved,
  boardEdited: ({ board, page: n = 0, put = [], delete: gone = [], version = 0, by = '' }) => {
    const page = known.get(board)?.pages.get(n);
    if (!known.has(board)) return;
    if (!page) {
      edited(board, n, put, gone, by);
      return;
    }
    const deleted = gone.filter((id) => page.elements.delete(id) || !page.loaded);
    const news = upsert(page, put);
    page.version = Math.max(page.version, version);
    edited(board, n, news, deleted, by);
  },
};

/** forgetBoards is for who leaves a room. */
export function forgetBoards() {
  clearTimeout(grace);
  for (const board of known.values()) for (const page of board.pages.values()) page.load?.reject(new CRError(Code.NoRoom, 'in no room'));
  known.clear();
  boardsChanged();
}

/** takeBoards takes the boards of a room that was entered, or entered again after the server had forgotten us. */
export function takeBoards({ boards = [], epoch }, again) {
  const forgotten = again && epoch !== process;
  process = epoch;
  if (!again) {
    forgetBoards();
    for (const info of boards) add(info);
    if (boards.length > 0) emit('NotifyInitBoards', allBoards().map(boardObj));
    boardsChanged();
    return;
  }
  const there = new Set(boards.map((info) => info.id));
  for (const info of boards) created(info, '');
  for (const board of allBoards()) {
    if (there.has(board.id)) continue;
    if (forgotten || board.missing) board.missing = true;
    else closed(board.id, '');
  }
  clearTimeout(grace);
  grace = setTimeout(() => { for (const board of allBoards()) if (board.missing) closed(board.id, ''); }, returnTime);
  const pages = allBoards().flatMap((board) => [...board.pages].map(([n, page]) => ({ board, n, page })));
  const restored = forgotten && known.size > 0 ? restore(pages.filter(({ page }) => page.loaded && page.version > 0)) : Promise.resolve();
  restored.catch(() => {}).then(() => { // what may not be restored is as the server has it
    for (const { board, n, page } of pages) if (known.get(board.id) === board && (page.loaded || page.load)) readPage(board, n, page);
  });
}

/** restore tells a server that was restarted which boards there were, and what was on those of their pages that it lacks. */
async function restore(pages) {
  const boards = allBoards().map(({ pages: _, missing: __, ...info }) => info);
  const states = pages.map(({ board, n, page }) => ({ board: board.id, page: n, version: page.version }));
  const { wanted = [] } = await client.request('restoreBoards', { boards, pages: states }, { bound: true });
  for (const { board, page: n = 0, version } of wanted) {
    const page = known.get(board)?.pages.get(n);
    const all = page ? drawnOn(page) : [];
    do {
      const elements = [];
      for (let bytes = 0; all.length > 0 && elements.length < partElements;) {
        bytes += JSON.stringify(all[0]).length * (all[0].kind === 'text' ? 3 : 1); // as UTF-8, at most
        if (elements.length > 0 && bytes > partBytes) break;
        elements.push(all.shift());
      }
      await client.request('restoreBoardPage', { board, page: n, elements, version: all.length > 0 ? undefined : version }, { bound: true });
    } while (all.length > 0);
  }
}
