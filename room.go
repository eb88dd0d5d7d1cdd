package crvideo

import (
	"context"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/signal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// room is one stay in a room, from EnterMeeting to its end. Fields without a remark are guarded by Client.mu.
type room struct {
	c      *Client // these five never change
	login  *login
	id     int64
	ctx    context.Context
	cancel context.CancelFunc

	tasks  sync.WaitGroup // goroutines that end with ctx
	left   chan struct{}  // closed when everything of the room is gone
	chores worker         // work
	later  *time.Timer    // pokes it
	clock  *time.Timer    // of tick; nil before the room has let us in
	ticks  int

	params   SDKParams               // as they were when entering
	request  wire.EnterMeetingParams // the request to enter, but for devices, offer and ticket
	conn     *rtc.Conn               // replaced when media is made anew; nil without media
	asked    bool                    // the request to enter has been sent
	in       bool                    // and answered
	info     wire.MeetInfo
	num      uint32
	answer   string
	ticket   string            // for a server that has forgotten the room
	state    wire.RoomState    // as the application sees it
	told     wire.RoomState    // as the server told it last
	lastMsgs map[string]uint64 // number of the last message of each sender
	epoch    string            // of the server process

	wrote            map[attrKey]wire.RestoredAttr // attributes that nobody is known to have changed after us
	boards           map[string]*knownBoard
	boardsUnrestored bool // on a server that had forgotten the room

	unrestored map[string]bool // owners of attributes ("": the room) who are back on a server that had forgotten us
	forgotten  bool            // and that server is another process than the one before

	self    wire.Devices // as last told to the server
	members map[string]*member
	voices  map[string]*member // those of them who are looked at for how loud they are: few, however many are silent
	order   []string           // UIDs in the order of entering
	need    wire.SlotsNeeded
	places  int // cameras that can send at once on conn, as far as the server knows

	subscribed wishes // what the server was told to send; of the goroutine that works

	offerFailed bool // the last offer was not answered; the slots that it added are in the next one, too

	renewed    func()             // set: the server has forgotten us, and work is to enter again; it releases other requests
	renewals   int                // how often it has
	restoring  signal.Requests    // what restores us on the server of now, and on no later one
	renewedAt  time.Time          // since when
	outdated   bool               // since then, until the answer to entering again tells how the room is: no notification is about what we know
	wanted     map[uint32][]int   // which layers of our streams anybody watches, by their number; guarded by Client.mu
	reopening  bool               // what we publish will be opened again, so no request about it needs to be sent before
	endRound   context.CancelFunc // ends what work is waiting for; nil while it waits for nothing
	graceUntil time.Time          // until then members who have not come back are shown as they were; zero: no such members
	entering   time.Time          // when EnterMeeting was called
	firsts     rtc.Firsts         // may be used without the lock
	net        netState
	mediaLost  time.Time // since when there is no media; zero: there is
}

func newRoom(c *Client, l *login, request wire.EnterMeetingParams) *room {
	r := &room{
		c: c, login: l, id: request.MeetID, params: c.params, request: request,
		left:    make(chan struct{}),
		members: map[string]*member{}, voices: map[string]*member{},
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
	if r.clock != nil {
		r.clock.Stop()
	}
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
	r.closeConn(r.media())
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

// dropped ends the stay while the login lives; tell: the server may take us for a member.
func (r *room) dropped(code Code, tell bool) {
	c := r.c
	c.mu.Lock()
	if c.room != r {
		c.mu.Unlock()
		return
	}
	c.detachRoomLocked()
	c.spawnLocked(func() { r.release(tell) })
	emit(c, &c.on.meetingDropped, MeetingDropped{Code: code})
	c.mu.Unlock()
}
