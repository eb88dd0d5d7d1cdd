package signal

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/mocksignal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// renewable lets sessions be renewed and gives the release functions.
func renewable(releases chan func()) func(*Config) {
	return func(cfg *Config) { cfg.OnRenewed = func(release func()) { releases <- release } }
}

// forget is a server that comes back without its memory, up to the login.
func forget(f *fixture, conn *mocksignal.Conn) (*mocksignal.Conn, *mocksignal.Request) {
	conn.Reset()
	again := f.server.Accept(f.ctx)
	again.Expect(f.ctx, wire.MethodResume).Fail(wire.CodeNoSession, "who is that?")
	return again, again.Expect(f.ctx, wire.MethodLogin)
}

func TestForgottenSessionIsRenewed(t *testing.T) {
	releases := make(chan func(), 9)
	f, conn := open(t, renewable(releases))
	conn.Notify(1, "before", nil)
	assert.Equal(t, "before", f.note().method)
	one := f.call("one", nil, nil)
	conn.Expect(f.ctx, "one")
	lost := make(chan error, 1)
	go func() { lost <- f.session.Bound().Call(f.ctx, "open", nil, nil) }()
	conn.Expect(f.ctx, "open")
	f.session.UpdateLogin(func(p *wire.LoginParams) { p.Nickname = "Anna II" })

	again, login := forget(f, conn)
	var p wire.LoginParams
	login.Params(&p)
	assert.Equal(t, "Anna II", p.Nickname)
	assert.Equal(t, "session", p.Renews)
	login.Reply(wire.LoginResult{Session: "second", Key: "key 2", UID: p.UID})
	release := receive(t, releases, "OnRenewed is not called")
	requireCode(t, wire.CodeNoSession, receive(t, lost, "what is bound is not ended"))

	two := make(chan error, 1)
	f.session.Go("two", nil, func(_ json.RawMessage, failure *wire.Error) { assert.Nil(t, failure); two <- nil })
	restored := make(chan error, 1)
	go func() { restored <- f.session.Renewal().Call(f.ctx, "enter", nil, nil) }()
	enter := again.Expect(f.ctx, "enter") // and nothing before it
	enter.Reply(nil)
	require.NoError(t, receive(t, restored, "no answer"))
	again.Notify(1, "after", nil) // counted anew
	assert.Equal(t, "after", f.note().method)
	release()
	release() // once is enough

	last := enter.ID
	for _, want := range []string{"one", "two"} {
		r := again.Expect(f.ctx, want)
		assert.Greater(t, r.ID, last, "ids grow")
		last = r.ID
		r.Reply(nil)
	}
	require.NoError(t, receive(t, one, "no answer"))
	require.NoError(t, receive(t, two, "no answer"))

	again.Reset()
	third := f.server.Accept(f.ctx)
	assert.Equal(t, wire.ResumeParams{Session: "second", Key: "key 2", LastSeq: 1}, third.Resume(f.ctx))
	third.Quiet()
}

func TestRenewedTwice(t *testing.T) {
	releases := make(chan func(), 9)
	f, conn := open(t, renewable(releases))
	answer := f.call("work", nil, nil)
	conn.Expect(f.ctx, "work")
	again, login := forget(f, conn)
	login.Reply(wire.LoginResult{Session: "second", Key: "key"})
	first := receive(t, releases, "OnRenewed is not called")
	restoring, requests := make(chan error, 1), f.session.Renewal()
	go func() { restoring <- requests.Call(f.ctx, "enter", nil, nil) }()
	again.Expect(f.ctx, "enter")

	third, login := forget(f, again)
	login.Reply(wire.LoginResult{Session: "third", Key: "key"})
	second := receive(t, releases, "OnRenewed is not called again")
	requireCode(t, wire.CodeNoSession, receive(t, restoring, "the restoring that failed is not ended"))
	first()                                                                    // comes too late
	requireCode(t, wire.CodeNoSession, requests.Call(f.ctx, "open", nil, nil)) // of the session that was forgotten
	third.Quiet()
	second()
	third.Expect(f.ctx, "work").Reply(nil)
	require.NoError(t, receive(t, answer, "no answer"))
}

