package crvideo

import (
	"context"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// EnterOption changes how EnterMeeting enters.
type EnterOption func(*enterOptions)

type enterOptions struct {
	password string
	noAudio  bool
	recent   int
}

// WithPassword gives the room's password.
func WithPassword(password string) EnterOption {
	return func(o *enterOptions) { o.password = password }
}

// WithoutAudio enters without receiving the other members' sound.
func WithoutAudio() EnterOption { return func(o *enterOptions) { o.noAudio = true } }

// EnterMeeting enters a room (CRVideo_EnterMeeting3). It returns when the server has let us in; media connects within
// milliseconds after it (WaitMedia). The events AudioStatusChanged, VideoStatusChanged and VideoDevChanged of oneself
// follow. Errors: 5 not 8 digits, 12 not logged in, 21 not permitted, 800 no such room, 801 wrong password, 802 full,
// 807 already in a room.
func (c *Client) EnterMeeting(ctx context.Context, meetID int64, opts ...EnterOption) error {
	_, err := await(ctx, "EnterMeeting", func(done func(nothing, error)) func() {
		return c.startEnter(meetID, opts, func(err error) { done(nothing{}, err) })
	})
	return err
}

func (c *Client) startEnter(meetID int64, opts []EnterOption, done func(error)) (abandon func()) {
	request := wire.EnterMeetingParams{MeetID: meetID}
	var o enterOptions
	for _, opt := range opts {
		opt(&o)
	}
	request.Password, request.NoAudio, request.Messages = o.password, o.noAudio, o.recent
	return c.startEnterWith(request, done)
}

func (c *Client) startEnterWith(request wire.EnterMeetingParams, done func(error)) (abandon func()) {
	const op = "EnterMeeting"
	c.mu.Lock()
	l, err := c.loggedInLocked(op)
	switch {
	case err != nil:
	case c.room != nil:
		err = failf(op, CodeInRoom, "in room %d", c.room.id)
	default:
		err = checked(op, &request)
	}
	if err != nil {
		c.mu.Unlock()
		done(err)
		return noAbandon
	}
	r := newRoom(c, l, request)
	r.entering = time.Now()
	c.room, c.last = r, request
	leaving := c.leaving
	r.tasks.Add(1)
	c.spawnLocked(func() {
		defer r.tasks.Done()
		if leaving != nil { // state 3: the last room is being left
			<-leaving
		}
		if err := r.enter(done); err != nil {
			c.leave(r, false)
			done(toError(op, err))
		}
	})
	c.mu.Unlock()
	return func() { c.exit(r) }
}

// enter sends the request to enter; done is called with its end unless enter returns an error.
func (r *room) enter(done func(error)) error {
	const op = "EnterMeeting"
	c := r.c
	conn, offer, err := r.newConn()
	if err != nil {
		return fail(op, CodeInternal, err)
	}
	c.sending.Lock()
	defer c.sending.Unlock()
	c.mu.Lock()
	if r.conn = conn; conn != nil { // closed by release, which waits for this goroutine
		r.places = conn.Cameras()
	}
	if c.room != r {
		c.mu.Unlock()
		return fail(op, CodeLoginState, context.Canceled)
	}
	r.asked = true
	request := r.requestLocked(offer)
	c.mu.Unlock()

	result := new(wire.EnterMeetingResult)
	r.login.request(wire.MethodEnterMeeting, &request, result, func(err error) { r.entered(result, err, done) })
	return nil
}

// requestLocked is the request to enter with what we have now.
func (r *room) requestLocked(offer string) wire.EnterMeetingParams {
	r.self = r.c.describeLocked()
	request := r.request
	request.Devices, request.Offer, request.Ticket = r.self, offer, r.ticket
	if r.in {
		state := r.state
		request.State, request.Messages = &state, wire.MaxRecentMsgs // those among them that we know are not told again
	}
	return request
}

// usable checks an answer to the request to enter.
func (r *room) usable(result *wire.EnterMeetingResult) *wire.Error {
	if !r.params.NoMedia && result.Answer == "" {
		return wire.Errorf(wire.CodeInvalidData, "the server sent no media answer")
	}
	return nil
}

// entered takes the answer to enterMeeting. It runs on the session's read goroutine, so every notification that the
// server sent after the answer is seen after it.
func (r *room) entered(result *wire.EnterMeetingResult, err error, done func(error)) {
	const op = "EnterMeeting"
	c := r.c
	if err == nil {
		if bad := r.usable(result); bad != nil {
			err = bad
		}
	}
	if err != nil {
		c.leave(r, undecided(err)) // the server may have let us in
		done(toError(op, err))
		return
	}
	c.mu.Lock()
	if c.room != r {
		c.mu.Unlock()
		done(fail(op, CodeLoginState, context.Canceled))
		return
	}
	r.in, r.num, r.info, r.answer, r.ticket = true, result.Num, result.Meeting, result.Answer, result.Ticket
	r.state, r.told, r.epoch = result.State, result.State, result.Epoch
	for i := range result.Members {
		r.addMemberLocked(&result.Members[i])
	}
	devices := c.describeLocked()
	c.mic.reset(devices.Mic)
	c.camera.reset(len(devices.Videos) > 0)
	c.broadcastLocked()
	done(nil) // its event comes before all others
	emit(c, &c.on.audioStatus, AudioStatusChanged{r.login.uid, StatusUnknown, c.mic.status})
	emit(c, &c.on.videoStatus, VideoStatusChanged{r.login.uid, StatusUnknown, c.camera.status})
	emit(c, &c.on.videoDev, VideoDevChanged{r.login.uid})
	r.initBoardsLocked(result.Boards)
	if r.conn != nil && !r.request.NoAudio {
		c.tellAudioStream(AudioSideSpeaker)
	}
	for _, uid := range r.order {
		r.tellStreamsLocked(r.members[uid])
	}
	for i := range result.Messages {
		r.messageLocked(&result.Messages[i], true)
	}
	r.startWorkLocked()
	r.poke()
	if !sameDevices(devices, r.self) { // they changed after the request was sent
		r.spawnLocked(func() {
			if err := c.tellDevices(r.ctx, op, r); err != nil {
				c.log.Warn("telling the devices", "room", r.id, "error", err)
			}
		})
	}
	c.mu.Unlock()
}

// GetMeetInfo describes the room one is in; the zero value in no room. Its password is known to its creator only.
func (c *Client) GetMeetInfo() MeetInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.room == nil || !c.room.in {
		return MeetInfo{}
	}
	return meetInfo(&c.room.info)
}

