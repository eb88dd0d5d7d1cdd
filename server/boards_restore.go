package server

import (
	"cmp"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// restoreBoards takes the boards that a member knew on the process before this one, and gives the pages of which it knows
// more. The room must be locked.
func (r *room) restoreBoards(p *wire.RestoreBoardsParams) (result wire.RestoreBoardsResult) {
	for _, info := range p.Boards {
		switch known := r.boards.byID[info.ID]; {
		case known == nil && len(r.boards.byID) < wire.MaxBoards && r.boards.closed[info.ID] == 0:
			info.Version = r.boards.past(info.Version)
			r.addBoard(info)
		case known != nil && info.Version > known.Version:
			r.setBoardPage(known, info.CurPage, info.Pos1, info.Pos2, "", r.boards.past(info.Version))
		}
	}
	for _, page := range p.Pages {
		bd, known, failed := r.boards.find(page.Board, page.Page)
		if failed != nil || page.Version == 0 {
			continue
		}
		if known == nil {
			known = bd.page(page.Page)
		}
		if page.Version > known.complete {
			result.Wanted = append(result.Wanted, page)
		}
	}
	return result
}

// past is a version that another process gave, but none of the future.
func (b *boards) past(version uint64) uint64 {
	version = min(version, uint64(time.Now().UnixMicro()))
	b.version = max(b.version, version)
	return version
}

// restoreBoardPage takes elements of a page as a member knew it. With the last of them the page is complete up to a version:
// what is older and was not among them had been removed. The room must be locked.
func (r *room) restoreBoardPage(p *wire.RestoreBoardPageParams, by string) *wire.Error {
	bd, _, failed := r.boards.find(p.Board, p.Page)
	if failed != nil {
		return failed
	}
	page := bd.page(p.Page)
	come := page.arriving[by]
	if come == nil {
		come = make(map[string]bool)
		page.arriving[by] = come
	}
	if len(come)+len(p.Elements) > wire.MaxBoardElements {
		delete(page.arriving, by)
		return wire.Errorf(wire.CodeBadParameter, "elements: a page has at most %d", wire.MaxBoardElements)
	}
	orders := page.orders()
	told := wire.BoardEdited{Board: bd.ID, Page: p.Page}
	for _, el := range p.Elements {
		come[el.ID] = true
		now := *el
		now.Version, now.Order = r.boards.past(el.Version), cmp.Or(el.Order, el.Version)
		d := page.drawn[el.ID]
		if d != nil && d.version >= now.Version || page.gone[el.ID] >= max(now.Version, 1) {
			continue
		}
		if d == nil {
			d = &drawn{state: notYet}
		}
		if other, taken := orders[now.Order]; taken && other != el.ID || now.Order > maxOrder {
			now.Order = r.boards.nextVersion()
		}
		if r.fit(page, []boardChange{{on: d, id: el.ID, after: &now}}) != nil {
			continue
		}
		page.set(&r.boards, el.ID, d, &now, now.Version, now.Version)
		orders[now.Order] = el.ID
		told.Put = append(told.Put, d.el)
	}
	if p.Version != 0 {
		delete(page.arriving, by)
		version := r.boards.past(p.Version)
		if version > page.complete {
			page.complete = version
			for _, id := range page.sortedIDs() {
				if d := page.drawn[id]; !come[id] && d.version <= version {
					page.set(&r.boards, id, d, nil, version, version)
					told.Delete = append(told.Delete, id)
				}
			}
		}
		page.version = max(page.version, version)
	}
	if told.Version = page.version; len(told.Put)+len(told.Delete) > 0 {
		r.boardsChanged()
		r.tellEdited(told)
	}
	return nil
}

// maxOrder is what a JavaScript number holds.
const maxOrder = 1<<53 - 1

// orders tells whose the orders on a page are: no two are the same.
func (p *boardPage) orders() map[uint64]string {
	orders := make(map[uint64]string, len(p.drawn))
	for id, d := range p.drawn {
		orders[d.el.Order] = id
	}
	return orders
}
