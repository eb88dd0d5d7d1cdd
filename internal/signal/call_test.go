package signal

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

var giant = `{"jsonrpc":"2.0","seq":1,"method":"` + strings.Repeat("x", wire.MaxMessageBytes) + `"}`

func TestCallResult(t *testing.T) {
	f, conn := open(t)
	var info wire.MeetInfo
	answer := f.call(wire.MethodCreateMeeting, wire.CreateMeetingParams{Subject: "tea"}, &info)
	r := conn.Expect(f.ctx, wire.MethodCreateMeeting)
	assert.JSONEq(t, `{"subject":"tea"}`, string(r.Raw()))
	r.Reply(wire.MeetInfo{ID: 12345678})
	require.NoError(t, receive(t, answer, "no answer"))
	assert.EqualValues(t, 12345678, info.ID)
}

func TestCallError(t *testing.T) {
	f, conn := open(t)
	answer := f.call(wire.MethodEnterMeeting, nil, nil)
	conn.Expect(f.ctx, wire.MethodEnterMeeting).Fail(wire.CodeRoomAbsent, "gone")
	requireCode(t, wire.CodeRoomAbsent, receive(t, answer, "no answer"))
}

func TestCallAnswersInAnyOrder(t *testing.T) {
	f, conn := open(t)
	var one, two string
	first, second := f.call("one", nil, &one), f.call("two", nil, &two)
	a, b := conn.Next(f.ctx), conn.Next(f.ctx)
	assert.NotEqual(t, a.ID, b.ID)
	b.Reply(b.Method)
	a.Reply(a.Method)
	require.NoError(t, receive(t, first, "no answer"))
	require.NoError(t, receive(t, second, "no answer"))
	assert.Equal(t, "one", one)
	assert.Equal(t, "two", two)
}

func TestCallFromManyGoroutines(t *testing.T) {
	f, conn := open(t)
	const callers, each = 32, 50
	var group sync.WaitGroup
	for n := range callers {
		group.Go(func() {
			for i := range each {
				want := fmt.Sprint(n, i)
				var got string
				assert.NoError(t, f.session.Call(f.ctx, "echo", want, &got))
				assert.Equal(t, want, got)
			}
		})
	}
	last := uint64(0)
	for range callers * each {
		r := conn.Expect(f.ctx, "echo")
		assert.Greater(t, r.ID, last, "ids grow on the wire")
		last = r.ID
		r.Reply(r.Raw())
	}
	group.Wait()
	conn.Quiet()
}

func TestCallGivenUp(t *testing.T) {
	f, conn := open(t)
	ctx, cancel := context.WithCancel(f.ctx)
	answer := make(chan error, 1)
	go func() { answer <- f.session.Call(ctx, "slow", nil, nil) }()
	slow := conn.Expect(f.ctx, "slow")
	cancel()
	require.ErrorIs(t, receive(t, answer, "Call ignores its context"), context.Canceled)

	slow.Reply(nil) // too late: nobody minds
	next := f.call("next", nil, nil)
	conn.Expect(f.ctx, "next").Reply(nil)
	require.NoError(t, receive(t, next, "no answer"))

	require.ErrorIs(t, f.session.Call(ctx, "never", nil, nil), context.Canceled)
	conn.Quiet()
}

func TestCallTimesOut(t *testing.T) {
	f, conn := open(t, func(c *Config) { c.Timeout = 100 * time.Millisecond })
	requireCode(t, wire.CodeTimeout, f.session.Call(f.ctx, "slow", nil, nil))
	conn.Expect(f.ctx, "slow").Reply(nil)
}

func TestCallThatCannotBeSent(t *testing.T) {
	f, conn := open(t)
	requireCode(t, wire.CodeBadParameter, f.session.Call(f.ctx, "x", func() {}, nil))
	requireCode(t, wire.CodeBadParameter, f.session.Call(f.ctx, "x", strings.Repeat("x", wire.MaxMessageBytes), nil))
	conn.Quiet()

	failure := make(chan *wire.Error, 1)
	f.session.Go("x", func() {}, func(_ json.RawMessage, err *wire.Error) { failure <- err })
	requireCode(t, wire.CodeBadParameter, receive(t, failure, "done is not called"))
}