// ExitMeeting leaves the room (CRVideo_ExitMeeting). What is local ends at once; ctx bounds the wait for
// devices and sockets to be free again. Being in no room is no error.
func (c *Client) ExitMeeting(ctx context.Context) error {
	const op = "ExitMeeting"
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return fail(op, CodeNotInit, nil)
	}
	r := c.room
	c.mu.Unlock()
	select {
	case <-c.exit(r):
		return nil
	case <-ctx.Done():
		return toError(op, ctx.Err())
	}
}

// exit leaves r if it is still the current room. The channel is closed when everything of it is gone.
func (c *Client) exit(r *room) <-chan struct{} {
	if r == nil {
		return closedChan
	}
	c.sending.Lock() // an enter request that was decided before has been sent when we get it
	defer c.sending.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.room == r {
		c.detachRoomLocked()
		c.spawnLocked(func() { r.release(r.asked) })
	}
	return r.left
}

// leave forgets a room, and tells the server if it may have us in.
func (c *Client) leave(r *room, tell bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.room == r {
		c.detachRoomLocked()
		c.spawnLocked(func() { r.release(tell) })
	}
}

// dropRoomLocked forgets a room that the server does not have us in any more.
func (c *Client) dropRoomLocked() {
	if r := c.detachRoomLocked(); r != nil {
		c.spawnLocked(func() { r.release(false) })
	}
}

var closedChan = func() chan struct{} {
	ch := make(chan struct{})
	close(ch)
	return ch
}()
