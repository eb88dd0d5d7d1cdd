package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/webhook"
)

// receiver is a program that hears of rooms.
type receiver struct {
	*httptest.Server
	t     *testing.T
	got   chan webhook.Event
	tries atomic.Int64
	fails func(try int64, e webhook.Event) error

	mu   sync.Mutex
	busy map[int64]bool // rooms whose event is being handled
}

func newReceiver(t *testing.T, fails func(try int64, e webhook.Event) error) *receiver {
	r := &receiver{t: t, got: make(chan webhook.Event, 10000), fails: fails, busy: map[int64]bool{}}
	r.Server = httptest.NewServer(webhook.Handler(r.handle, "hush"))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) handle(_ context.Context, e webhook.Event) error {
	if e.Room != nil {
		r.mu.Lock()
		assert.False(r.t, r.busy[e.Room.ID], "two events of a room at a time")
		r.busy[e.Room.ID] = true
		r.mu.Unlock()
		defer func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.busy[e.Room.ID] = false
		}()
	}
	if err := r.fails(r.tries.Add(1), e); err != nil {
		return err
	}
	r.got <- e
	return nil
}

func (r *receiver) next() webhook.Event {
	r.t.Helper()
	select {
	case e := <-r.got:
		return e
	case <-time.After(bound):
		require.Fail(r.t, "no event")
		panic("not reached")
	}
}

// said renders the next events.
func (r *receiver) said(n int) (all []string) {
	r.t.Helper()
	for range n {
		e := r.next()
		text := e.Type
		if e.Member != nil {
			text += fmt.Sprintf(" %s %s %d", e.Member.UID, e.Member.Nickname, e.Member.Num)
		}
		all = append(all, strings.TrimSpace(text+" "+e.Reason+" "+e.By))
	}
	return all
}

func never(int64, webhook.Event) error { return nil }

func hooked(r *receiver) func(*Config) {
	return func(cfg *Config) { cfg.Hooks = []Hook{{AppID: "app", URL: r.URL, Secret: "hush"}} }
}

// startHooked runs a server that tells a receiver, and loses no time.
func startHooked(t *testing.T, r *receiver) *Server {
	s := start(t, hooked(r))
	s.hooks.first, s.hooks.last = time.Millisecond, 4*time.Millisecond
	return s
}

func TestHooks(t *testing.T) {
	r := newReceiver(t, never)
	s := startHooked(t, r)
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{Subject: "tea", Regular: true})
	ann.enter(room.ID)
	first := r.next()
	assert.WithinDuration(t, time.Now(), first.Time, time.Minute)
	assert.Len(t, first.ID, 32)
	assert.Equal(t, webhook.Event{
		ID: first.ID, Type: webhook.RoomStarted, Time: first.Time, Epoch: s.epoch, AppID: "app", Room: &webhook.Room{ID: room.ID, Subject: "tea", Regular: true},
	}, first)
	bob := enter(t, s, "bob", room.ID)
	ann.must(wire.MethodSetNickname, wire.SetNicknameParams{UID: "ann", Nickname: "Annie"}, nil)
	ann.must(wire.MethodKickout, wire.UIDParams{UID: "bob"}, nil)
	ann.must(wire.MethodExitMeeting, nil, nil)
	bob.enter(room.ID)
	ann.enter(room.ID)
	bob.must(wire.MethodStopMeeting, nil, nil)
	bob.enter(room.ID)
	bob.must(wire.MethodLogout, nil, nil)
	ann.must(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: room.ID}, nil) // nobody is in it
	assert.Equal(t, []string{
		"memberEntered ann Nick ann 1", "memberEntered bob Nick bob 2", "memberLeft bob Nick bob 2 kick", "memberLeft ann Annie 1 exit", "roomEnded empty",
		"roomStarted", "memberEntered bob Nick bob 3", "memberEntered ann Annie 4", "memberLeft bob Nick bob 3 ended", "memberLeft ann Annie 4 ended", "roomEnded ended bob",
		"roomStarted", "memberEntered bob Nick bob 5", "memberLeft bob Nick bob 5 timeout", "roomEnded empty",
	}, replaceLast(r.said(15)))
	other := loginWith(t, s, &wire.LoginParams{AppID: "other", SecretMD5: secretMD5("hidden"), UID: "ann", Nickname: "n"})
	other.enter(other.create(wire.CreateMeetingParams{}).ID)
	assert.Empty(t, r.got, "another app's rooms are nobody's business")
	require.Eventually(t, func() bool { return s.hooks.waiting() == 0 }, bound, tick)
}

// replaceLast forgets whether a logout was heard of as exit.
func replaceLast(all []string) []string {
	all[13] = strings.Replace(all[13], "exit", "timeout", 1)
	return all
}

