package signal

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/mocksignal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

func TestResumeReplaysWhatWasMissed(t *testing.T) {
	f, conn := open(t)
	conn.Notify(1, "a", nil)
	assert.Equal(t, "a", f.note().method)
	conn.Reset()
	again := f.server.Accept(f.ctx)
	assert.Equal(t, wire.ResumeParams{Session: "session", Key: "key", LastSeq: 1}, again.Resume(f.ctx))
	receive(t, f.resumed, "OnResumed is not called")
	again.Notify(1, "a", nil) // a server may repeat too much
	again.Notify(2, "b", nil)
	assert.Equal(t, "b", f.note().method)
}

func TestResumeRepeatsRequestsInFlight(t *testing.T) {
	f, conn := open(t)
	answers := make(chan string, 10)
	for _, method := range []string{"one", "two", "three"} {
		f.session.Go(method, method, func(raw json.RawMessage, _ *wire.Error) { answers <- string(raw) })
	}
	one, two, three := conn.Expect(f.ctx, "one"), conn.Expect(f.ctx, "two"), conn.Expect(f.ctx, "three")
	two.Reply("answered before")
	assert.Equal(t, `"answered before"`, receive(t, answers, "no answer"))
	conn.Reset()

	again := f.server.Accept(f.ctx)
	again.Resume(f.ctx)
	for _, before := range []*mocksignal.Request{one, three} {
		r := again.Expect(f.ctx, before.Method)
		assert.Equal(t, before.ID, r.ID, "it is the same request")
		assert.Equal(t, before.Raw(), r.Raw())
		r.Reply(r.Method)
		r.Reply("twice")
	}
	assert.Equal(t, `"one"`, receive(t, answers, "no answer"))
	assert.Equal(t, `"three"`, receive(t, answers, "no answer"))
	again.Notify(1, "end", nil)
	f.note()
	assert.Empty(t, answers)
	again.Quiet()
}

func TestRequestsMadeWhileTheConnectionIsLost(t *testing.T) {
	f, conn := open(t)
	f.server.Refuse(http.StatusServiceUnavailable, "restarting")
	conn.Reset()
	require.Eventually(t, func() bool { // the loss is known
		f.session.mu.Lock()
		defer f.session.mu.Unlock()
		return f.session.link == nil
	}, patience, time.Millisecond)
	answer := f.call("later", nil, nil)
	f.server.Refuse(0, "")
	again := f.server.Accept(f.ctx)
	again.Resume(f.ctx)
	again.Expect(f.ctx, "later").Reply(nil)
	require.NoError(t, receive(t, answer, "no answer"))
}

func TestResumeAfterManyCuts(t *testing.T) {
	f, conn := open(t)
	for i := range 5 {
		conn.Notify(uint64(i+1), "n", nil)
		f.note()
		conn.Reset()
		conn = f.server.Accept(f.ctx)
		assert.EqualValues(t, i+1, conn.Resume(f.ctx).LastSeq)
		receive(t, f.resumed, "not resumed")
	}
}

func TestResumeRetriesWhatMayPass(t *testing.T) {
	f, conn := open(t, func(c *Config) { c.PeerSilence = 300 * time.Millisecond })
	conn.Reset()
	for _, code := range []wire.Code{wire.CodeGoingAway, wire.CodeTooFast, wire.CodeServiceFailure, wire.CodeInternal} {
		f.server.Accept(f.ctx).Expect(f.ctx, wire.MethodResume).Fail(code, "later")
	}
	f.server.Accept(f.ctx).Reset()
	garbage := f.server.Accept(f.ctx)
	garbage.Expect(f.ctx, wire.MethodResume)
	garbage.WriteRaw("garbage")
	f.server.Accept(f.ctx).Expect(f.ctx, wire.MethodResume) // and no answer
	f.server.Accept(f.ctx).Resume(f.ctx)
	receive(t, f.resumed, "not resumed")
	assert.Empty(t, f.ends)
}

func TestResumeOnAFrozenServer(t *testing.T) {
	f, conn := open(t, func(c *Config) { c.PeerSilence = 100 * time.Millisecond })
	f.server.StallUpgrades(true)
	conn.Reset()
	require.Eventually(t, func() bool { f.session.mu.Lock(); defer f.session.mu.Unlock(); return f.session.link == nil }, patience, time.Millisecond)
	f.server.StallUpgrades(false)
	f.server.Accept(f.ctx).Resume(f.ctx)
	receive(t, f.resumed, "not resumed")
}

