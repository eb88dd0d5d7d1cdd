package crvideo

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/signal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// Recovery says what a client does by itself when its connection is lost. The zero value does all: the connection is
// made again and the session goes on as if nothing had happened; a server that has forgotten the session, because it
// was restarted, is logged in on again, its room is entered again, and what is different there is told by events. Only
// when that fails, or takes longer than SDKParams.Timeout, there is LineOff or MeetingDropped.
type Recovery struct {
	// Off reports a lost connection at once: LineOff with code 204 (CodeSocket), as the vendor's SDK does.
	Off bool
	// NoReenter logs in again on a server that has forgotten us, but does not enter the room again: MeetingDropped with
	// code 204 tells the application to, see Reenter.
	NoReenter bool
	// Backoff, if not nil, tells how long to wait before the attempt to come back with this number, from 0, when the
	// connection is gone for so long. Below 0 gives up. Default: at once, then 100 ms doubling up to 1 s (5 s after the
	// first minute), each shorter by up to a half at random.
	Backoff func(attempt int, away time.Duration) time.Duration
}

func (p *Recovery) backoff() func(int, time.Duration) time.Duration {
	if p.Off {
		return func(int, time.Duration) time.Duration { return -1 }
	}
	return p.Backoff
}

// reappearTime is how long members who were in the room when the server forgot it are shown as they were, while they
// come back one after the other. Their attempts are a second apart at most.
const reappearTime = 5 * time.Second

// renewed hears that the server had forgotten us, and has let us log in again. It runs on the session's read goroutine.
// release lets other requests go out; the room must be entered before.
func (c *Client) renewed(l *login, release func()) {
	c.mu.Lock()
	r := c.room
	if r == nil || r.login != l || !r.in { // a request to enter that is under way is made again by the session
		c.mu.Unlock()
		release()
		return
	}
	if r.params.Recovery.NoReenter {
		c.mu.Unlock()
		r.dropped(CodeSocket, false)
		release()
		return
	}
	c.log.Info("the server had forgotten us: entering again", "room", r.id, "uid", l.uid)
	r.renewed, r.renewedAt, r.reopening, r.outdated = release, time.Now(), true, true
	r.renewals++
	r.restoring = l.session().Renewal()
	r.wanted = nil // it numbers streams anew
	if r.endRound != nil {
		r.endRound()
	}
	c.mu.Unlock()
	r.poke()
}

// releaseRequests lets the requests go out that wait for our being in the room again.
func (r *room) releaseRequests() {
	r.c.mu.Lock()
	number := r.renewals
	r.c.mu.Unlock()
	r.releaseAfter(number)
}

// releaseAfter does so if the server has not forgotten us once more since the renewal of this number.
func (r *room) releaseAfter(number int) {
	r.c.mu.Lock()
	var release func()
	if r.renewals == number {
		release, r.renewed = r.renewed, nil
	}
	r.c.mu.Unlock()
	if release != nil {
		release()
	}
}

// enterAgain enters the room on a server that has forgotten us; without need it does nothing. An error means that it
// is to be tried again.
func (r *room) enterAgain(ctx context.Context) error {
	c := r.c
	c.mu.Lock()
	needed, since, number, requests := r.renewed != nil, r.renewedAt, r.renewals, r.restoring
	c.mu.Unlock()
	if !needed {
		return nil
	}
	var result *wire.EnterMeetingResult
	var old *rtc.Conn
	conn, offer, err := r.newConn()
	if err == nil {
		result, old, err = r.askAgain(ctx, requests, conn, offer)
	} else {
		err = fail("EnterMeeting", CodeServiceFailure, err) // of this machine, but it may pass, too
	}
	switch {
	case err == nil:
	case ctx.Err() != nil, temporary(err) && time.Since(since) < r.params.timeout():
		r.closeConn(conn)
		return err
	default:
		r.closeConn(conn)
		c.log.Error("the room cannot be entered again", "room", r.id, "error", err)
		r.dropped(CodeOf(toError("EnterMeeting", err)), undecided(err))
		return nil
	}
	r.closeConn(old)
	if conn != nil {
		if err := conn.Answer(result.Answer); err != nil {
			r.mediaFailed("the server's answer is refused: " + err.Error())
			return nil
		}
	}
	r.subscribed = wishes{}
	r.republish(requests, number)
	if err := r.restoreAttrs(ctx); err != nil && ctx.Err() == nil {
		c.log.Warn("attributes are not restored", "room", r.id, "error", err)
	}
	if err := r.restoreBoards(ctx); err != nil && ctx.Err() == nil {
		c.log.Warn("boards are not restored", "room", r.id, "error", err)
	}
	r.reloadBoards()
	r.releaseAfter(number)
	return nil
}

// temporary tells whether a refusal to enter may be another answer in a moment. A server that has forgotten us once more is
// about to be told of by renewed, which may come later than the end of the request.
func temporary(err error) bool {
	switch CodeOf(toError("", err)) {
	case CodeServiceFailure, CodeTooFast, CodeGoingAway, CodeSessionUnknown:
		return true
	}
	return false
}