// A receiver that fails gets every event in the end, of each room in its order, once each as far as it says so.
func TestHooksAreTriedAgain(t *testing.T) {
	var seen sync.Map
	r := newReceiver(t, func(_ int64, e webhook.Event) error {
		if n, _ := seen.LoadOrStore(e.ID, new(atomic.Int64)); n.(*atomic.Int64).Add(1) < 4 {
			return errors.New("not yet")
		}
		return nil
	})
	s := startHooked(t, r)
	const rooms = 8
	for i := range rooms {
		ann := login(t, s, fmt.Sprint("ann", i))
		id := ann.create(wire.CreateMeetingParams{}).ID
		ann.enter(id)
		ann.must(wire.MethodExitMeeting, nil, nil)
		ann.enter(id)
	}
	byRoom := map[int64][]string{}
	for range rooms * 6 {
		e := r.next()
		byRoom[e.Room.ID] = append(byRoom[e.Room.ID], e.Type)
	}
	require.Len(t, byRoom, rooms)
	for _, types := range byRoom {
		assert.Equal(t, []string{"roomStarted", "memberEntered", "memberLeft", "roomEnded", "roomStarted", "memberEntered"}, types)
	}
	assert.EqualValues(t, rooms*6*4, r.tries.Load())
}

// A room whose event is not taken holds up no other room, and no member.
func TestHookOfOneRoomHoldsUpNobody(t *testing.T) {
	release := make(chan struct{})
	var stuck atomic.Int64
	r := newReceiver(t, func(_ int64, e webhook.Event) error {
		if e.Room.ID == stuck.Load() {
			<-release
		}
		return nil
	})
	s := startHooked(t, r)
	ann, bob := login(t, s, "ann"), login(t, s, "bob")
	one, two := ann.create(wire.CreateMeetingParams{}).ID, ann.create(wire.CreateMeetingParams{}).ID
	stuck.Store(one)
	ann.enter(one)
	bob.enter(two)
	assert.Equal(t, []string{"roomStarted", "memberEntered bob Nick bob 1"}, r.said(2))
	ann.must(wire.MethodExitMeeting, nil, nil)
	close(release)
	assert.Equal(t, []string{"roomStarted", "memberEntered ann Nick ann 1", "memberLeft ann Nick ann 1 exit", "roomEnded empty"}, r.said(4))
}

// What is too old is given up, and what is too much is not taken.
func TestHookGivesUp(t *testing.T) {
	r := newReceiver(t, func(_ int64, e webhook.Event) error {
		if e.Type == webhook.RoomStarted {
			return errors.New("never")
		}
		return nil
	})
	s := startHooked(t, r)
	s.hooks.life = 0
	ann := login(t, s, "ann")
	ann.enter(ann.create(wire.CreateMeetingParams{}).ID)
	assert.Equal(t, []string{"memberEntered ann Nick ann 1"}, r.said(1))
	require.Eventually(t, func() bool { return s.hooks.waiting() == 0 }, bound, tick)
	sender := s.hooks.events["app"][0]
	sender.mu.Lock()
	sender.waiting = hookQueue
	sender.mu.Unlock()
	ann.must(wire.MethodExitMeeting, nil, nil)
	sender.mu.Lock()
	assert.Equal(t, hookQueue, sender.waiting)
	sender.waiting = 0
	sender.mu.Unlock()
}

// A server that ends tries once more what waits, and does not wait for a receiver that does not answer.
func TestHooksAtTheEnd(t *testing.T) {
	r := newReceiver(t, func(try int64, _ webhook.Event) error {
		if try == 1 {
			return errors.New("not yet")
		}
		return nil
	})
	s := start(t, hooked(r))
	s.hooks.first = time.Hour
	ann := login(t, s, "ann")
	ann.enter(ann.create(wire.CreateMeetingParams{}).ID)
	require.Eventually(t, func() bool { return r.tries.Load() == 1 }, bound, tick)
	stop(t, s)
	assert.Equal(t, []string{"memberEntered ann Nick ann 1"}, r.said(1), "the one before has had its try")
	assert.Zero(t, s.hooks.waiting())

	release := make(chan struct{})
	slow := newReceiver(t, func(int64, webhook.Event) error { <-release; return nil })
	defer close(release)
	s = start(t, hooked(slow))
	ann = login(t, s, "ann")
	ann.enter(ann.create(wire.CreateMeetingParams{}).ID)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	_ = s.Shutdown(ctx)
	assert.Less(t, time.Since(began), hookGoodbye)
	assert.Zero(t, s.hooks.waiting())
}

