package server

import (
	"slices"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// subscribe replaces the caller's wishes: which cameras it wants to see, and whom it wants to hear.
func subscribe(c *call, p *wire.SubscribeParams) *wire.Error {
	return c.inRoom(func(r *room, m *member) *wire.Error {
		m.wishes, m.hears = p.Videos, p.Audio
		m.refreshHearing()
		r.refreshWishesOf(m)
		return nil
	})
}

// refreshHearing tells the engine whom the member wants to hear. The room must be locked.
func (m *member) refreshHearing() {
	if m.peer != nil {
		m.peer.SubscribeAudio(m.hears.Wants, m.hears.Exactly())
	}
}

// refreshWishes resolves the wishes for a member's cameras again, after these changed. The room must be locked.
func (r *room) refreshWishes(uid string) {
	for _, m := range r.order {
		if slices.ContainsFunc(m.wishes, func(w wire.VideoWish) bool { return w.UID == uid }) {
			r.refreshWishesOf(m)
		}
	}
}

// refreshWishesOf resolves a member's wishes to the streams that are open now. The room must be locked.
func (r *room) refreshWishesOf(m *member) {
	wanted := make([]mediaWish, 0, len(m.wishes))
	for _, w := range m.wishes {
		of := r.members[w.UID]
		if of == nil || of == m {
			continue
		}
		cam := of.camera(w.VideoID)
		if cam == nil || cam.stream == nil {
			continue
		}
		wish := mediaWish{cam.stream.Num, w.Height}
		if i := slices.IndexFunc(wanted, func(o mediaWish) bool { return o.num == wish.num }); i < 0 {
			wanted = append(wanted, wish)
		} else if wanted[i].height > 0 && (wish.height == 0 || wish.height > wanted[i].height) {
			wanted[i] = wish // in two places, of which the larger counts
		}
	}
	if m.peer == nil || slices.Equal(wanted, m.wanted) {
		return
	}
	m.wanted = wanted
	m.peer.Subscribe(slices.Clone(wanted))
}
