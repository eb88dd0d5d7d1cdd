package crvideo

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// room is one stay in a room, from EnterMeeting to its end. Fields without a remark are guarded by Client.mu.
type room struct {
	c      *Client // these five never change
	login  *login
	id     int64
	ctx    context.Context
	cancel context.CancelFunc

	tasks sync.WaitGroup // goroutines that end with ctx
	left  chan struct{}  // closed when everything of the room is gone
	wake  chan struct{}  // capacity 1: there is something for work to do
	conn  *rtc.Conn      // set before the request to enter is sent; nil without media

	asked   bool // the request to enter has been sent
	in      bool // and answered
	info    wire.MeetInfo
	num     uint32
	answer  string
	self    wire.Devices // as last told to the server
	members map[string]*member
	order   []string // UIDs in the order of entering
	need    wire.SlotsNeeded

	offerFailed bool // the last offer was not answered; the slots that it added are in the next one, too
}

func newRoom(c *Client, l *login, id int64) *room {
	r := &room{
		c: c, login: l, id: id,
		left: make(chan struct{}), wake: make(chan struct{}, 1),
		members: map[string]*member{},
	}
	r.ctx, r.cancel = context.WithCancel(l.ctx)
	return r
}

// inRoom returns the room if one is in it.
func (c *Client) inRoom(op string) (*room, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inRoomLocked(op)
}

func (c *Client) inRoomLocked(op string) (*room, error) {
	if _, err := c.loggedInLocked(op); err != nil {
		return nil, err
	}
	if c.room == nil || !c.room.in {
		return nil, failf(op, CodeNoRoom, "not in a room")
	}
	return c.room, nil
}

// detachRoomLocked takes the current room, if any, out of the client. The caller must see to its release.
func (c *Client) detachRoomLocked() *room {
	r := c.room
	if r == nil {
		return nil
	}
	c.room, c.leaving = nil, r.left
	c.mic.drop()
	c.camera.drop()
	r.cancel()
	c.broadcastLocked()
	return r
}

// release ends everything of a detached room: devices, goroutines, sockets; and tells the server if asked to.
func (r *room) release(tell bool) {
	if tell {
		told := make(chan struct{})
		r.login.request(wire.MethodExitMeeting, nil, nil, func(error) { close(told) })
		defer func() { <-told }()
	}
	defer close(r.left)
	r.tasks.Wait()
	if r.conn != nil {
		if err := r.conn.Close(); err != nil {
			r.c.log.Warn("closing the media connection", "room", r.id, "error", err)
		}
	}
}

// spawnLocked runs fn on a goroutine that the room waits for. fn must end with r.ctx. Nothing is run for a room that
// is not the current one any more.
func (r *room) spawnLocked(fn func()) {
	if r.c.room != r {
		return
	}
	r.tasks.Add(1)
	if !r.c.spawnLocked(func() { defer r.tasks.Done(); fn() }) {
		r.tasks.Done()
	}
}

// poke lets work look again.
func (r *room) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// work connects media, then keeps what the server knows of our wishes and slots up to date.
func (r *room) work() {
	if r.conn == nil {
		return
	}
	if err := r.conn.Answer(r.answer); err != nil {
		r.c.log.Error("media answer refused", "room", r.id, "error", err)
		r.dropped(CodeSocket)
		return
	}
	var sent map[videoKey]bool
	again := time.AfterFunc(time.Hour, r.poke)
	again.Stop()
	defer again.Stop()
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-r.wake:
		}
		var err error
		if sent, err = r.syncWishes(sent); err == nil {
			err = r.growSlots()
		}
		if err != nil && r.ctx.Err() == nil {
			r.c.log.Warn("subscribing failed, trying again", "room", r.id, "error", err)
			again.Reset(retryDelay)
		}
	}
}

// retryDelay is how long work waits before it repeats a request that failed.
const retryDelay = time.Second

// growSlots negotiates as many more receive slots as the server asked for.
func (r *room) growSlots() (err error) {
	r.c.mu.Lock()
	need, again := r.need, r.offerFailed
	r.need, r.offerFailed = wire.SlotsNeeded{}, false
	r.c.mu.Unlock()
	if need.Audio <= 0 && need.Video <= 0 && !again {
		return nil
	}
	defer func() {
		if err != nil {
			r.locked(func(*Client) { r.offerFailed = true })
		}
	}()
	offer, err := r.conn.Grow(clamp(need.Audio), clamp(need.Video))
	if err != nil {
		return err
	}
	var result wire.OfferResult
	if err := r.login.session().Call(r.ctx, wire.MethodOffer, wire.OfferParams{Offer: offer}, &result); err != nil {
		return err
	}
	return r.conn.Answer(result.Answer)
}

func clamp(slots int) int { return min(max(slots, 0), maxSlots) }

// mediaState hears of the media connection. It must not block.
func (r *room) mediaState(s rtc.State) {
	if s == rtc.StateFailed {
		r.c.log.Warn("media connection failed", "room", r.id)
		r.c.spawn(func() { r.dropped(CodeSocket) })
	}
}

// dropped ends the stay because media is lost while the login lives.
func (r *room) dropped(code Code) {
	c := r.c
	c.mu.Lock()
	if c.room != r {
		c.mu.Unlock()
		return
	}
	c.detachRoomLocked()
	c.spawnLocked(func() { r.release(true) })
	emit(c, &c.on.meetingDropped, MeetingDropped{Code: code})
	c.mu.Unlock()
}

// WaitMedia waits until media flows between this client and the server. Errors: 12 not logged in, 800 in no room or
// the room was left meanwhile, 8005 the client was made with NoMedia.
func (c *Client) WaitMedia(ctx context.Context) error {
	const op = "WaitMedia"
	r, err := c.inRoom(op)
	if err != nil {
		return err
	}
	if r.conn == nil {
		return fail(op, CodeNoPlatform, errors.New("NoMedia is set"))
	}
	select {
	case <-r.conn.Connected():
		return nil
	case <-r.ctx.Done():
		return failf(op, CodeNoRoom, "the room was left")
	case <-ctx.Done():
		return toError(op, ctx.Err())
	}
}