func TestHooksAreChecked(t *testing.T) {
	for name, hook := range map[string]Hook{
		"no app": {URL: "http://x/"}, "unknown app": {AppID: "what", URL: "http://x/"}, "no address": {AppID: "app"},
		"another scheme": {AppID: "app", URL: "ftp://user:topsecret@x/"}, "no host": {AppID: "app", URL: "http:///x"},
	} {
		cfg := Config{Apps: []App{{ID: "app", Secret: "s"}, {ID: "other", Secret: "s"}}, Hooks: []Hook{hook}, engine: &fakeEngine{}}
		_, err := New(cfg)
		require.ErrorContains(t, err, "Hooks", name)
		assert.NotContains(t, err.Error(), "topsecret")
		cfg.Hooks, cfg.LoginHooks = nil, []Hook{hook}
		_, err = New(cfg)
		require.ErrorContains(t, err, "LoginHooks", name)
	}
	twice := Hook{AppID: "app", URL: "http://x/"}
	_, err := New(Config{Apps: []App{{ID: "app", Secret: "s"}}, LoginHooks: []Hook{twice, twice}, engine: &fakeEngine{}})
	require.ErrorContains(t, err, "two")
}

func TestLoginHook(t *testing.T) {
	release := make(chan struct{})
	r := newReceiver(t, func(_ int64, e webhook.Event) error {
		switch e.Login.AuthCode {
		case "bad":
			return webhook.ErrRefused
		case "broken":
			return errors.New("no database")
		case "slow":
			<-release
		}
		return nil
	})
	defer close(release)
	s := start(t, func(cfg *Config) { cfg.LoginHooks = []Hook{{AppID: "app", URL: r.URL, Secret: "hush"}} })
	s.hooks.loginTime = 500 * time.Millisecond
	with := func(code string) *wire.LoginParams {
		p := loginParams("ann")
		p.AuthCode = code
		return p
	}
	for code, want := range map[string]wire.Code{"": codeAuthMissing, "bad": codeAuthRefused, "broken": codeAuthService, "slow": codeAuthService} {
		dial(t, s).fails(want, wire.MethodLogin, with(code))
	}
	assert.Empty(t, r.got)
	wrong := with("good")
	wrong.SecretMD5 = secretMD5("guess")
	dial(t, s).fails(wire.CodeWrongSecret, wire.MethodLogin, wrong)
	assert.Empty(t, r.got, "nobody is asked about whom the secret does not know")
	assert.Nil(t, s.userSession(userKey{"app", "ann"}))

	loginWith(t, s, with("good"))
	e := r.next()
	assert.Equal(t, []any{webhook.LoginAsked, "app", s.epoch}, []any{e.Type, e.AppID, e.Epoch})
	assert.Equal(t, webhook.Login{UID: "ann", Nickname: "Nick ann", AuthCode: "good", Addr: "127.0.0.1"}, *e.Login)
	p := tokenParams(t, "ann", time.Hour)
	p.AuthCode, p.Renews = "good", "before"
	loginWith(t, s, p)
	assert.Equal(t, webhook.Login{UID: "ann", Nickname: p.Nickname, AuthCode: "good", ByToken: true, Renewal: true, Addr: "127.0.0.1"}, *r.next().Login)

	other := &wire.LoginParams{AppID: "other", SecretMD5: secretMD5("hidden"), UID: "ann", Nickname: "n"}
	loginWith(t, s, other)
	other.AuthCode = "good"
	dial(t, s).fails(codeAuthUnexpected, wire.MethodLogin, other)
}

// Who tries codes is stopped like who tries secrets, and an answer that is none lets nobody in.
func TestLoginHookIsGuessed(t *testing.T) {
	r := newReceiver(t, func(int64, webhook.Event) error { return webhook.ErrRefused })
	s := start(t, withLimits(func(l *Limits) { l.FailuresPerMinute = 3 }), func(cfg *Config) {
		cfg.LoginHooks = []Hook{{AppID: "app", URL: r.URL, Secret: "hush"}}
	})
	p := loginParams("ann")
	p.AuthCode = "x"
	for range 3 {
		dial(t, s).fails(codeAuthRefused, wire.MethodLogin, p)
	}
	dial(t, s).fails(wire.CodeTooFast, wire.MethodLogin, p)
	assert.EqualValues(t, 3, r.tries.Load())

	for _, answer := range []string{"", "{}", "true", `{"allow":"yes"}`, `{"allow":null}`} {
		odd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
		s := start(t, func(cfg *Config) { cfg.LoginHooks = []Hook{{AppID: "app", URL: odd.URL}} })
		dial(t, s).fails(codeAuthService, wire.MethodLogin, p)
		odd.Close()
	}
	away := httptest.NewServer(http.RedirectHandler(r.URL, http.StatusTemporaryRedirect))
	defer away.Close()
	s = start(t, func(cfg *Config) { cfg.LoginHooks = []Hook{{AppID: "app", URL: away.URL}} })
	dial(t, s).fails(codeAuthService, wire.MethodLogin, p)
	assert.EqualValues(t, 3, r.tries.Load(), "codes are sent where they belong and nowhere else")
}