// A cut in the middle of restoring repeats what was sent and goes on holding the rest.
func TestCutWhileRenewing(t *testing.T) {
	releases := make(chan func(), 9)
	f, conn := open(t, renewable(releases))
	again, login := forget(f, conn)
	login.Reply(wire.LoginResult{Session: "second", Key: "key"})
	release := receive(t, releases, "OnRenewed is not called")
	answer := f.call("work", nil, nil)
	restored := make(chan error, 1)
	go func() { restored <- f.session.Renewal().Call(f.ctx, "enter", nil, nil) }()
	enter := again.Expect(f.ctx, "enter")
	again.Reset()
	third := f.server.Accept(f.ctx)
	third.Resume(f.ctx)
	r := third.Expect(f.ctx, "enter")
	assert.Equal(t, enter.ID, r.ID)
	r.Reply(nil)
	require.NoError(t, receive(t, restored, "no answer"))
	third.Quiet()
	release()
	third.Expect(f.ctx, "work").Reply(nil)
	require.NoError(t, receive(t, answer, "no answer"))
}

func TestRenewalRefused(t *testing.T) {
	for _, code := range []wire.Code{wire.CodeKicked, wire.CodeTokenExpired, wire.CodeWrongSecret, wire.CodeAuthData, wire.CodeNoApp} {
		f, conn := open(t, renewable(make(chan func(), 9)))
		_, login := forget(f, conn)
		login.Fail(code, "no")
		requireCode(t, code, f.end())
	}
}

func TestRenewalIsTriedAgain(t *testing.T) {
	releases := make(chan func(), 9)
	f, conn := open(t, renewable(releases))
	for range 2 {
		_, login := forget(f, conn)
		login.Fail(wire.CodeTooFast, "later")
		conn = f.server.Accept(f.ctx)
		conn.Expect(f.ctx, wire.MethodResume).Fail(wire.CodeGoingAway, "later")
		conn = f.server.Accept(f.ctx)
		conn.Resume(f.ctx)
	}
	assert.Empty(t, releases)
}

func TestForgottenSessionEndsWithoutRenewal(t *testing.T) {
	f, conn := open(t)
	conn.Reset()
	f.server.Accept(f.ctx).Expect(f.ctx, wire.MethodResume).Fail(wire.CodeNoSession, "who is that?")
	requireCode(t, wire.CodeSocket, f.end())
}

func TestOwnBackoff(t *testing.T) {
	var attempts []int
	f, conn := open(t, func(cfg *Config) {
		cfg.Backoff = func(attempt int, away time.Duration) time.Duration {
			attempts = append(attempts, attempt)
			if attempt == 3 {
				return -1
			}
			return time.Millisecond
		}
	})
	f.server.Refuse(503, "gone")
	conn.Reset()
	requireCode(t, wire.CodeSocket, f.end())
	assert.Equal(t, []int{0, 1, 2, 3}, attempts)
}

// Closing while what was there is being restored does not wait for it.
func TestCloseWhileRenewing(t *testing.T) {
	releases := make(chan func(), 9)
	f, conn := open(t, renewable(releases))
	again, login := forget(f, conn)
	login.Reply(wire.LoginResult{Session: "second", Key: "key"})
	receive(t, releases, "OnRenewed is not called")
	answer := f.call("work", nil, nil)
	closed := make(chan struct{})
	go func() { f.session.Close(); close(closed) }()
	again.Expect(f.ctx, wire.MethodLogout).Reply(nil)
	receive(t, closed, "Close hangs")
	requireCode(t, wire.CodeNotLoggedIn, receive(t, answer, "the request that was held is not ended"))
}
