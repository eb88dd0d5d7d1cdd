package soak

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	unknown = crvideo.StatusUnknown
	closed  = crvideo.StatusClosed
	open    = crvideo.StatusOpen
)

// follow gives events to a model of ann and returns what it found wrong.
func follow(events ...crvideo.Event) (found []string) {
	m := &model{
		fail: func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) },
		note: func(string, ...any) {}, ends: func(crvideo.Event) {},
	}
	m.login("ann")
	for _, e := range events {
		m.event(e)
	}
	return found
}

func audio(uid string, before, after crvideo.DeviceStatus) crvideo.Event {
	return crvideo.AudioStatusChanged{UID: uid, OldStatus: before, NewStatus: after}
}

func video(uid string, before, after crvideo.DeviceStatus) crvideo.Event {
	return crvideo.VideoStatusChanged{UID: uid, OldStatus: before, NewStatus: after}
}

// states are the three events of somebody who has just come.
func states(uid string) []crvideo.Event {
	return []crvideo.Event{audio(uid, unknown, closed), video(uid, unknown, closed), crvideo.VideoDevChanged{UID: uid}}
}

func entered(more ...crvideo.Event) []crvideo.Event { return append(states("ann"), more...) }

func bobCame(more ...crvideo.Event) []crvideo.Event {
	return entered(append(append([]crvideo.Event{crvideo.UserEnterMeeting{UID: "bob"}}, states("bob")...), more...)...)
}

func TestModelTakesWhatMakesSense(t *testing.T) {
	left := crvideo.UserLeftMeeting{UID: "bob", Reason: "exit"}
	for name, events := range map[string][]crvideo.Event{
		"coming and going":       bobCame(audio("bob", closed, open), audio("bob", open, closed), left, crvideo.UserEnterMeeting{UID: "bob"}, states("bob")[0], states("bob")[1], states("bob")[2]),
		"somebody there before":  entered(audio("carol", closed, open), crvideo.UserLeftMeeting{UID: "carol"}),
		"names":                  bobCame(crvideo.NotifyNickNameChanged{UID: "bob", OldName: "b", NewName: "c"}, crvideo.NotifyNickNameChanged{UID: "bob", OldName: "c", NewName: "d"}),
		"the end, and again":     append(entered(crvideo.NotifyMeetEnded{MeetID: 1}, crvideo.MeetingStopped{}), entered()...),
		"again, left on its own": append(bobCame(audio("bob", closed, open)), bobCame()...),
		"line off and again":     append(bobCame(crvideo.LineOff{Code: 10}), entered()...),
	} {
		assert.Empty(t, follow(events...), name)
	}
}

func TestModelFindsWhatMakesNone(t *testing.T) {
	left := crvideo.UserLeftMeeting{UID: "bob", Reason: "exit"}
	for name, events := range map[string][]crvideo.Event{
		"in no room":           {crvideo.UserEnterMeeting{UID: "bob"}},
		"left twice":           bobCame(left, left),
		"came twice":           bobCame(crvideo.UserEnterMeeting{UID: "bob"}),
		"status after leaving": bobCame(left, audio("bob", closed, open)),
		"status twice":         bobCame(audio("bob", closed, open), audio("bob", closed, open)),
		"no change":            bobCame(video("bob", closed, closed)),
		"another old name":     bobCame(crvideo.NotifyNickNameChanged{UID: "bob", NewName: "c"}, crvideo.NotifyNickNameChanged{UID: "bob", OldName: "x", NewName: "d"}),
		"no states after":      entered(crvideo.UserEnterMeeting{UID: "bob"}, crvideo.VideoDevChanged{UID: "bob"}),
		"after line off":       bobCame(crvideo.LineOff{Code: 10}, audio("bob", closed, open)),
		"after the end":        entered(crvideo.NotifyMeetEnded{}, crvideo.MeetingStopped{}, crvideo.VideoDevChanged{UID: "bob"}),
		"end without a stop":   entered(crvideo.NotifyMeetEnded{}, crvideo.VideoDevChanged{UID: "bob"}),
		"default twice":        bobCame(crvideo.DefVideoChanged{UID: "bob", VideoID: 1}, crvideo.DefVideoChanged{UID: "bob", VideoID: 1}),
	} {
		assert.Len(t, follow(events...), 1, name)
	}
}

func quiet() (*soak, *diary) {
	s := &soak{opts: Options{Out: discard{}}}
	s.figures.init()
	return s, &diary{s: s, name: "bot"}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func TestCookiesComeBackOnce(t *testing.T) {
	s, d := quiet()
	j := &cookies{s: s, d: d, open: map[*cookie]bool{}}
	c := j.give("Login")
	j.back(c, crvideo.LoginSuccess{}, nil)
	_, found := s.found.all()
	assert.Zero(t, found)
	j.back(c, crvideo.LoginSuccess{}, nil)
	j.back("another", crvideo.LoginSuccess{}, nil)
	list, found := s.found.all()
	assert.Equal(t, 2, found)
	assert.Contains(t, list[0], "twice")
}

func TestCallsThatEndWrongly(t *testing.T) {
	s, d := quiet()
	ctx := t.Context()
	bad := []error{assert.AnError, &crvideo.Error{Op: "x", Code: crvideo.CodeInternal}}
	for _, err := range append(bad, nil, &crvideo.Error{Op: "x", Code: crvideo.CodeNoRoom}) {
		_ = s.call(ctx, d, "x", func(context.Context) error { return err })
	}
	_, found := s.found.all()
	assert.Equal(t, len(bad), found)
	s.calls.begin(d, "never", -2*overtime)
	s.calls.overdue(s)
	s.calls.overdue(s)
	_, found = s.found.all()
	assert.Equal(t, len(bad)+1, found, "once")
}
