package server

import "github.com/crvideo/crvideo-go/internal/wire"

// offer negotiates more slots or an ICE restart. For a member who entered without media, or whose media has ended, it
// makes new media.
func offer(c *call, p *wire.OfferParams) *wire.Error {
	var m *member
	var peer mediaPeer
	if failed := c.inRoom(func(_ *room, own *member) *wire.Error {
		m, peer = own, own.peer
		return nil
	}); failed != nil {
		return failed
	}
	if peer == nil || m.mediaOver.Load() {
		return firstOffer(c, m, p.Offer)
	}
	answer, err := peer.Offer(c.ctx, p.Offer)
	if err != nil {
		return m.mediaError("offer", err)
	}
	c.reply(wire.OfferResult{Answer: answer})
	return nil
}

// firstOffer makes the member's media. What was open on the media before is closed: the client opens it again.
func firstOffer(c *call, m *member, sdp string) *wire.Error {
	m.mediaOver.Store(false)
	peer, answer, failed := m.join(c.ctx, sdp)
	if failed != nil {
		m.mediaOver.Store(true)
		return failed
	}
	unused := peer
	failed = c.inRoom(func(r *room, now *member) *wire.Error {
		if now != m {
			return notInRoom()
		}
		r.closeMic(m, m)
		for i := range m.cameras {
			r.closeVideo(m, &m.cameras[i], m)
		}
		m.peer, unused = peer, m.peer
		m.wanted = nil
		m.refreshHearing()
		r.refreshWishesOf(m)
		c.reply(wire.OfferResult{Answer: answer})
		return nil
	})
	m.room.closeMedia(unused)
	return failed
}
