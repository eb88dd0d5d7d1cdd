package server

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// boards are the whiteboards of a room, guarded by the room's lock. Elements are replaced, never changed: they may be on
// their way to somebody.
type boards struct {
	byID    map[string]*board
	version uint64 // of the last change
	bytes   int    // of all elements
	changed bool   // since they were stored
	history boardHistory
	closed  map[string]uint64 // boards that were closed, and when: who comes back after a restart does not bring them back
}

type board struct {
	wire.Board
	pages map[int]*boardPage // those on which something was drawn
}

type boardPage struct {
	drawn    map[string]*drawn
	bytes    int
	version  uint64                     // of the last edit
	complete uint64                     // everything that was drawn before this version is here: from the store, or restored
	gone     map[string]uint64          // versions at which elements were removed, for those who come back after a restart
	arriving map[string]map[string]bool // elements of the page that members are restoring, by UID
}

// drawn is an element, also while it is removed but could come back by undo.
type drawn struct {
	el      *wire.BoardElement // nil: removed
	version uint64             // of its last change
	state   uint64             // the version at which it became what it is; undo brings back a former one
	bytes   int
}

// notYet is the state of an element before it was added.
const notYet = 1

// maxGone bounds the removed elements that a page remembers, and the boards that a room does.
const maxGone = 4096

func newBoards() boards {
	return boards{byID: make(map[string]*board), closed: make(map[string]uint64)}
}

// nextVersion is the time, and above all versions before, also of another process if its clock was right.
func (b *boards) nextVersion() uint64 {
	b.version = max(b.version+1, uint64(time.Now().UnixMicro())) // positive
	return b.version
}

// find gives a page's board, and the page if something was drawn on it.
func (b *boards) find(id string, page int) (*board, *boardPage, *wire.Error) {
	bd := b.byID[id]
	switch {
	case bd == nil:
		return nil, nil, wire.Errorf(wire.CodeBadParameter, "board: there is no board %q", id)
	case page >= bd.PageCount:
		return nil, nil, wire.Errorf(wire.CodeBadParameter, "page %d: the board has %d pages, counted from 0", page, bd.PageCount)
	}
	return bd, bd.pages[page], nil
}

// page gives a page, made when it is first needed.
func (b *board) page(n int) *boardPage {
	p := b.pages[n]
	if p == nil {
		p = &boardPage{drawn: make(map[string]*drawn), gone: make(map[string]uint64), arriving: make(map[string]map[string]bool)}
		b.pages[n] = p
	}
	return p
}

// infos describes all boards, the oldest first.
func (b *boards) infos() []wire.Board {
	infos := make([]wire.Board, 0, len(b.byID))
	for _, bd := range b.byID {
		infos = append(infos, bd.Board)
	}
	slices.SortFunc(infos, func(x, y wire.Board) int {
		return cmp.Or(cmp.Compare(x.Created, y.Created), cmp.Compare(x.ID, y.ID))
	})
	return infos
}

// addBoard takes a new board. The room must be locked.
func (r *room) addBoard(info wire.Board) *board {
	bd := &board{Board: info, pages: make(map[int]*boardPage)}
	r.boards.byID[info.ID] = bd
	r.boardsChanged()
	r.tellAll(wire.NotifyBoardCreated, wire.BoardCreated{Board: info}, nil)
	return bd
}

// closeBoard removes a board and all that was drawn on it. The room must be locked.
func (r *room) closeBoard(bd *board, by string) {
	delete(r.boards.byID, bd.ID)
	if len(r.boards.closed) < maxGone {
		r.boards.closed[bd.ID] = r.boards.nextVersion()
	}
	for _, p := range bd.pages {
		r.boards.bytes -= p.bytes
	}
	r.boards.history.forget(bd)
	r.boardsChanged()
	r.tellAll(wire.NotifyBoardClosed, wire.BoardClosed{Board: bd.ID, By: by}, nil)
}

// setBoardPage lets everybody look at a page. The room must be locked.
func (r *room) setBoardPage(bd *board, page, pos1, pos2 int, by string, version uint64) {
	bd.CurPage, bd.Pos1, bd.Pos2, bd.Version = page, pos1, pos2, version
	r.boardsChanged()
	r.tellAll(wire.NotifyBoardPage, wire.BoardPageChanged{Board: bd.ID, Page: page, Pos1: pos1, Pos2: pos2, By: by, Version: version}, nil)
}

// without forgets what a member who has left was about to restore. The room must be locked.
func (b *boards) without(uid string) {
	for _, bd := range b.byID {
		for _, p := range bd.pages {
			delete(p.arriving, uid)
		}
	}
}

// boardsChanged stores them in a moment, if the room is kept. The room must be locked.
func (r *room) boardsChanged() {
	r.boards.changed = true
	r.saveSoon()
}

// elements are those of a page above an order, in their order.
func (p *boardPage) elements(after uint64) []*wire.BoardElement {
	if p == nil {
		return nil
	}
	var all []*wire.BoardElement
	for _, d := range p.drawn {
		if d.el.Order > after {
			all = append(all, d.el)
		}
	}
	slices.SortFunc(all, func(a, b *wire.BoardElement) int { return cmp.Compare(a.Order, b.Order) })
	return all
}

// storedBoards is how boards are kept in a store.
type storedBoards struct {
	Version uint64        `json:"version"`
	Boards  []storedBoard `json:"boards,omitempty"`
}

type storedBoard struct {
	wire.Board
	Pages []storedPage `json:"pages,omitempty"`
}

type storedPage struct {
	Page     int                  `json:"page"`
	Version  uint64               `json:"version"`
	Elements []*wire.BoardElement `json:"elements,omitempty"`
}

// snapshot gathers what is kept. It is encoded without the room's lock.
func (b *boards) snapshot() storedBoards {
	kept := storedBoards{Version: b.version}
	for _, info := range b.infos() {
		sb := storedBoard{Board: info}
		pages := b.byID[info.ID].pages
		for _, n := range slices.Sorted(maps.Keys(pages)) {
			sb.Pages = append(sb.Pages, storedPage{Page: n, Version: pages[n].version, Elements: pages[n].elements(0)})
		}
		kept.Boards = append(kept.Boards, sb)
	}
	return kept
}

func (k *storedBoards) encode() json.RawMessage {
	text, err := json.Marshal(k)
	if err != nil {
		panic("server: boards that cannot be encoded: " + err.Error()) // they came as JSON: a bug
	}
	return text
}

// loadBoards takes what a store has kept.
func loadBoards(text json.RawMessage) (boards, error) {
	all := newBoards()
	if len(text) == 0 {
		return all, nil
	}
	var kept storedBoards
	if err := json.Unmarshal(text, &kept); err != nil {
		return all, err
	}
	all.version = kept.Version
	for _, sb := range kept.Boards {
		if failed := sb.Validate(); failed != nil {
			return all, failed
		}
		bd := &board{Board: sb.Board, pages: make(map[int]*boardPage)}
		all.byID[bd.ID] = bd
		for _, sp := range sb.Pages {
			p := bd.page(sp.Page)
			p.version, p.complete = sp.Version, sp.Version
			for _, el := range sp.Elements {
				if failed := el.Validate(); failed != nil {
					return all, failed
				}
				d := &drawn{el: el, version: el.Version, state: el.Version, bytes: el.Bytes()}
				p.drawn[el.ID] = d
				p.bytes += d.bytes
				all.bytes += d.bytes
			}
		}
	}
	return all, nil
}
