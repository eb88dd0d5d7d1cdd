package main

import (
	"context"
	"sync"

	"github.com/crvideo/crvideo-go"
)

// mirrored goes through the nine steps as the JavaScript tutorial does: calls that return at once, and events.
type mirrored struct {
	p    *printer
	uid  string
	init bool
}

// call does the first five steps. Each event starts the next step, as in the tutorial.
func (b *mirrored) call(ctx context.Context, printing *sync.WaitGroup, params crvideo.SDKParams, o options, room crvideo.MeetInfo) error {
	ends := make(chan error, 8) // every way in which the steps can end
	end := func(err error) {
		select {
		case ends <- err:
		default:
		}
	}
	crvideo.OnLoginSuccess(func(crvideo.LoginSuccess) {
		b.p.step(b.uid, 3, "create a room (of his own: he enters alice's and gives this one back)")
		crvideo.CreateMeeting2("bob's room")
	})
	crvideo.OnLoginFail(func(e crvideo.LoginFail) { end(e.Err) })
	crvideo.OnCreateMeetingSuccess(func(e crvideo.CreateMeetingSuccess) {
		crvideo.DestroyMeeting(e.MeetInfo.ID, e.Cookie)
	})
	crvideo.OnCreateMeetingFail(func(e crvideo.CreateMeetingFail) { end(e.Err) })
	crvideo.OnDestroyMeetingRslt(func(e crvideo.DestroyMeetingRslt) {
		if e.Err != nil {
			end(e.Err)
			return
		}
		b.p.step(b.uid, 4, "enter room %d", room.ID)
		crvideo.EnterMeeting(room.ID, "alice's room", crvideo.WithPassword(room.Password))
	})
	crvideo.OnEnterMeetingRslt(func(e crvideo.EnterMeetingRslt) {
		if e.Err != nil {
			end(e.Err)
			return
		}
		b.p.step(b.uid, 5, "open microphone and camera")
		crvideo.OpenMic(b.uid)
		crvideo.OpenVideo(b.uid)
	})
	crvideo.OnOpenMicFailed(func(e crvideo.OpenMicFailed) { end(e.Code) })
	crvideo.OnOpenVideoFailed(func(e crvideo.OpenVideoFailed) { end(e.Code) })
	crvideo.OnVideoStatusChanged(func(e crvideo.VideoStatusChanged) {
		if e.UID == b.uid && e.NewStatus == crvideo.StatusOpen {
			end(nil)
		}
	})

	b.p.step(b.uid, 1, "initialise")
	if err := crvideo.Init(params); err != nil {
		return err
	}
	b.init = true
	b.p.events(context.Background(), printing, b.uid, crvideo.Default())
	b.p.step(b.uid, 2, "log in")
	crvideo.Login(o.app, crvideo.MD5(o.secret), b.uid, b.uid, "", "bob's login")
	select {
	case err := <-ends:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave does the last three steps.
func (b *mirrored) leave() {
	if !b.init {
		return
	}
	done := crvideo.Default().Done()
	b.p.step(b.uid, 7, "leave the room")
	crvideo.ExitMeeting()
	b.p.step(b.uid, 8, "log out")
	crvideo.Logout()
	b.p.step(b.uid, 9, "uninitialise")
	crvideo.Uninit()
	<-done
}
