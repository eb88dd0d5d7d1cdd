package server

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

func TestShutdown(t *testing.T) {
	engine := &fakeEngine{}
	s := start(t, func(cfg *Config) { cfg.engine = engine })
	ann, bob, _ := two(t, s)
	fresh := dial(t, s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		stop(t, s)
	}()
	ann.closed(websocket.CloseGoingAway)
	bob.closed(websocket.CloseGoingAway)
	fresh.closed(websocket.CloseGoingAway)
	<-done
	assert.Empty(t, ann.notes, "that the others leave is no news then")
	_, _, err := websocket.DefaultDialer.Dial(s.URL(), nil)
	require.Error(t, err)
	stop(t, s) // again does nothing
}

// TestShutdownOfAStuckServer: a client that never says goodbye does not hold it up for longer than allowed.
func TestShutdownWithStuckClients(t *testing.T) {
	s := start(t, func(cfg *Config) { cfg.Limits.WriteTimeout = time.Hour })
	c := loginByPipe(t, s, "ann")
	sess, failed := s.session(c.session.Session, c.session.Key)
	require.Nil(t, failed)
	sess.tell(wire.NotifyLineOff, wire.LineOff{}) // which it does not read
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Shutdown(ctx), context.DeadlineExceeded)
}

// TestShutdownWithAStuckRequest: a request whose body never comes neither outlives Shutdown nor spoils it.
func TestShutdownWithAStuckRequest(t *testing.T) {
	s, err := New(Config{Addr: "127.0.0.1:0", engine: &fakeEngine{}})
	require.NoError(t, err)
	began := make(chan struct{})
	s.web.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(began) })
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	raw, err := net.Dial("tcp", s.Addr().String())
	require.NoError(t, err)
	defer func() { _ = raw.Close() }()
	_, err = raw.Write([]byte("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"))
	require.NoError(t, err)
	<-began
	stop(t, s)
	require.NoError(t, <-served)
	require.NoError(t, raw.SetReadDeadline(time.Now().Add(bound)))
	_, err = io.Copy(io.Discard, raw)
	assert.False(t, err != nil && isTimeout(err), "the connection is still open after Shutdown")
}

// stuckStore is a store on a network that does not answer.
type stuckStore struct {
	*MemoryStore
	began chan struct{}
}

func (s *stuckStore) DeleteRoom(ctx context.Context, _ int64) error {
	close(s.began)
	<-ctx.Done()
	return ctx.Err()
}

// TestShutdownWithAStuckStore: a store that honours its context does not hold Shutdown up beyond its own.
func TestShutdownWithAStuckStore(t *testing.T) {
	store := &stuckStore{NewMemoryStore(), make(chan struct{})}
	s := start(t, withStore(store))
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{Regular: true}).ID
	ann.send(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: room})
	<-store.began
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	require.ErrorIs(t, s.Shutdown(ctx), context.DeadlineExceeded)
	assert.Less(t, time.Since(began), storeTime)
}

// TestNoRoomDuringShutdown: a request that was under way makes no room any more, whose timer nobody would end.
func TestNoRoomDuringShutdown(t *testing.T) {
	s := start(t)
	stop(t, s)
	_, failed := s.addRoom(StoredRoom{AppID: "app"}, false)
	require.NotNil(t, failed)
	assert.Equal(t, wire.CodeGoingAway, failed.Code)
	assert.Zero(t, s.count().rooms)
}

