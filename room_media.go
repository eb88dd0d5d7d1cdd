package crvideo

import (
	"context"
	"errors"
	"time"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// media gives the room's media connection of now; nil without media.
func (r *room) media() *rtc.Conn {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	return r.conn
}

// newConn makes a media connection with its first offer; neither without media.
func (r *room) newConn() (conn *rtc.Conn, offer string, err error) {
	if r.params.NoMedia {
		return nil, "", nil
	}
	tcp := rtc.TCPAuto
	if r.params.MSProtocol == msTCP {
		tcp = rtc.TCPOnly
	}
	r.c.mu.Lock()
	cameras, network := max(r.placesWantedLocked(), r.places), r.c.network
	r.c.mu.Unlock()
	conn, err = rtc.New(rtc.Config{
		Cameras: cameras, Net: network,
		Logger: r.c.log, Loopback: r.c.onLoopback(), ICEServers: r.params.ICEServers, RelayOnly: r.params.RelayOnly, TCP: tcp,
		AudioSlots: orDefault(r.params.AudioSlots, defaultAudioSlots), VideoSlots: orDefault(r.params.VideoSlots, defaultVideoSlots),
		OnState: func(rtc.State) { r.poke() }, Firsts: &r.firsts,
	})
	if err != nil {
		return nil, "", err
	}
	if offer, err = conn.Offer(); err != nil {
		r.closeConn(conn)
		return nil, "", err
	}
	return conn, offer, nil
}

func (r *room) closeConn(conn *rtc.Conn) {
	if conn == nil {
		return
	}
	if err := conn.Close(); err != nil {
		r.c.log.Warn("closing the media connection", "room", r.id, "error", err)
	}
}

// mediaFailed gives the room up because there is no media, and none to be had.
func (r *room) mediaFailed(desc string) {
	r.c.log.Error("media failed", "room", r.id, "why", desc)
	r.locked(func(c *Client) { emit(c, &c.on.peerConnection, PeerConnectionError{desc}) })
	r.dropped(CodeSocket, true)
}

// negotiate has an offer answered.
func (r *room) negotiate(ctx context.Context, conn *rtc.Conn, offer string) error {
	var result wire.OfferResult
	if err := r.login.session().Bound().Call(ctx, wire.MethodOffer, wire.OfferParams{Offer: offer}, &result); err != nil {
		return err
	}
	return conn.Answer(result.Answer)
}

// repairMedia brings lost media back: by an ICE restart, on another path or by TCP if need be, or by a new connection
// if the server has closed ours. It asks to be called again after a time, and gives the room up when the server timeout
// is over.
func (r *room) repairMedia(ctx context.Context) (again time.Duration, err error) {
	conn := r.media()
	if conn == nil {
		return 0, nil
	}
	state := conn.State()
	lost, gone := r.noteMedia(state)
	switch {
	case gone:
		r.mediaFailed("no media for the server timeout, " + state.String())
		return 0, nil
	case !lost || state == rtc.StateConnecting || state == rtc.StateNew:
		return 0, nil
	}
	// A restart gives the old path up at once, so it must be certain that the server can answer.
	if err := r.login.session().Bound().Call(ctx, wire.MethodPing, nil, nil); err != nil {
		return 0, err
	}
	switch state = conn.State(); state {
	case rtc.StateDisconnected, rtc.StateFailed:
		r.c.log.Info("media is lost: trying another path", "room", r.id, "state", state)
		offer, err := conn.Restart()
		if err != nil {
			return 0, err
		}
		return retryDelay, r.negotiate(ctx, conn, offer)
	case rtc.StateClosed:
		return retryDelay, r.replaceMedia(ctx)
	}
	return 0, nil // it came back by itself
}

// noteMedia keeps the time since when there is no media; gone tells that it is too long.
func (r *room) noteMedia(state rtc.State) (lost, gone bool) {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	switch state {
	case rtc.StateConnected:
		r.mediaLost = time.Time{}
	case rtc.StateDisconnected, rtc.StateFailed, rtc.StateClosed:
		if r.mediaLost.IsZero() {
			r.mediaLost = time.Now()
		}
	case rtc.StateNew, rtc.StateConnecting:
	}
	return !r.mediaLost.IsZero(), !r.mediaLost.IsZero() && time.Since(r.mediaLost) > r.params.timeout()
}

// replaceMedia makes a new connection in place of one that the server has closed.
func (r *room) replaceMedia(ctx context.Context) error {
	r.c.log.Info("the server has closed our media: making it anew", "room", r.id)
	conn, offer, err := r.newConn()
	if err != nil {
		return err
	}
	var result wire.OfferResult
	err = r.login.session().Bound().Call(ctx, wire.MethodOffer, wire.OfferParams{Offer: offer}, &result)
	if err != nil {
		r.closeConn(conn)
		return err
	}
	stay := swap{conn: conn}
	var number int
	r.locked(func(*Client) {
		number = r.renewals
		stay.taken, stay.old, r.conn = true, r.conn, conn
		r.places = conn.Cameras()
		for _, m := range r.members {
			r.receiveLocked(m)
		}
		r.reopening = true
		r.c.moveLocked(conn)
		r.c.broadcastLocked()
	})
	if !stay.taken { // the room was left
		r.closeConn(conn)
		return nil
	}
	r.closeConn(stay.old)
	if err := conn.Answer(result.Answer); err != nil {
		return err
	}
	r.republish(r.login.session().Bound(), number)
	r.subscribed = wishes{}
	return nil
}

// WaitMedia waits until media flows between this client and the server. Errors: 12 not logged in, 800 in no room or
// the room was left meanwhile, 8005 the client was made with NoMedia.
func (c *Client) WaitMedia(ctx context.Context) error {
	const op = "WaitMedia"
	r, err := c.inRoom(op)
	if err != nil {
		return err
	}
	for {
		c.mu.Lock()
		conn, changed := r.conn, c.changed
		c.mu.Unlock()
		if conn == nil {
			return fail(op, CodeNoPlatform, errors.New("NoMedia is set"))
		}
		select {
		case <-conn.Connected():
			return nil
		case <-changed: // it may be another connection
		case <-r.ctx.Done():
			return failf(op, CodeNoRoom, "the room was left")
		case <-ctx.Done():
			return toError(op, ctx.Err())
		}
	}
}