// askAgain sends the request to enter and takes its answer, with which conn takes the place of the connection that is
// returned.
func (r *room) askAgain(ctx context.Context, requests signal.Requests, conn *rtc.Conn, offer string) (*wire.EnterMeetingResult, *rtc.Conn, error) {
	c := r.c
	c.sending.Lock()
	c.mu.Lock()
	if c.room != r {
		c.mu.Unlock()
		c.sending.Unlock()
		return nil, nil, context.Canceled
	}
	request := r.requestLocked(offer)
	c.mu.Unlock()
	result := new(wire.EnterMeetingResult)
	stay := &swap{conn: conn}
	answered := make(chan error, 1)
	requests.Go(wire.MethodEnterMeeting, &request, func(raw json.RawMessage, failure *wire.Error) {
		if failure == nil {
			failure = decodeResult(wire.MethodEnterMeeting, raw, result)
		}
		if failure == nil {
			failure = r.usable(result)
		}
		if failure != nil {
			answered <- failure
			return
		}
		answered <- r.reentered(ctx, result, stay)
	})
	c.sending.Unlock()
	select {
	case err := <-answered:
		return result, stay.old, err
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if stay.taken { // at this very moment
		return result, stay.old, nil
	}
	return nil, nil, ctx.Err() // which reentered will see
}

// swap is a media connection that takes the place of another one. Guarded by Client.mu.
type swap struct {
	conn, old *rtc.Conn
	taken     bool
}

// reentered takes the room as it is on the server that had forgotten us, in order with the notifications that follow.
func (r *room) reentered(ctx context.Context, result *wire.EnterMeetingResult, stay *swap) error {
	c := r.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.room != r || ctx.Err() != nil {
		return context.Canceled
	}
	stay.taken, stay.old, r.conn, r.outdated = true, r.conn, stay.conn, false
	if stay.conn != nil {
		r.places = stay.conn.Cameras()
	}
	r.num, r.info, r.ticket = result.Num, result.Meeting, result.Ticket
	r.mediaLost, r.need, r.offerFailed = time.Time{}, wire.SlotsNeeded{}, false
	for uid, m := range r.members {
		if uid != r.login.uid {
			r.missLocked(m)
		}
	}
	r.forgotten, r.epoch = r.epoch != result.Epoch, result.Epoch
	r.unrestored = map[string]bool{"": true}
	for i := range result.Members {
		w := &result.Members[i]
		r.unrestored[w.UID] = true
		if w.UID == r.login.uid {
			r.members[w.UID].Num = w.Num
			continue
		}
		r.memberEnteredLocked(w)
	}
	r.graceUntil = time.Now().Add(reappearTime)
	r.takeStateLocked(result.State)
	r.againBoardsLocked(result.Boards)
	for i := range result.Messages {
		r.messageLocked(&result.Messages[i], false)
	}
	c.moveLocked(stay.conn)
	c.broadcastLocked()
	return nil
}

// missLocked goes on showing a member as it was, until it comes back or endGrace.
func (r *room) missLocked(m *member) {
	shown := r.infoLocked(m)
	m.shown, m.missing, m.openBefore = &shown, true, m.openIDs()
	m.audio, m.AudioStream = nil, nil
	clear(m.videos)
	for i := range m.Videos {
		m.Videos[i].Stream = nil
	}
}

// returnedLocked takes a member who is known already, mostly one who was missing, and tells what is different but for the states of its devices, which
// it may be about to restore.
func (r *room) returnedLocked(old *member, w *wire.Member) {
	c := r.c
	m := r.addMemberLocked(w)
	m.shown, m.openBefore, m.told = old.shown, old.openBefore, old.told
	if old.missing {
		r.unrestored[m.UID] = true
		r.poke()
	}
	r.settleLocked(m)
	if old.Nickname != m.Nickname {
		emit(c, &c.on.nickName, NotifyNickNameChanged{m.UID, old.Nickname, m.Nickname})
	}
	if !sameCameras(old.Videos, m.Videos) || old.MultiVideo != m.MultiVideo {
		emit(c, &c.on.videoDev, VideoDevChanged{m.UID})
	}
	if old.DefaultVideo != m.DefaultVideo {
		emit(c, &c.on.defVideo, DefVideoChanged{m.UID, m.DefaultVideo})
	}
}

func sameCameras(a, b []wire.Video) bool {
	return slices.EqualFunc(a, b, func(a, b wire.Video) bool { return a.ID == b.ID && a.Name == b.Name })
}

// settleLocked ends the time in which a member is shown as it was, if it is so again.
func (r *room) settleLocked(m *member) {
	if m.shown == nil || m.missing {
		return
	}
	if m.shown.AudioStatus == DeviceStatus(m.Audio) && m.shown.VideoStatus == DeviceStatus(m.VideoStatus()) {
		m.shown = nil
	}
}

// endGrace tells, when its time has come, who has not come back and what is different with the others. Otherwise it
// asks to be called again then.
func (r *room) endGrace() (again time.Duration) {
	r.locked(func(c *Client) {
		if r.graceUntil.IsZero() {
			return
		}
		if again = time.Until(r.graceUntil); again > 0 {
			return
		}
		again, r.graceUntil = 0, time.Time{}
		r.takeStateLocked(r.told)
		r.endMissingBoardsLocked()
		for _, uid := range slices.Clone(r.order) {
			m := r.members[uid]
			switch {
			case m.missing:
				r.removeMemberLocked(uid)
				emit(c, &c.on.userLeft, UserLeftMeeting{uid, wire.LeftTimeout})
			case m.shown != nil:
				before := *m.shown
				m.shown = nil
				r.tellStatusLocked(before, r.infoLocked(m))
			}
			if before := m.openBefore; before != nil && r.members[uid] == m {
				m.openBefore = nil
				if m.shown == nil && r.infoLocked(m).VideoStatus == StatusOpen && !slices.Equal(before, m.openIDs()) {
					emit(c, &c.on.videoDev, VideoDevChanged{uid})
				}
			}
		}
	})
	return again
}
