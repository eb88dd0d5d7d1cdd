// Whiteboards.
import { allBoards, boardNotes, boardObj, forgetBoards, newBoardID, takeBoards } from './boards.js';
import { BoardUIObj } from './boardobj.js';
import { client, inRoom, requestInRoom } from './current.js';
import { Code, codeOf } from './errors.js';
import { slot } from './events.js';
import { addGroup } from './groups.js';

/** CRVideo_Creatboard makes a whiteboard and gives its ID. */
export function CRVideo_Creatboard(title, width = 1280, height = 720, pageCount = 1) {
  const made = requestInRoom('createBoard', { id: newBoardID(), title: String(title ?? ''), width: Number(width), height: Number(height), pageCount: Number(pageCount) })
    .then((board) => board.id, (error) => { throw codeOf(error); });
  made.catch(() => {});
  return made;
}

export const CRVideo_Closeboard = (boardID) => inRoom('closeBoard', { board: String(boardID ?? '') });

/** CRVideo_SetBoardCurPageNo lets everybody look at a page, counted from 0. */
export const CRVideo_SetBoardCurPageNo = (boardID, pageNo) => inRoom('setBoardPage', { board: String(boardID ?? ''), page: Number(pageNo) });

/** CRVideo_CreateBoardUIObj makes an object that shows a page. params, an object or its JSON: boardID, pageNo, id, width, height. */
export function CRVideo_CreateBoardUIObj(params) {
  if (!client) throw Code.NotInit;
  return new BoardUIObj(typeof params === 'string' && params !== '' ? JSON.parse(params) : params || {});
}

// Not of CRVideo's API: which boards there are, and what was drawn.
export const CRVideo_GetBoards = () => allBoards().map(boardObj);
export const CRVideo_NotifyBoardEdited = slot('NotifyBoardEdited');

export const CRVideo_NotifyInitBoards = slot('NotifyInitBoards');
export const CRVideo_NotifyCreateBoard = slot('NotifyCreateBoard');
export const CRVideo_NotifyCloseBoard = slot('NotifyCloseBoard');
export const CRVideo_NotifyBoardCurPageNo = slot('NotifyBoardCurPageNo');

addGroup({
  inRoom: boardNotes,
  entered: (room, result, again) => takeBoards(result, again),
  left: forgetBoards,
});