func TestCallOfTheLargestSize(t *testing.T) {
	f, conn := open(t)
	params := strings.Repeat("x", wire.MaxMessageBytes-100)
	answer := f.call("big", params, nil)
	r := conn.Expect(f.ctx, "big")
	assert.Len(t, r.Raw(), len(params)+2)
	r.Reply(nil)
	require.NoError(t, receive(t, answer, "no answer"))
}

func TestCallAnswerOfAnotherType(t *testing.T) {
	f, conn := open(t)
	var number int
	answer := f.call("x", nil, &number)
	conn.Expect(f.ctx, "x").Reply("seven")
	requireCode(t, wire.CodeInvalidData, receive(t, answer, "no answer"))
}

func TestTooManyCallsInFlight(t *testing.T) {
	f, _ := open(t)
	var mu sync.Mutex
	codes := map[wire.Code]int{}
	done := make(chan struct{}, maxInFlight+1)
	for range maxInFlight + 1 {
		f.session.Go("x", nil, func(_ json.RawMessage, err *wire.Error) {
			mu.Lock()
			codes[err.Code]++
			mu.Unlock()
			done <- struct{}{}
		})
	}
	receive(t, done, "nothing was refused")
	mu.Lock()
	assert.Equal(t, map[wire.Code]int{wire.CodeTooFast: 1}, codes)
	mu.Unlock()
	f.leave()
	for range maxInFlight {
		receive(t, done, "a request was forgotten")
	}
	assert.Equal(t, map[wire.Code]int{wire.CodeTooFast: 1, wire.CodeNotLoggedIn: maxInFlight}, codes)
}

func TestDuplicateAnswerCountsOnce(t *testing.T) {
	f, conn := open(t)
	done := make(chan string, 10)
	f.session.Go("x", nil, func(raw json.RawMessage, _ *wire.Error) { done <- string(raw) })
	r := conn.Expect(f.ctx, "x")
	r.Reply(1)
	r.Reply(2)
	r.Fail(wire.CodeUnknown, "three")
	conn.Notify(1, "after", nil)
	assert.Equal(t, "after", f.note().method)
	assert.Equal(t, "1", receive(t, done, "no answer"))
	assert.Empty(t, done)
	assert.Zero(t, f.server.Waiting(), "the connection is kept")
}

func TestAnswerToNoRequest(t *testing.T) {
	f, conn := open(t)
	conn.WriteRaw(`{"jsonrpc":"2.0","id":18446744073709551615,"result":{}}`)
	f.server.Accept(f.ctx).Resume(f.ctx)
	receive(t, f.resumed, "not resumed")
}

func TestMessagesThatAreIgnored(t *testing.T) {
	f, conn := open(t)
	conn.WriteRaw(`{"jsonrpc":"2.0","error":{"code":-32700,"message":"what?"}}`)
	conn.WriteRaw(`{"jsonrpc":"2.0","id":5,"method":"clients answer nothing"}`)
	conn.WriteRaw(`{"jsonrpc":"2.0","id":1,"result":{}}`)
	conn.Notify(1, "after", nil)
	assert.Equal(t, "after", f.note().method)
	assert.Zero(t, f.server.Waiting(), "the connection is kept")
}

func TestGoKeepsTheOrderOfRequestsAndAnswers(t *testing.T) {
	var mu sync.Mutex
	var order []string
	add := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, what)
	}
	last := make(chan struct{})
	f, conn := open(t, func(c *Config) {
		c.OnNotify = func(method string, _ json.RawMessage) {
			add(method)
			if method == "last" {
				close(last)
			}
		}
	})
	for i := range 100 {
		f.session.Go(fmt.Sprint(i), nil, func(json.RawMessage, *wire.Error) { add(fmt.Sprint("answer ", i)) })
	}
	var want []string
	for i := range 100 {
		conn.Expect(f.ctx, fmt.Sprint(i)).Reply(nil)
		conn.Notify(uint64(i+1), fmt.Sprint("note ", i), nil)
		want = append(want, fmt.Sprint("answer ", i), fmt.Sprint("note ", i))
	}
	conn.Notify(101, "last", nil)
	receive(t, last, "not delivered")
	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, append(want, "last"), order)
}
