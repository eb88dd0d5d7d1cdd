package crvideo_test

import (
	"testing"

	"github.com/crvideo/crvideo-go"
)

// order checks what must hold of the events of every client, in every test that records them: a state goes on from where
// it was, who enters was not there, who leaves was.
type order struct {
	audio, video map[string]crvideo.DeviceStatus
	inside       map[string]bool // what is known of whether somebody is in the room
}

func (o *order) forget() {
	o.audio, o.video = map[string]crvideo.DeviceStatus{}, map[string]crvideo.DeviceStatus{}
	o.inside = map[string]bool{}
}

func requireOrder(t testing.TB, events []crvideo.Event) {
	t.Helper()
	var o order
	o.forget()
	for i, e := range events {
		if what := o.event(e); what != "" {
			t.Errorf("event %d of %d, %T%+v: %s", i+1, len(events), e, e, what)
		}
	}
}

// event tells what is wrong with the next event.
func (o *order) event(e crvideo.Event) (wrong string) {
	switch e := e.(type) {
	case crvideo.UserEnterMeeting:
		if o.inside[e.UID] {
			wrong = "entered twice"
		}
		o.inside[e.UID] = true
	case crvideo.UserLeftMeeting:
		if inside, known := o.inside[e.UID]; known && !inside {
			wrong = "left twice"
		}
		o.inside[e.UID] = false
		delete(o.audio, e.UID)
		delete(o.video, e.UID)
	case crvideo.AudioStatusChanged:
		return o.status(o.audio, e.UID, e.OldStatus, e.NewStatus)
	case crvideo.VideoStatusChanged:
		return o.status(o.video, e.UID, e.OldStatus, e.NewStatus)
	case crvideo.LineOff, crvideo.MeetingDropped, crvideo.MeetingStopped:
		o.forget()
	}
	return wrong
}

func (o *order) status(known map[string]crvideo.DeviceStatus, uid string, before, now crvideo.DeviceStatus) (wrong string) {
	last, ok := known[uid]
	switch {
	case before == now:
		wrong = "no change"
	case before == crvideo.StatusUnknown && !o.inside[uid]: // we have entered a room: nothing is known of the one before
		o.forget()
		known = map[string]crvideo.DeviceStatus{}
	case before != crvideo.StatusUnknown && ok && last != before:
		wrong = "it was " + last.String()
	}
	known[uid] = now
	return wrong
}
