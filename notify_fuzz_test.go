package crvideo

import (
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/crvideo/crvideo-go/internal/mocksignal"
	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// scriptedLogin is a client logged in on a server that refuses every request.
func scriptedLogin(f *testing.F) *Client {
	srv := mocksignal.New(f)
	c, err := New(SDKParams{ServerAddr: srv.URL(), AllowSynthetic: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	loggedIn := make(chan error, 1)
	go func() {
		loggedIn <- c.Login(f.Context(), LoginParams{AppID: "demo", AppSecret: "x", UID: "ann", Nickname: "Ann"})
	}()
	conn := srv.Accept(f.Context())
	conn.Login(f.Context())
	if err := <-loggedIn; err != nil {
		f.Fatal(err)
	}
	refusing := make(chan struct{})
	go func() {
		defer close(refusing)
		for r := conn.NextOrEnd(); r != nil; r = conn.NextOrEnd() {
			r.Fail(wire.CodeRoomAbsent, "")
		}
	}()
	f.Cleanup(func() {
		if err := c.Close(); err != nil {
			f.Error(err)
		}
		<-c.Done()
		<-refusing
	})
	return c
}

// enterFuzzed puts the client into a room in which bob is, too.
func enterFuzzed(t *testing.T, c *Client) *room {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := newRoom(c, c.login, wire.EnterMeetingParams{MeetID: 12345678})
	conn, err := rtc.New(rtc.Config{Loopback: true, AudioSlots: 1, VideoSlots: 1})
	if err != nil {
		t.Fatal(err)
	}
	r.conn, r.in, c.room = conn, true, r
	for _, w := range []wire.Member{
		{UID: "ann", Num: 1, Audio: wire.StatusClosed, Videos: []wire.Video{{ID: 1}}, DefaultVideo: 1},
		{UID: "bob", Num: 2, Audio: wire.StatusOpen, AudioStream: &wire.Stream{Num: 1, Codec: "audio/opus"}, Videos: []wire.Video{{ID: 1}}},
	} {
		r.addMemberLocked(&w)
	}
	c.mic.reset(true)
	c.camera.reset(true)
	return r
}

// FuzzNotifications gives a client in a room whatever a server may send: lines of a method, a space, and parameters.
// The client must stay in order, and be able to leave.
func FuzzNotifications(f *testing.F) {
	for _, lines := range [][]string{
		{`memberEntered {"member":{"uid":"carol","nickname":"C","num":3,"audio":3,"audioStream":{"num":9,"codec":"audio/opus"}}}`, `memberLeft {"uid":"carol","reason":"exit"}`},
		{`memberLeft {"uid":"ann","reason":"kick"}`, `micStatus {"uid":"bob","status":3}`},
		{`micStatus {"uid":"bob","status":2}`, `micStatus {"uid":"bob","status":3,"stream":{"num":4,"codec":"audio/opus"}}`, `micStatus {"uid":"ann","status":2,"by":"bob"}`},
		{`videoStatus {"uid":"bob","videoID":1,"stream":{"num":2,"codec":"video/H264"}}`, `videoStatus {"uid":"bob","videoID":1}`, `videoStatus {"uid":"ann","videoID":1,"by":"bob"}`},
		{`devicesChanged {"uid":"bob","devices":{"mic":false,"videos":[{"id":2,"name":"x"},{"id":2}],"defaultVideo":2}}`, `defaultVideoChanged {"uid":"bob","videoID":7}`},
		{`defaultVideoChanged {"uid":"ann","videoID":1}`, `nicknameChanged {"uid":"bob","old":"","new":"B"}`, `nicknameChanged {"uid":"ann","new":"A"}`},
		{`openMicAsked {"by":"bob"}`, `openVideoAsked {"by":"bob","videoID":1}`, `attrsChanged {"uid":"bob","adds":{"k":{"value":"v","by":"bob","version":9}},"delKeys":["x"],"by":"bob"}`, `callIn {"id":"a","from":"bob","meet":{"id":1}}`, `callAccepted {"id":"a"}`, `callHangup {"id":"a"}`, `inviteIn {"id":"b","from":"bob"}`, `inviteCanceled {"id":"b","reason":"x"}`, `userStatus {"uid":"bob","status":2}`, `roomMsg {"uid":"bob","text":"hi","num":1}`, `roomState {"state":{"version":3,"mainVideo":"eve","mainPage":4},"by":"bob"}`, `slotsNeeded {"audio":1,"video":99999}`},
		{`boardCreated {"board":{"id":"b","width":9,"height":9,"pageCount":2}}`, `boardEdited {"board":"b","put":[{"id":"x","kind":"line","points":[1,2],"version":3},null],"version":3}`, `boardEdited {"board":"b","delete":["x"]}`, `boardPage {"board":"b","page":7}`, `boardClosed {"board":"b"}`},
		{`meetingEnded {"meetID":12345678,"by":"bob"}`}, {`meetingEnded {"meetID":1}`}, {`tokenExpiring {"expiresMs":5}`},
		{`memberEntered {"member":{"uid":"bob","num":2}}`, `memberEntered {"member":{"uid":"ann","num":1}}`, `memberEntered null`, `micStatus []`, `new 1`},
	} {
		f.Add(strings.Join(lines, "\n"))
	}
	c := scriptedLogin(f)
	f.Fuzz(func(t *testing.T, script string) {
		r := enterFuzzed(t, c)
		for line := range strings.Lines(script) {
			method, params, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			if json.Valid([]byte(params)) { // the session passes nothing else on
				c.notified(r.login, method, json.RawMessage(params))
			}
			r.requireOrder(t)
		}
		_ = c.GetAllMembers()
		_ = c.GetStats()
		c.mu.Lock()
		left := c.detachRoomLocked()
		c.mu.Unlock()
		if left != nil { // otherwise we were put out, and it is on its way
			left.release(false)
		}
		<-r.left
	})
}

// requireOrder holds that what is known of the members fits together.
func (r *room) requireOrder(t *testing.T) {
	r.locked(func(*Client) {
		known := slices.Sorted(maps.Keys(r.members))
		if listed := slices.Sorted(slices.Values(r.order)); !slices.Equal(known, listed) {
			t.Fatalf("members are %q, and listed are %q", known, listed)
		}
		if r.members["ann"] == nil {
			t.Fatal("in the room without being a member")
		}
		for uid, m := range r.members {
			if (m.audio != nil) != (m.AudioStream != nil && uid != "ann") {
				t.Fatalf("microphone of %q: %v, received %v", uid, m.AudioStream, m.audio)
			}
			for id := range m.videos {
				if !slices.ContainsFunc(m.Videos, func(v wire.Video) bool { return v.ID == id && v.Stream != nil }) {
					t.Fatalf("camera %d of %q is received and is not there", id, uid)
				}
			}
		}
	})
}
