package crvideo

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// BoardObj describes a whiteboard of the room (CRVideo's BoardObj). A room has at most 16.
type BoardObj struct {
	BoardID       string
	Title         string
	Width, Height int // units of its coordinates
	PageCount     int
	CurPage       int // the page that everybody shall look at, counted from 0
	Owner         string
}

func boardObj(w *wire.Board) BoardObj {
	return BoardObj{w.ID, w.Title, w.Width, w.Height, w.PageCount, w.CurPage, w.By}
}

// BoardParams are a new whiteboard.
type BoardParams struct {
	Title         string // at most 128 bytes
	Width, Height int    // 1 to 4096; default 1280 and 720
	PageCount     int    // 1 to 100; default 1
}

// Boards are the whiteboards of the room, the oldest first; none in no room.
func (c *Client) Boards() []BoardObj {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.room == nil || !c.room.in {
		return nil
	}
	return c.room.boardsLocked()
}

// CreateBoard makes a whiteboard (CRVideo_Creatboard). Everybody gets NotifyCreateBoard. It lives until it is closed or the
// room ends. Errors: 5 bad size or too many boards, 12 not logged in, 21 not permitted, 800 in no room.
func (c *Client) CreateBoard(ctx context.Context, p BoardParams) (BoardObj, error) {
	if p.Width == 0 && p.Height == 0 {
		p.Width, p.Height = 1280, 720
	}
	if p.PageCount == 0 {
		p.PageCount = 1
	}
	return await(ctx, "CreateBoard", func(done func(BoardObj, error)) func() {
		var made wire.Board
		request := &wire.Board{ID: newBoardID(), Title: p.Title, Width: p.Width, Height: p.Height, PageCount: p.PageCount}
		return c.startRoomQuery("CreateBoard", wire.MethodCreateBoard, request, &made, func(_ *room, err error) {
			if err != nil {
				done(BoardObj{}, err)
				return
			}
			done(boardObj(&made), nil)
		})
	})
}

// newBoardID is an ID for a board or an element.
func newBoardID() string {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// CloseBoard removes a whiteboard (CRVideo_Closeboard). Everybody gets NotifyCloseBoard.
// Errors: 5 no such board, 12 not logged in, 21 not permitted, 800 in no room.
func (c *Client) CloseBoard(ctx context.Context, boardID string) error {
	return c.roomRequest(ctx, "CloseBoard", wire.MethodCloseBoard, &wire.BoardIDParams{Board: boardID})
}

// SetBoardCurPageNo lets everybody look at a page of a whiteboard (CRVideo_SetBoardCurPageNo), counted from 0. Everybody
// gets NotifyBoardCurPageNo. Errors: 5 no such board or page, 12 not logged in, 21 not permitted, 800 in no room.
func (c *Client) SetBoardCurPageNo(ctx context.Context, boardID string, pageNo int) error {
	return c.roomRequest(ctx, "SetBoardCurPageNo", wire.MethodSetBoardPage, &wire.BoardPageParams{Board: boardID, Page: pageNo})
}

// BoardPage gives what is drawn on a page, from the bottom to the top. The first time it is fetched; from then on it is kept
// up to date. Errors: 5 no such board or page, 12 not logged in, 800 in no room.
func (c *Client) BoardPage(ctx context.Context, boardID string, pageNo int) ([]BoardElement, error) {
	elements, err := c.boardPage(ctx, "BoardPage", boardID, pageNo)
	if err != nil {
		return nil, err
	}
	return boardElements(elements), nil
}

func (c *Client) boardPage(ctx context.Context, op, boardID string, pageNo int) ([]*wire.BoardElement, error) {
	return await(ctx, op, func(done func([]*wire.BoardElement, error)) func() {
		r, err := c.inRoom(op)
		if err == nil {
			err = checked(op, &wire.GetBoardPageParams{Board: boardID, Page: pageNo})
		}
		if err != nil {
			done(nil, err)
			return noAbandon
		}
		r.withPage(boardID, pageNo, func(elements []*wire.BoardElement, err error) { done(elements, toError(op, err)) })
		return noAbandon
	})
}

// BoardEdit is one edit of a page: it happens for everybody at once, and undo takes all of it back.
type BoardEdit struct {
	Clear  bool           // remove what is drawn, by everybody; images stay
	Delete []string       // IDs of elements; those that are gone already are no error
	Put    []BoardElement // to be added if their Version is 0, or changed; at most 200
}

// EditBoard edits a page. The server brings the edits of all into one order, in which everybody sees them, by
// NotifyBoardEdited. Of two changes of one element the later one holds, and what was removed is not changed any more.
// A page has at most 2,000 elements and 1 MiB of them, a room 8 MiB. The same elements, with IDs, are returned.
// Errors: 5 bad element, no such board or page, or too much, 12 not logged in, 21 not permitted, 800 in no room.
func (c *Client) EditBoard(ctx context.Context, boardID string, pageNo int, edit BoardEdit) ([]BoardElement, error) {
	put := make([]*wire.BoardElement, len(edit.Put))
	for i := range edit.Put {
		put[i] = edit.Put[i].wire()
	}
	request := &wire.EditBoardParams{Board: boardID, Page: pageNo, Clear: edit.Clear, Delete: edit.Delete, Put: put}
	err := c.boardRequest(ctx, "EditBoard", wire.MethodEditBoard, request, boardID, pageNo)
	if err != nil {
		return nil, err
	}
	return boardElements(put), nil
}

// boardRequest sends a request about a page, which is fetched then: who draws on it is one of those who know it after a
// restart of the server.
func (c *Client) boardRequest(ctx context.Context, op, method string, params wire.Validator, boardID string, pageNo int) error {
	_, err := await(ctx, op, func(done func(nothing, error)) func() {
		var result wire.EditBoardResult
		return c.startRoomQuery(op, method, params, &result, func(r *room, err error) {
			if err == nil {
				r.withPage(boardID, pageNo, func([]*wire.BoardElement, error) {})
			}
			done(nothing{}, err)
		})
	})
	return err
}

// AddBoardElement draws one element; see EditBoard.
func (c *Client) AddBoardElement(ctx context.Context, boardID string, pageNo int, element BoardElement) (BoardElement, error) {
	element.Version = 0
	added, err := c.EditBoard(ctx, boardID, pageNo, BoardEdit{Put: []BoardElement{element}})
	if err != nil {
		return BoardElement{}, err
	}
	return added[0], nil
}

// UndoBoard takes back the last edit of a page that this user has made: elements become what they were before it. Those that
// somebody else has changed since stay as they are, and an edit of which nothing is left to take back does not count. It
// tells whether there was anything. The server remembers the last 4,096 edits of the room, until it is restarted.
// Errors: as EditBoard.
func (c *Client) UndoBoard(ctx context.Context, boardID string, pageNo int) (bool, error) {
	return c.undoBoard(ctx, "UndoBoard", boardID, pageNo, false)
}

// RedoBoard makes again what UndoBoard took back last, unless this user has made another edit of the page since.
func (c *Client) RedoBoard(ctx context.Context, boardID string, pageNo int) (bool, error) {
	return c.undoBoard(ctx, "RedoBoard", boardID, pageNo, true)
}

func (c *Client) undoBoard(ctx context.Context, op, boardID string, pageNo int, redo bool) (bool, error) {
	return await(ctx, op, func(done func(bool, error)) func() {
		var result wire.EditBoardResult
		request := &wire.UndoBoardParams{Board: boardID, Page: pageNo, Redo: redo}
		return c.startRoomQuery(op, wire.MethodUndoBoard, request, &result, func(_ *room, err error) { done(result.Done, err) })
	})
}
