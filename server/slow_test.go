package server

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// pipes is a listener of connections without any buffer: who does not read blocks the other's writes at once.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	c, ok := <-p.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.conns) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{} }

// loginByPipe logs in over a connection without a buffer.
func loginByPipe(t *testing.T, s *Server, uid string) *client {
	t.Helper()
	return loginByPipeWith(t, s, loginParams(uid))
}

func loginByPipeWith(t *testing.T, s *Server, p *wire.LoginParams) *client {
	t.Helper()
	near, far := net.Pipe()
	listener := &pipes{conns: make(chan net.Conn, 1)}
	listener.conns <- far
	web := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: bound}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = web.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = near.Close()
		_ = web.Close()
		<-served
	})
	dialer := websocket.Dialer{
		Subprotocols: []string{wire.Subprotocol},
		NetDial:      func(string, string) (net.Conn, error) { return near, nil },
	}
	ws, resp, err := dialer.Dial("ws://pipe"+wire.Path, nil)
	require.NoError(t, err)
	_ = resp.Body.Close()
	c := &client{t: t, ws: ws, uid: p.UID}
	c.must(wire.MethodLogin, p, &c.session)
	return c
}

// TestSlowReader: a member that does not read is thrown out when its queue is full, and holds nobody up before: each
// request of another is answered, and the third one is told of it, while the first one's connection is stuck in a write.
// Its session can come back, if it has not missed too much.
func TestSlowReader(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) {
		l.Replay, l.SendQueue = 50, 66
		l.WriteTimeout = time.Hour // whoever waited for bob's connection would never be seen again
	}))
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{}).ID
	ann.enter(room)
	bob, eve := loginByPipe(t, s, "bob"), loginByPipe(t, s, "eve")
	bob.enter(room)
	eve.enter(room)
	ann.skip(2)
	bob.skip(1)
	rename := func(name string) {
		ann.must(wire.MethodSetNickname, wire.SetNicknameParams{UID: "ann", Nickname: name}, nil)
	}
	renames := 0
	for gather(t, s, "crvideo_slow_connections_total") == 0 {
		renames++
		require.LessOrEqual(t, renames, 200)
		rename(string(rune('a' + renames)))
		eve.skip(1) // eve reads, and gets everything
	}
	assert.Greater(t, renames, 66)
	ann.quiet()
	require.Eventually(t, func() bool { return s.count().connections == 2 }, bound, tick)
	for err := error(nil); err == nil; {
		_, err = bob.read() // what had been on its way
	}
	assert.Equal(t, 3, s.count().sessions)
	lost := dial(t, s)
	lost.fails(wire.CodeNoSession, wire.MethodResume,
		wire.ResumeParams{Session: bob.session.Session, Key: bob.session.Key, LastSeq: bob.lastSeq})
	ann.next(wire.NotifyMemberLeft, nil)
}

// TestStuckWrite: a peer that stops reading in the middle of a message is noticed by the time the write takes.
func TestStuckWrite(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.WriteTimeout = 50 * time.Millisecond }))
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{}).ID
	ann.enter(room)
	bob := loginByPipe(t, s, "bob")
	bob.enter(room)
	ann.skip(1)
	ann.openMic()
	require.Eventually(t, func() bool { return s.count().connections == 1 }, bound, tick)
	assert.InDelta(t, 1, gather(t, s, "crvideo_slow_connections_total"), 0)
	bob.back(s)
	bob.next(wire.NotifyMicStatus, nil)
	bob.quiet()
}

// TestStuckPong: a peer that pings and does not read the answer loses the connection, not the session: it was not silent.
func TestStuckPong(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.WriteTimeout = 50 * time.Millisecond }))
	c := loginByPipe(t, s, "ann")
	sess, failed := s.session(c.session.Session, c.session.Key)
	require.Nil(t, failed)
	require.NoError(t, c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(bound)))
	require.Eventually(t, func() bool { return s.count().connections == 0 }, bound, tick)
	assert.NoError(t, sess.ctx.Err())
	c.back(s)
	c.quiet()
}

// TestRepeatsWithoutReading: who asks for its answer again and again, and reads none, is dropped before many copies of
// a big room wait for it.
func TestRepeatsWithoutReading(t *testing.T) {
	const limit = 100 << 10
	s := start(t, withLimits(func(l *Limits) { l.WriteTimeout, l.SendQueueBytes = time.Hour, limit }))
	ann := login(t, s, "ann")
	room := ann.create(wire.CreateMeetingParams{}).ID
	ann.enter(room)
	for i := range 20 {
		enter(t, s, fmt.Sprint("member ", i), room)
	}
	eve := loginByPipe(t, s, "eve")
	id := eve.send(wire.MethodEnterMeeting, enterParams(room))
	require.Nil(t, eve.answer(id).Error)
	sess, failed := s.session(eve.session.Session, eve.session.Key)
	require.Nil(t, failed)
	out := &sess.conn.out
	repeat, err := wire.Request(id, wire.MethodEnterMeeting, enterParams(room))
	require.NoError(t, err)
	data, err := wire.Encode(repeat)
	require.NoError(t, err)
	for sent := 0; gather(t, s, "crvideo_slow_connections_total") == 0; sent++ {
		require.Less(t, sent, 200, "it is not dropped")
		require.NoError(t, eve.ws.WriteMessage(websocket.TextMessage, data))
		out.mu.Lock()
		waiting := out.bytes
		out.mu.Unlock()
		require.LessOrEqual(t, waiting, limit)
	}
	ann.skip(21)
	ann.quiet()
	assert.Equal(t, 22, s.count().sessions)
}
