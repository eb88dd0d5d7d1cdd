package server

import (
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

// createBoard makes a whiteboard. Once more with the same ID, by the same user, it is the same one.
func createBoard(c *call, p *wire.Board) *wire.Error {
	return c.inRoom(func(r *room, by *member) *wire.Error {
		known := r.boards.byID[p.ID]
		switch {
		case known != nil && known.By == by.uid:
		case known != nil:
			return wire.Errorf(wire.CodeBadParameter, "id: there is a board %q already", p.ID)
		case len(r.boards.byID) >= wire.MaxBoards:
			return wire.Errorf(wire.CodeBadParameter, "the room has %d boards, more are not allowed", wire.MaxBoards)
		default:
			info := *p
			info.By, info.Version = by.uid, r.boards.nextVersion()
			info.Created = info.Version
			known = r.addBoard(info)
		}
		c.reply(known.Board)
		return nil
	})
}

// closeBoard removes a whiteboard. Another's needs another permission than one's own.
func closeBoard(c *call, p *wire.BoardIDParams) *wire.Error {
	return c.inRoom(func(r *room, by *member) *wire.Error {
		bd, _, failed := r.boards.find(p.Board, 0)
		if failed != nil {
			return failed
		}
		needs := token.Data
		if bd.By != by.uid {
			needs = token.Control
		}
		if !c.sess.allows(needs) {
			return notPermitted(needs)
		}
		r.closeBoard(bd, by.uid)
		return nil
	})
}

// setBoardPage lets everybody look at a page.
func setBoardPage(c *call, p *wire.BoardPageParams) *wire.Error {
	return c.inRoom(func(r *room, by *member) *wire.Error {
		bd, _, failed := r.boards.find(p.Board, p.Page)
		if failed == nil && (bd.CurPage != p.Page || bd.Pos1 != p.Pos1 || bd.Pos2 != p.Pos2) {
			r.setBoardPage(bd, p.Page, p.Pos1, p.Pos2, by.uid, r.boards.nextVersion())
		}
		return failed
	})
}

// getBoardPage tells what is drawn on a page.
func getBoardPage(c *call, p *wire.GetBoardPageParams) *wire.Error {
	var failed *wire.Error
	if err := c.inRoom(func(r *room, _ *member) *wire.Error {
		_, _, failed = r.boards.find(p.Board, p.Page)
		return failed
	}); err != nil {
		return err
	}
	return c.answerNow(func(r *room) any {
		_, page, failed := r.boards.find(p.Board, p.Page)
		if failed != nil || page == nil { // closed at this moment: nothing is on it
			return wire.BoardPageResult{}
		}
		all := page.elements(p.After)
		n := wire.SomeElements(all)
		return wire.BoardPageResult{Elements: all[:n], More: n < len(all), Version: page.version}
	})
}

// editBoard draws, changes and removes.
func editBoard(c *call, p *wire.EditBoardParams) *wire.Error {
	return c.inRoom(func(r *room, by *member) *wire.Error {
		result, failed := r.edit(p, by.uid)
		if failed == nil {
			c.reply(result)
		}
		return failed
	})
}

// undoBoard takes an edit back, or makes it again.
func undoBoard(c *call, p *wire.UndoBoardParams) *wire.Error {
	return c.inRoom(func(r *room, by *member) *wire.Error {
		result, failed := r.undo(p, by.uid, c.charge)
		if failed == nil {
			c.reply(result)
		}
		return failed
	})
}

// charge counts bytes that a short request lets everybody be sent as if it had them itself.
func (c *call) charge(bytes int) *wire.Error {
	q := c.conn.quota
	if !q.bytes.AllowN(time.Now(), min(bytes, q.bytes.Burst())) {
		return c.conn.srv.tooMany(q, "bytes")
	}
	return nil
}

// restoreBoards takes boards that the caller knew on the process before this one.
func restoreBoards(c *call, p *wire.RestoreBoardsParams) *wire.Error {
	return c.inRoom(func(r *room, _ *member) *wire.Error {
		c.reply(r.restoreBoards(p))
		return nil
	})
}

// restoreBoardPage takes what was drawn on one of their pages.
func restoreBoardPage(c *call, p *wire.RestoreBoardPageParams) *wire.Error {
	return c.inRoom(func(r *room, by *member) *wire.Error { return r.restoreBoardPage(p, by.uid) })
}
