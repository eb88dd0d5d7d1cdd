package crvideo

import (
	"context"
	"maps"
	"slices"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// withPage calls done with what is on a page: at once if it is known, or when it was fetched.
func (r *room) withPage(board string, n int, done func([]*wire.BoardElement, error)) {
	var begin func()
	var elements []*wire.BoardElement
	err := error(failf("", CodeNoRoom, "not in a room"))
	known := true
	r.locked(func(*Client) {
		b := r.boards[board]
		if b == nil || n >= b.PageCount {
			err = failf("", CodeBadParameter, "there is no page %d of a board %q", n, board)
			return
		}
		err = nil
		p := b.pages[n]
		if p == nil {
			p = &knownPage{elements: map[string]*wire.BoardElement{}}
			b.pages[n] = p
		}
		if p.loaded {
			elements = p.sorted()
			return
		}
		known = false
		if p.load == nil {
			begin = r.loadLocked(board, n, p)
		}
		p.load.waiters = append(p.load.waiters, done)
	})
	switch {
	case err != nil || known:
		done(elements, err)
	case begin != nil:
		begin()
	}
}

// loadLocked begins to fetch a page anew; the caller must call begin without the lock. Who waits for a load that was under
// way waits for this one.
func (r *room) loadLocked(board string, n int, p *knownPage) (begin func()) {
	load := &pageLoad{seen: map[string]bool{}, again: p.loaded}
	if p.load != nil {
		load.again = p.load.again
		load.waiters = p.load.waiters
		p.load.waiters = nil
	}
	p.load, p.loaded = load, false
	return func() { r.fetch(board, n, load, 0) }
}

// fetch asks for the next part of a page.
func (r *room) fetch(board string, n int, load *pageLoad, after uint64) {
	part := new(wire.BoardPageResult)
	request := &wire.GetBoardPageParams{Board: board, Page: n, After: after}
	r.login.request(wire.MethodGetBoardPage, request, part, func(err error) {
		var elements []*wire.BoardElement
		var waiters []func([]*wire.BoardElement, error)
		more := false
		r.c.mu.Lock()
		b := r.boards[board]
		var p *knownPage
		if b != nil {
			p = b.pages[n]
		}
		switch {
		case r.c.room != r && err == nil, p == nil && err == nil:
			err = failf("", CodeBadParameter, "the board %q was closed", board)
		case p != nil && p.load != load: // it is fetched anew
			r.c.mu.Unlock()
			return
		}
		if err == nil {
			more = r.partLocked(board, n, p, part)
			elements = p.sorted()
		} else if p != nil {
			p.load = nil
		}
		if !more {
			waiters = load.waiters
			load.waiters = nil
		}
		r.c.mu.Unlock()
		if more {
			r.fetch(board, n, load, part.Elements[len(part.Elements)-1].Order)
		}
		for _, w := range waiters {
			w(elements, err)
		}
	})
}

// partLocked takes a part of a page and tells whether there is more. What has not come when all has is gone.
func (r *room) partLocked(board string, n int, p *knownPage, part *wire.BoardPageResult) (more bool) {
	part.Elements = sound(part.Elements)
	again := p.load.again // otherwise it is read for the first time, which is no news
	put := p.upsert(part.Elements)
	var deleted []string
	if more = part.More && len(part.Elements) > 0; !more {
		for _, id := range slices.Sorted(maps.Keys(p.elements)) {
			if !p.load.seen[id] {
				delete(p.elements, id)
				deleted = append(deleted, id)
			}
		}
		p.version, p.loaded, p.load = max(p.version, part.Version), true, nil
	}
	if again {
		r.tellEditedLocked(board, n, put, deleted, "")
	}
	return more
}

// againBoardsLocked takes the boards of a room that was entered again. A server that was restarted may have forgotten some:
// they are restored, and those that then are missing are told to be closed at the end of the time in which members come back.
func (r *room) againBoardsLocked(boards []wire.Board) {
	there := make(map[string]bool, len(boards))
	for i := range boards {
		there[boards[i].ID] = true
		r.boardCreatedLocked(&boards[i], "")
	}
	for _, b := range r.sortedBoardsLocked() {
		switch {
		case there[b.ID]:
		case r.forgotten, r.boardsUnrestored, b.missing: // or by a server before this one
			b.missing = true
		default:
			r.boardClosedLocked(b.ID, "")
		}
	}
	r.boardsUnrestored = (r.forgotten || r.boardsUnrestored) && len(r.boards) > 0
}

// endMissingBoardsLocked gives up boards that nobody could restore.
func (r *room) endMissingBoardsLocked() {
	for _, b := range r.sortedBoardsLocked() {
		if b.missing {
			r.boardClosedLocked(b.ID, "")
		}
	}
}

// restoreBoards tells a server that has forgotten the room which boards there were and, where it asks, what was on them.
func (r *room) restoreBoards(ctx context.Context) (err error) {
	defer func() {
		if CodeOf(toError("", err)) == CodeSessionUnknown { // forgotten once more: to be done again
			r.locked(func(*Client) { r.boardsUnrestored = true })
		}
	}()
	request := &wire.RestoreBoardsParams{}
	r.locked(func(*Client) {
		if !r.boardsUnrestored {
			return
		}
		r.boardsUnrestored = false
		for _, b := range r.sortedBoardsLocked() {
			request.Boards = append(request.Boards, b.Board)
			for n, p := range b.pages {
				if p.loaded && p.version > 0 {
					request.Pages = append(request.Pages, wire.BoardPageState{Board: b.ID, Page: n, Version: p.version})
				}
			}
		}
	})
	if len(request.Boards) == 0 {
		return nil
	}
	var result wire.RestoreBoardsResult
	renewal := r.login.session().Renewal()
	if err := renewal.Call(ctx, wire.MethodRestoreBoards, request, &result); err != nil {
		return err
	}
	for _, wanted := range result.Wanted {
		var all []*wire.BoardElement
		r.locked(func(*Client) {
			if b := r.boards[wanted.Board]; b != nil && b.pages[wanted.Page] != nil {
				all = b.pages[wanted.Page].sorted()
			}
		})
		for {
			n := wire.SomeElements(all)
			part := &wire.RestoreBoardPageParams{Board: wanted.Board, Page: wanted.Page, Elements: all[:n]}
			if all = all[n:]; len(all) == 0 {
				part.Version = wanted.Version
			}
			if err := renewal.Call(ctx, wire.MethodRestoreBoardPage, part, nil); err != nil {
				return err
			}
			if len(all) == 0 {
				break
			}
		}
	}
	return nil
}

// reloadBoards fetches all pages again that were known: what happened while we were away was not told.
func (r *room) reloadBoards() {
	var begin []func()
	r.locked(func(*Client) {
		for id, b := range r.boards {
			for n, p := range b.pages {
				if p.loaded || p.load != nil {
					begin = append(begin, r.loadLocked(id, n, p))
				}
			}
		}
	})
	for _, fetch := range begin {
		fetch()
	}
}
