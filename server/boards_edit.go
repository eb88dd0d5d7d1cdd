package server

import (
	"cmp"
	"maps"
	"slices"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// boardChange is what an edit does to one element.
type boardChange struct {
	on            *drawn
	id            string
	before, after *wire.BoardElement // nil: it is not there
	from, to      uint64             // its states before and after; to is 0 until the edit is made
}

// boardEdit is an edit that its author may take back.
type boardEdit struct {
	by      string
	board   *board
	page    int
	changes []boardChange
	undone  bool
	bytes   int
}

// boardHistory has the last edits of a room, the oldest first.
type boardHistory struct {
	edits []*boardEdit
	bytes int
}

// What a room remembers for undo and redo.
const (
	maxBoardEdits   = 4096
	maxHistoryBytes = 16 << 20
)

// add remembers an edit. What its author had taken back on the page cannot be made again any more.
func (h *boardHistory) add(e *boardEdit) {
	h.remove(func(o *boardEdit) bool { return o.undone && o.by == e.by && o.board == e.board && o.page == e.page })
	h.edits = append(h.edits, e)
	h.bytes += e.bytes
	for len(h.edits) > maxBoardEdits || h.bytes > maxHistoryBytes {
		h.bytes -= h.edits[0].bytes
		h.edits[0] = nil
		h.edits = h.edits[1:]
	}
}

func (h *boardHistory) remove(gone func(*boardEdit) bool) {
	h.edits = slices.DeleteFunc(h.edits, func(e *boardEdit) bool {
		if gone(e) {
			h.bytes -= e.bytes
			return true
		}
		return false
	})
}

// forget drops all edits of a board.
func (h *boardHistory) forget(b *board) { h.remove(func(e *boardEdit) bool { return e.board == b }) }

// last is the edit that a member's undo takes back, or that its redo makes again; nil if there is none.
func (h *boardHistory) last(by string, b *board, page int, redo bool) *boardEdit {
	is := func(e *boardEdit) bool { return e.by == by && e.board == b && e.page == page && e.undone == redo }
	if redo { // what was taken back last is the first of them
		if i := slices.IndexFunc(h.edits, is); i >= 0 {
			return h.edits[i]
		}
		return nil
	}
	for _, e := range slices.Backward(h.edits) {
		if is(e) {
			return e
		}
	}
	return nil
}

// changesOf finds out what an edit does to a page. The room must be locked.
func (p *boardPage) changesOf(edit *wire.EditBoardParams, by string) ([]boardChange, *wire.Error) {
	var changes []boardChange
	at := make(map[string]int)
	set := func(id string, on *drawn, after *wire.BoardElement) {
		if i, again := at[id]; again {
			changes[i].after = after
			return
		}
		at[id] = len(changes)
		changes = append(changes, boardChange{on: on, id: id, before: on.el, after: after, from: on.state})
	}
	if edit.Clear {
		for _, el := range p.elements(0) {
			if el.Kind != wire.BoardImage {
				set(el.ID, p.drawn[el.ID], nil)
			}
		}
	}
	for _, id := range edit.Delete {
		if d := p.drawn[id]; d != nil {
			set(id, d, nil)
		}
	}
	for _, el := range edit.Put {
		now := *el
		d := p.drawn[el.ID]
		switch {
		case d == nil && el.Version != 0:
			continue // it was removed meanwhile: that holds
		case d == nil:
			d = &drawn{state: notYet}
			now.Author, now.Order = by, 0 // the order is that of its version
		case el.Version == 0 && d.el.Author != by:
			return nil, wire.Errorf(wire.CodeBadParameter, "put: element %q is there already", el.ID)
		default:
			now.Author, now.Order = d.el.Author, d.el.Order
		}
		set(el.ID, d, &now)
	}
	return changes, nil
}

// fit tells whether a page may become so. The room must be locked.
func (r *room) fit(p *boardPage, changes []boardChange) *wire.Error {
	count, bytes := len(p.drawn), 0
	for i := range changes {
		c := &changes[i]
		if c.on.el != nil {
			count--
			bytes -= c.on.bytes
		}
		if c.after != nil {
			count++
			bytes += c.after.Bytes()
		}
	}
	switch {
	case bytes <= 0 && count <= len(p.drawn): // whatever makes it less is welcome
	case count > wire.MaxBoardElements:
		return wire.Errorf(wire.CodeBadParameter, "put: the page would have %d elements, at most %d are allowed", count, wire.MaxBoardElements)
	case p.bytes+bytes > wire.MaxBoardPageBytes:
		return wire.Errorf(wire.CodeBadParameter, "put: the page would have %d bytes, at most %d are allowed", p.bytes+bytes, wire.MaxBoardPageBytes)
	case r.boards.bytes+bytes > wire.MaxBoardsBytes:
		return wire.Errorf(wire.CodeBadParameter, "put: the room's boards would have more than %d bytes", wire.MaxBoardsBytes)
	}
	return nil
}

// apply makes changes that fit and tells everybody. The room must be locked.
func (r *room) apply(bd *board, page int, changes []boardChange, by string) uint64 {
	p := bd.page(page)
	told := wire.BoardEdited{Board: bd.ID, Page: page, By: by}
	for i := range changes {
		c := &changes[i]
		version := r.boards.nextVersion()
		c.to = cmp.Or(c.to, version)
		p.set(&r.boards, c.id, c.on, c.after, version, c.to)
		if c.after == nil {
			told.Delete = append(told.Delete, c.id)
		} else {
			told.Put = append(told.Put, c.on.el)
		}
	}
	p.version = r.boards.version
	told.Version = p.version
	r.boardsChanged()
	r.tellEdited(told)
	return p.version
}

// set replaces an element, or removes it.
func (p *boardPage) set(all *boards, id string, d *drawn, el *wire.BoardElement, version, state uint64) {
	p.bytes -= d.bytes
	all.bytes -= d.bytes
	d.version, d.state, d.el, d.bytes = version, state, nil, 0
	if el == nil {
		delete(p.drawn, id)
		if len(p.gone) < maxGone {
			p.gone[id] = version
		}
		return
	}
	now := *el
	now.Version, now.Order = version, cmp.Or(now.Order, version)
	d.el, d.bytes = &now, now.Bytes()
	p.drawn[id] = d
	p.bytes += d.bytes
	all.bytes += d.bytes
	delete(p.gone, id)
}

// tellEdited tells everybody of an edit, in as many messages as it needs. The room must be locked.
func (r *room) tellEdited(told wire.BoardEdited) {
	put := told.Put
	const few = 64
	version := told.Version
	told.Put, told.Version = nil, 0
	if len(put) > 0 && len(told.Delete) > few { // both may be long
		r.tellAll(wire.NotifyBoardEdited, told, nil)
		told.Delete = nil
	}
	for {
		n := wire.SomeElements(put)
		if told.Put, put = put[:n], put[n:]; len(put) == 0 {
			told.Version = version // only with the last part: who knows a version knows all of it
		}
		r.tellAll(wire.NotifyBoardEdited, told, nil)
		if len(put) == 0 {
			return
		}
		told.Delete = nil
	}
}

// edit makes an edit of a member. The room must be locked.
func (r *room) edit(edit *wire.EditBoardParams, by string) (wire.EditBoardResult, *wire.Error) {
	bd, p, failed := r.boards.find(edit.Board, edit.Page)
	if failed != nil {
		return wire.EditBoardResult{}, failed
	}
	if p == nil {
		p = bd.page(edit.Page)
	}
	changes, failed := p.changesOf(edit, by)
	if failed == nil {
		failed = r.fit(p, changes)
	}
	if failed != nil || len(changes) == 0 {
		return wire.EditBoardResult{Version: p.version}, failed
	}
	e := &boardEdit{by: by, board: bd, page: edit.Page, changes: changes}
	version := r.apply(bd, edit.Page, changes, by)
	for i := range changes {
		c := &changes[i]
		c.after = c.on.el // with its order
		if c.before != nil {
			e.bytes += c.before.Bytes()
		}
		e.bytes += c.on.bytes
	}
	r.boards.history.add(e)
	return wire.EditBoardResult{Done: true, Version: version}, nil
}

// undo takes a member's last edit of a page back, or makes the last one again that was taken back. Elements that somebody
// has changed since stay as they are; an edit of which nothing else is left does not count. It is refused if allow, which
// is told how many bytes come back, says so. The room must be locked.
func (r *room) undo(p *wire.UndoBoardParams, by string, allow func(bytes int) *wire.Error) (wire.EditBoardResult, *wire.Error) {
	bd, page, failed := r.boards.find(p.Board, p.Page)
	if failed != nil || page == nil {
		return wire.EditBoardResult{}, failed
	}
	for {
		e := r.boards.history.last(by, bd, p.Page, p.Redo)
		if e == nil {
			return wire.EditBoardResult{Version: page.version}, nil
		}
		changes := e.possible(page, p.Redo)
		if len(changes) == 0 {
			r.boards.history.remove(func(o *boardEdit) bool { return o == e })
			continue
		}
		bytes := 0
		for i := range changes {
			if el := changes[i].after; el != nil {
				bytes += el.Bytes()
			}
		}
		failed := r.fit(page, changes)
		if failed == nil {
			failed = allow(bytes)
		}
		if failed != nil {
			return wire.EditBoardResult{}, failed
		}
		version := r.apply(bd, p.Page, changes, by)
		e.undone = !p.Redo
		return wire.EditBoardResult{Done: true, Version: version}, nil
	}
}

// possible is what there is to do to take the edit back, or to make it again: elements that are in another state than it left
// them belong to somebody else.
func (e *boardEdit) possible(page *boardPage, redo bool) []boardChange {
	var changes []boardChange
	for i := range e.changes {
		c := e.changes[i]
		if !redo {
			c.from, c.to, c.after = c.to, c.from, c.before
		}
		if now := page.drawn[c.id]; c.on.state == c.from && (now == nil || now == c.on) {
			changes = append(changes, c)
		}
	}
	return changes
}

// sortedIDs are the IDs of what is on a page.
func (p *boardPage) sortedIDs() []string { return slices.Sorted(maps.Keys(p.drawn)) }
