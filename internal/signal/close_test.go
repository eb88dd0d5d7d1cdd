package signal

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// closing starts Close and returns what tells its end.
func (f *fixture) closing() <-chan struct{} {
	done := make(chan struct{})
	go func() { defer close(done); f.session.Close() }()
	return done
}

func TestCloseLogsOut(t *testing.T) {
	f, conn := open(t)
	done := f.closing()
	conn.Expect(f.ctx, wire.MethodLogout).Reply(nil)
	receive(t, done, "Close does not return")
	receive(t, f.session.Done(), "Done is not closed")
	assert.True(t, websocket.IsCloseError(conn.Ended(f.ctx), websocket.CloseNormalClosure))
	assert.Empty(t, f.ends, "the session ended by its own will")
	requireCode(t, wire.CodeNotLoggedIn, f.session.Call(f.ctx, "x", nil, nil))
	assert.Zero(t, f.server.Waiting())
}

func TestCloseWhenTheServerClosesAfterLogout(t *testing.T) {
	f, conn := open(t)
	done := f.closing()
	conn.Expect(f.ctx, wire.MethodLogout).Reply(nil)
	conn.CloseWith(websocket.CloseNormalClosure, "")
	receive(t, done, "Close does not return")
	receive(t, f.session.Done(), "Done is not closed")
	assert.Zero(t, f.server.Waiting(), "that is no reason to come back")
	assert.Empty(t, f.ends)
}

func TestCloseManyTimes(t *testing.T) {
	f, conn := open(t)
	var group sync.WaitGroup
	for range 10 {
		group.Go(f.session.Close)
	}
	conn.Expect(f.ctx, wire.MethodLogout).Reply(nil)
	group.Wait()
	f.session.Close()
	conn.Quiet()
}

func TestCloseOnAServerThatSaysNothing(t *testing.T) {
	f, conn := open(t, func(c *Config) { c.CloseTimeout = 50 * time.Millisecond })
	conn.Stall()
	receive(t, f.closing(), "Close hangs")
	receive(t, f.session.Done(), "Done is not closed")
}

func TestCloseWhileTheConnectionIsLost(t *testing.T) {
	f, conn := open(t, func(c *Config) { c.CloseTimeout = 50 * time.Millisecond })
	f.server.StallUpgrades(true)
	conn.Reset()
	receive(t, f.closing(), "Close hangs")
	receive(t, f.session.Done(), "Done is not closed")
	assert.Empty(t, f.ends)
}

func TestCloseComesBackToLogOut(t *testing.T) {
	f, conn := open(t, func(c *Config) { c.CloseTimeout = patience })
	conn.Reset()
	done := f.closing()
	again := f.server.Accept(f.ctx)
	again.Resume(f.ctx)
	again.Expect(f.ctx, wire.MethodLogout).Reply(nil)
	receive(t, done, "Close does not return")
}

func TestCloseFailsRequestsInFlight(t *testing.T) {
	f, conn := open(t)
	call := f.call("x", nil, nil)
	conn.Expect(f.ctx, "x")
	done := f.closing()
	conn.Expect(f.ctx, wire.MethodLogout).Reply(nil)
	receive(t, done, "Close does not return")
	requireCode(t, wire.CodeNotLoggedIn, receive(t, call, "the request is forgotten"))
}

func TestNoRequestsAfterClose(t *testing.T) {
	f, conn := open(t)
	done := f.closing()
	logout := conn.Expect(f.ctx, wire.MethodLogout)
	requireCode(t, wire.CodeNotLoggedIn, f.session.Call(f.ctx, "x", nil, nil))
	logout.Reply(nil)
	receive(t, done, "Close does not return")
	conn.Quiet()
}

func TestCloseFromInsideANotification(t *testing.T) {
	returned := make(chan struct{})
	var f *fixture
	f, conn := open(t, func(c *Config) {
		c.CloseTimeout = 50 * time.Millisecond
		c.OnNotify = func(string, json.RawMessage) { f.session.Close(); close(returned) }
	})
	conn.Notify(1, "x", nil)
	receive(t, returned, "Close hangs")
	receive(t, f.session.Done(), "Done is not closed")
}

func TestCloseFromInsideOnEnd(t *testing.T) {
	returned := make(chan struct{})
	var f *fixture
	f, conn := open(t, func(c *Config) {
		c.CloseTimeout = 50 * time.Millisecond
		c.OnEnd = func(*wire.Error) { f.session.Close(); close(returned) }
	})
	conn.Notify(1, wire.NotifyLineOff, wire.LineOff{Code: wire.CodeKicked})
	receive(t, returned, "Close hangs")
	receive(t, f.session.Done(), "Done is not closed")
}

func TestCloseAgainstLineOff(t *testing.T) {
	for range 20 {
		f, conn := open(t, func(c *Config) { c.CloseTimeout = 50 * time.Millisecond })
		done := f.closing()
		conn.Notify(1, wire.NotifyLineOff, wire.LineOff{Code: wire.CodeKicked})
		receive(t, done, "Close hangs")
		receive(t, f.session.Done(), "Done is not closed")
		assert.LessOrEqual(t, len(f.ends), 1)
	}
}
