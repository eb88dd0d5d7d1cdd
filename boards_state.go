package crvideo

import (
	"cmp"
	"maps"
	"slices"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// knownBoard is a board of the room as we know it.
type knownBoard struct {
	wire.Board
	pages   map[int]*knownPage
	missing bool // on a server that had forgotten it, until it is restored or given up
}

// knownPage is what we know of a page. Elements are replaced, never changed.
type knownPage struct {
	elements map[string]*wire.BoardElement
	version  uint64    // all edits up to it are known
	loaded   bool      // and everything that is on the page
	load     *pageLoad // under way; nil: none
}

// pageLoad fetches a page, part after part. Notifications go on meanwhile: a part is as new as what was told before it.
type pageLoad struct {
	seen    map[string]bool // elements that came by a part or a notification
	again   bool            // the page was known before
	waiters []func([]*wire.BoardElement, error)
}

func (r *room) addBoardLocked(w *wire.Board) {
	if r.boards == nil {
		r.boards = map[string]*knownBoard{}
	}
	r.boards[w.ID] = &knownBoard{Board: *w, pages: map[int]*knownPage{}}
}

// sortedBoardsLocked are the boards, the oldest first.
func (r *room) sortedBoardsLocked() []*knownBoard {
	return slices.SortedFunc(maps.Values(r.boards), func(a, b *knownBoard) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
	})
}

func (r *room) boardsLocked() []BoardObj {
	var all []BoardObj
	for _, b := range r.sortedBoardsLocked() {
		all = append(all, boardObj(&b.Board))
	}
	return all
}

// initBoardsLocked takes the boards of a room that was entered.
func (r *room) initBoardsLocked(boards []wire.Board) {
	for i := range boards {
		if boards[i].Validate() == nil {
			r.addBoardLocked(&boards[i])
		}
	}
	if len(r.boards) > 0 {
		emit(r.c, &r.c.on.initBoards, NotifyInitBoards{r.boardsLocked()})
		r.c.boardsChangedLocked()
	}
}

func (r *room) boardCreated(p *wire.BoardCreated) {
	r.locked(func(*Client) { r.boardCreatedLocked(&p.Board, p.Board.By) })
}

func (r *room) boardCreatedLocked(w *wire.Board, by string) {
	if w.Validate() != nil { // a server that breaks the protocol
		return
	}
	if b := r.boards[w.ID]; b != nil { // it was restored, or the server repeats itself
		b.missing = false
		r.boardPageLocked(&wire.BoardPageChanged{Board: w.ID, Page: w.CurPage, Pos1: w.Pos1, Pos2: w.Pos2, Version: w.Version})
		return
	}
	r.addBoardLocked(w)
	emit(r.c, &r.c.on.createBoard, NotifyCreateBoard{boardObj(w), by})
	r.c.boardsChangedLocked()
}

func (r *room) boardClosed(p *wire.BoardClosed) {
	r.locked(func(*Client) { r.boardClosedLocked(p.Board, p.By) })
}

func (r *room) boardClosedLocked(id, by string) {
	if r.boards[id] == nil {
		return
	}
	delete(r.boards, id)
	emit(r.c, &r.c.on.closeBoard, NotifyCloseBoard{id, by})
	r.c.boardsChangedLocked()
}

func (r *room) boardPageChanged(p *wire.BoardPageChanged) {
	r.locked(func(*Client) { r.boardPageLocked(p) })
}

func (r *room) boardPageLocked(p *wire.BoardPageChanged) {
	b := r.boards[p.Board]
	if b == nil || p.Page < 0 || p.Page >= b.PageCount {
		return
	}
	same := b.CurPage == p.Page && b.Pos1 == p.Pos1 && b.Pos2 == p.Pos2
	b.CurPage, b.Pos1, b.Pos2, b.Version = p.Page, p.Pos1, p.Pos2, max(b.Version, p.Version)
	if !same {
		emit(r.c, &r.c.on.boardCurPage, NotifyBoardCurPageNo{p.Board, p.Page, p.Pos1, p.Pos2, p.By})
	}
}

func (r *room) boardEdited(p *wire.BoardEdited) {
	r.locked(func(*Client) {
		b := r.boards[p.Board]
		if b == nil {
			return
		}
		p.Put = sound(p.Put)
		put, deleted := p.Put, p.Delete
		if page := b.pages[p.Page]; page != nil {
			put, deleted = page.take(p)
		}
		r.tellEditedLocked(p.Board, p.Page, put, deleted, p.By)
	})
}

// tellEditedLocked tells the application and whoever shows the page.
func (r *room) tellEditedLocked(board string, page int, put []*wire.BoardElement, deleted []string, by string) {
	if len(put)+len(deleted) == 0 {
		return
	}
	emit(r.c, &r.c.on.boardEdited, NotifyBoardEdited{board, page, boardElements(put), deleted, by})
	r.c.boardsChangedLocked()
}

// take makes an edit and tells what of it was new.
func (p *knownPage) take(edit *wire.BoardEdited) (put []*wire.BoardElement, deleted []string) {
	for _, id := range edit.Delete {
		if p.elements[id] != nil {
			delete(p.elements, id)
			deleted = append(deleted, id)
		} else if !p.loaded {
			deleted = append(deleted, id)
		}
	}
	put = p.upsert(edit.Put)
	p.version = max(p.version, edit.Version)
	return put, deleted
}

// sound leaves out what a server that breaks the protocol sends, for what draws trusts that it is as it must be.
func sound(elements []*wire.BoardElement) []*wire.BoardElement {
	return slices.DeleteFunc(elements, func(el *wire.BoardElement) bool { return el == nil || el.Validate() != nil })
}

// upsert takes elements and gives those that are new or different.
func (p *knownPage) upsert(elements []*wire.BoardElement) (put []*wire.BoardElement) {
	for _, el := range elements {
		if p.load != nil {
			p.load.seen[el.ID] = true
		}
		if old := p.elements[el.ID]; old == nil || old.Version != el.Version {
			p.elements[el.ID] = el
			put = append(put, el)
		}
	}
	return put
}

// sorted are the elements from the bottom to the top.
func (p *knownPage) sorted() []*wire.BoardElement {
	layer := func(el *wire.BoardElement) int {
		if el.Kind == wire.BoardImage {
			return 0
		}
		return 1
	}
	return slices.SortedFunc(maps.Values(p.elements), func(a, b *wire.BoardElement) int {
		return cmp.Or(cmp.Compare(layer(a), layer(b)), cmp.Compare(a.Order, b.Order), cmp.Compare(a.ID, b.ID))
	})
}