func TestResumeRefused(t *testing.T) {
	for answer, end := range map[wire.Code]wire.Code{
		wire.CodeNoSession:      wire.CodeSocket,
		wire.CodeWrongSecret:    wire.CodeSocket,
		wire.CodeBadParameter:   wire.CodeSocket,
		wire.CodeKicked:         wire.CodeKicked,
		wire.CodeTokenExpired:   wire.CodeTokenExpired,
		wire.CodeInvalidRequest: wire.CodeSocket,
	} {
		f, conn := open(t)
		call := f.call("x", nil, nil)
		conn.Expect(f.ctx, "x")
		conn.Reset()
		f.server.Accept(f.ctx).Expect(f.ctx, wire.MethodResume).Fail(answer, "no")
		assert.Equal(t, end, f.end().Code)
		requireCode(t, end, receive(t, call, "the request in flight is forgotten"))
		requireCode(t, end, f.session.Call(f.ctx, "x", nil, nil))
	}
}

func TestResumeRefusedByHTTP(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		f, conn := open(t)
		f.server.Refuse(status, "no")
		conn.Reset()
		assert.Equal(t, wire.CodeSocket, f.end().Code)
	}
}

func TestServerDoesNotComeBack(t *testing.T) {
	f, _ := open(t, func(c *Config) { c.Timeout = 300 * time.Millisecond })
	start := time.Now()
	f.server.Close()
	assert.Equal(t, wire.CodeTimeout, f.end().Code)
	assert.GreaterOrEqual(t, time.Since(start), 300*time.Millisecond)
	assert.Empty(t, f.ends, "told once")
}

func TestCloseCodes(t *testing.T) {
	for code, end := range map[int]wire.Code{
		wire.CloseSuperseded: wire.CodeKicked,
		wire.CloseTaken:      wire.CodeKicked,
		wire.CloseExpired:    wire.CodeTokenExpired,
	} {
		f, conn := open(t)
		conn.CloseWith(code, "")
		assert.Equal(t, end, f.end().Code)
		assert.Zero(t, f.server.Waiting())
	}
	for _, code := range []int{
		websocket.CloseNormalClosure, websocket.CloseGoingAway, websocket.CloseServiceRestart, websocket.CloseInternalServerErr,
		websocket.CloseMessageTooBig, wire.CloseIdle, wire.CloseTooFast, wire.CloseSlow, wire.CloseNoHello,
	} {
		f, conn := open(t)
		conn.CloseWith(code, "")
		f.server.Accept(f.ctx).Resume(f.ctx)
		receive(t, f.resumed, "not resumed")
	}
}

func TestHalfOpenConnectionIsFound(t *testing.T) {
	f, conn := open(t, func(c *Config) { c.PingInterval, c.PeerSilence = 20*time.Millisecond, 150*time.Millisecond })
	conn.Stall()
	f.server.Accept(f.ctx).Resume(f.ctx)
	receive(t, f.resumed, "not resumed")
}

func TestPingsKeepAQuietConnection(t *testing.T) {
	f, conn := open(t, func(c *Config) { c.PingInterval, c.PeerSilence = 10*time.Millisecond, 2*time.Second })
	require.Eventually(t, func() bool { return conn.Pings() > 20 }, patience, time.Millisecond)
	assert.Zero(t, f.server.Waiting(), "no other connection was needed")
	assert.Empty(t, f.resumed)
}

func TestRTT(t *testing.T) {
	const delay = 30 * time.Millisecond
	f, conn := open(t, func(c *Config) { c.PingInterval = 200 * time.Millisecond })
	conn.HoldPings(true)
	r := conn.Expect(f.ctx, wire.MethodPing)
	time.AfterFunc(delay, func() { r.Reply(nil) })
	require.Eventually(t, func() bool { return f.session.RTT() >= delay }, patience, time.Millisecond)
}

func TestPingIsMeasuredAcrossIntervals(t *testing.T) {
	var p pinger
	p.start(time.Hour, func() {})
	defer p.stop()
	p.next(7, time.Hour)
	p.next(8, time.Hour) // the answer to 7 is still to come
	_, ok := p.answered(8)
	assert.False(t, ok)
	_, ok = p.answered(0)
	assert.False(t, ok)
	rtt, ok := p.answered(7)
	assert.True(t, ok)
	assert.Positive(t, rtt)
	_, ok = p.answered(7)
	assert.False(t, ok)
}

func TestBackoff(t *testing.T) {
	var b backoff
	assert.Zero(t, b.next(0), "at once")
	for _, full := range []time.Duration{100, 200, 400, 800, 1000, 1000, 1000} {
		full *= time.Millisecond
		wait := b.next(time.Second)
		assert.GreaterOrEqual(t, wait, full/2)
		assert.LessOrEqual(t, wait, full)
	}
	b.next(2 * lateAfter)
	for range 5 {
		b.next(2 * lateAfter)
	}
	late := b.next(2 * lateAfter)
	assert.GreaterOrEqual(t, late, lateDelay/2)
	assert.LessOrEqual(t, late, lateDelay)

	assert.True(t, b.lost(nil, 0))
	assert.NotZero(t, b.next(0), "a connection that broke at once does not start over")
	assert.True(t, b.lost(nil, stableAfter))
	assert.Zero(t, b.next(0))
}
