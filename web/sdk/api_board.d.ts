import type { Event } from './api.js';

// Whiteboards: a room has at most 16, each with up to 100 pages, counted from 0, of up to 2,000 elements.
export interface BoardObj { boardID: string; title: string; width: number; height: number; pageCount: number; curPage: number }
export interface BoardPenOptions {
  type?: 1 | 2 | 3 | 4; // line, rectangle, ellipse, pencil (default)
  lineType?: 1 | 3; // solid (default), dashed
  lineWidth?: number; // default 2
  strokeStyle?: string; // a CSS colour; default black
  fillColor?: string; // default: not filled
  fullOpacity?: boolean | number; // above 0 to 1; default 1, false is 0.5
}
export interface BoardElement {
  id: string; kind: 'line' | 'rect' | 'ellipse' | 'pencil' | 'text' | 'image'; points: number[]; // x, y, x, y, ...
  stroke?: string; fill?: string; width?: number; line?: number; opacity?: number; text?: string; size?: number;
  image?: string; // PNG or JPEG in base64
  author: string; order: number; version: number;
}
/** BoardUIObj shows a page of a whiteboard. What it is told to draw, others see, too; promises are rejected with a code. */
export interface BoardUIObj {
  handler(): HTMLElement;
  getCanvasElement(): HTMLCanvasElement;
  setCurBoardPage(boardID: string, pageNo?: number): void; // here; CRVideo_SetBoardCurPageNo tells everybody
  isScaledContents(scaled: boolean): void;
  setTitleStyle(style: string | Partial<CSSStyleDeclaration>): void;
  setBoardStyle(style: string | Partial<CSSStyleDeclaration>): void;
  setPen(options: BoardPenOptions | null): void; // of the pointer; null: it does not draw
  undo(): Promise<void>; // one's own last edit, where nobody else has changed it since
  redo(): Promise<void>;
  clear(): Promise<void>; // what everybody has drawn; images stay
  importImg(image: HTMLImageElement | HTMLCanvasElement | HTMLVideoElement | ImageBitmap | null): Promise<void>;
  destroy(): void;
}
export function CRVideo_Creatboard(title: string, width?: number, height?: number, pageCount?: number): Promise<string>; // its ID
export function CRVideo_Closeboard(boardID: string): Promise<void>;
export function CRVideo_SetBoardCurPageNo(boardID: string, pageNo: number): Promise<void>;
export function CRVideo_CreateBoardUIObj(params?: { boardID?: string; pageNo?: number; id?: string; width?: string | number; height?: string | number } | string): BoardUIObj;
export const CRVideo_NotifyInitBoards: Event<[boards: BoardObj[]]>;
export const CRVideo_NotifyCreateBoard: Event<[board: BoardObj, UID: string]>;
export const CRVideo_NotifyCloseBoard: Event<[boardID: string, UID: string]>;
export const CRVideo_NotifyBoardCurPageNo: Event<[boardID: string, curPage: number, pagePos1: number, pagePos2: number, UID: string]>;

// Not of CRVideo's API
export function CRVideo_GetBoards(): BoardObj[];
export const CRVideo_NotifyBoardEdited: Event<[boardID: string, pageNo: number, put: BoardElement[], deleted: string[], UID: string]>;
