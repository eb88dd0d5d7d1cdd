package server

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Whatever sizes wait and however they are kept back, they come whole and in order, the last one without a push from others.
func TestBatches(t *testing.T) {
	s := start(t)
	ann := login(t, s, "ann")
	sess := s.userSession(userKey{"app", "ann"})
	require.NotNil(t, sess)
	tell := func(size int, calm bool) {
		n := newNotification(wire.NotifyCmdIn, wire.CmdIn{ID: "x", From: "bob", Data: strings.Repeat("y", size)})
		n.calm = calm
		sess.notify(n)
	}
	sizes := []int{0, 10, 125, 126, 200, 20_000, 1, 66_000, 3}
	for _, lastIsCalm := range []bool{false, true} {
		for i, size := range sizes {
			tell(size, i < len(sizes)-1 || lastIsCalm)
		}
		for _, size := range sizes {
			assert.Len(t, note[wire.CmdIn](ann, wire.NotifyCmdIn).Data, size)
		}
	}
	for range 3 * calmQueue { // more than are kept back
		tell(1, true)
	}
	ann.must(wire.MethodPing, nil, nil) // answered behind them, and at once
	require.Len(t, ann.notes, 3*calmQueue)
	for range 3 * calmQueue {
		note[wire.CmdIn](ann, wire.NotifyCmdIn)
	}
}

// What is kept back waits for nobody else: an answer, a close or enough company sends it.
func TestCalmOutbox(t *testing.T) {
	t.Parallel()
	var o outbox
	o.init(new(Limits{SendQueue: 4 * calmQueue, SendQueueBytes: 1 << 20}))
	calm := func() { require.True(t, o.push(&outgoing{note: &notification{calm: true}})) }
	woken := func() bool {
		select {
		case <-o.wake:
			return true
		default:
			return false
		}
	}
	calm()
	calm()
	require.False(t, woken())
	require.True(t, o.push(&outgoing{id: 1}))
	require.True(t, woken())
	batch, ending := o.take()
	assert.Len(t, batch, 3)
	assert.False(t, ending)
	for range calmQueue - 1 {
		calm()
	}
	calm()
	require.True(t, woken())
	o.take()
	calm()
	<-o.wake // by the timer
}