// TestDrain: with a grace clients are told to go. Until they have, those who are there are served, and nobody gets in.
func TestDrain(t *testing.T) {
	s := start(t, func(cfg *Config) { cfg.Grace = time.Hour })
	ann, bob, room := two(t, s)
	eve := login(t, s, "eve")
	hello := dial(t, s)
	web := httptest.NewServer(s.Handler())
	defer web.Close()
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(t.Context()) }()
	for _, c := range []*client{ann, bob, eve} {
		assert.Equal(t, time.Hour.Milliseconds(), note[wire.GoingAway](c, wire.NotifyGoingAway).GraceMS)
	}
	code, body := get(t, web.URL+"/healthz")
	assert.Equal(t, http.StatusServiceUnavailable, code)
	assert.JSONEq(t, `{"status":"closing"}`, body)
	_, resp, err := tryDial(t, s, nil)
	require.Error(t, err, "it does not listen any more")
	assert.Nil(t, resp)

	hello.fails(wire.CodeGoingAway, wire.MethodLogin, loginParams("new"))
	eve.fails(wire.CodeGoingAway, wire.MethodCreateMeeting, wire.CreateMeetingParams{})
	eve.fails(wire.CodeGoingAway, wire.MethodEnterMeeting, enterParams(room))
	ann.openMic()
	bob.next(wire.NotifyMicStatus, nil)

	hello.cut()
	eve.cut()
	ann.must(wire.MethodLogout, nil, nil)
	ann.closed(websocket.CloseNormalClosure)
	assert.Equal(t, wire.LeftExit, note[wire.MemberLeft](bob, wire.NotifyMemberLeft).Reason)
	select {
	case err := <-done:
		t.Fatal("it did not wait for bob: ", err)
	default:
	}
	bob.must(wire.MethodLogout, nil, nil)
	bob.closed(websocket.CloseNormalClosure)
	require.NoError(t, <-done)
}

// TestDrainEnds: who stays is put out when the grace is over, when Shutdown is called again, or when its context ends.
func TestDrainEnds(t *testing.T) {
	for name, c := range map[string]struct {
		grace time.Duration
		hurry func(s *Server, cancel context.CancelFunc) error
		want  error
	}{
		"grace":    {50 * time.Millisecond, func(*Server, context.CancelFunc) error { return nil }, nil},
		"again":    {time.Hour, func(s *Server, _ context.CancelFunc) error { return s.Shutdown(context.Background()) }, nil},
		"canceled": {time.Hour, func(_ *Server, cancel context.CancelFunc) error { cancel(); return nil }, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, func(cfg *Config) { cfg.Grace = c.grace })
			ann := login(t, s, "ann")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() { done <- s.Shutdown(ctx) }()
			ann.next(wire.NotifyGoingAway, nil)
			require.NoError(t, c.hurry(s, cancel))
			if c.want == nil {
				ann.closed(websocket.CloseGoingAway)
			}
			require.ErrorIs(t, <-done, c.want)
		})
	}
}

// TestRestartOnTheSamePorts: when Shutdown has returned, the next server can have the ports at once, whatever became of
// the connections of the one before.
func TestRestartOnTheSamePorts(t *testing.T) {
	cfg := Config{Addr: "127.0.0.1:0", Apps: []App{{ID: "app", Secret: "secret"}}, Logger: slog.New(slog.DiscardHandler)}
	for range 5 {
		s, err := New(cfg)
		require.NoError(t, err)
		cfg.Addr, cfg.MediaAddr, cfg.MediaTCPAddr = s.Addr().String(), s.MediaAddr().String(), s.MediaTCPAddr().String()
		served := make(chan error, 1)
		go func() { served <- s.Serve() }()
		ann := login(t, s, "ann")
		media, err := net.Dial("tcp", cfg.MediaTCPAddr)
		require.NoError(t, err)
		t.Cleanup(func() { _ = media.Close() })
		done := make(chan error, 1)
		go func() { done <- s.Shutdown(t.Context()) }()
		ann.closed(websocket.CloseGoingAway)
		require.NoError(t, <-done)
		require.NoError(t, <-served)
	}
}

// A login that is being made when the server shuts down is not told that the user is elsewhere: that would end it for good.
func TestLoginWhileShuttingDown(t *testing.T) {
	s := start(t)
	ann := login(t, s, "ann")
	info := ann.create(wire.CreateMeetingParams{})
	ann.enter(info.ID)
	r, failed := s.room("app", info.ID)
	require.Nil(t, failed)
	known := func() *session {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.users[userKey{"app", "ann"}]
	}
	old := known()
	r.mu.Lock() // which the end of the login before needs
	again := dial(t, s)
	id := again.send(wire.MethodLogin, loginParams("ann"))
	require.Eventually(t, func() bool { return known() != old }, bound, tick)
	s.advance(closing)
	s.abandonSessions()
	r.mu.Unlock()
	answer := again.answer(id)
	require.NotNil(t, answer.Error)
	assert.Equal(t, wire.CodeGoingAway, answer.Error.Code)
}
