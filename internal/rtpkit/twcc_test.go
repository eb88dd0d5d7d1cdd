package rtpkit

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/stretchr/testify/require"
)

func number(seq uint16) []byte { return binary.BigEndian.AppendUint16(nil, seq) }

// feedbackOf marshals a report and has pion's own parser check it.
func feedbackOf(t *testing.T, a *Arrivals) []byte {
	t.Helper()
	p, size := a.Feedback(1)
	require.NotNil(t, p)
	raw, err := p.Marshal()
	require.NoError(t, err)
	require.Len(t, raw, size)
	var cc rtcp.TransportLayerCC
	require.NoError(t, cc.Unmarshal(raw))
	return raw
}

func TestFeedbackTellsWhenPacketsArrived(t *testing.T) {
	var d Departures
	var a Arrivals
	start := time.Now()
	lost := map[int]bool{3: true, 4: true, 17: true}
	late := map[int]bool{9: true} // after its successor
	const n = 30
	for i := range n {
		d.Sent(1000+i, 0, start.Add(time.Duration(i)*10*time.Millisecond))
	}
	at := func(i int) time.Time {
		at := start.Add(time.Duration(i)*10*time.Millisecond + 40*time.Millisecond)
		if late[i] {
			at = at.Add(15 * time.Millisecond)
		}
		return at
	}
	for i := range n {
		if i == 20 { // a pause that needs a large delta
			start = start.Add(300 * time.Millisecond)
		}
		if !lost[i] {
			a.Received(7, number(uint16(i)), at(i))
		}
	}
	require.True(t, a.Waiting())
	raw := feedbackOf(t, &a)
	require.False(t, a.Waiting())

	var acks []Ack
	require.True(t, d.Feedback(raw, func(k Ack) { acks = append(acks, k) }))
	require.Len(t, acks, n)
	for i, k := range acks {
		require.Equal(t, 1000+i+wireOverhead, k.Size)
		require.Equal(t, lost[i], k.Arrived < 0, "packet %d", i)
	}
	first := acks[0].Arrived
	require.InDelta(t, 10*time.Millisecond, acks[1].Arrived-first, float64(time.Millisecond))
	require.InDelta(t, 105*time.Millisecond, acks[9].Arrived-first, float64(time.Millisecond))
	require.InDelta(t, 590*time.Millisecond, acks[29].Arrived-first, float64(time.Millisecond))

	acks = nil
	require.True(t, d.Feedback(raw, func(k Ack) { acks = append(acks, k) }))
	require.Empty(t, acks, "a report that comes twice counts once")
}

func TestFeedbackGoesOnOverTheWrapAndInPieces(t *testing.T) {
	var d Departures
	var a Arrivals
	d.next = 65000
	now := time.Now()
	var numbers []uint16
	for i := range 1000 {
		numbers = append(numbers, d.Sent(100, 0, now.Add(time.Duration(i)*time.Millisecond)))
	}
	for i, seq := range numbers {
		a.Received(7, number(seq), now.Add(time.Duration(i)*time.Millisecond))
	}
	arrived := 0
	for a.Waiting() {
		require.True(t, d.Feedback(feedbackOf(t, &a), func(k Ack) {
			if k.Arrived >= 0 {
				arrived++
			}
		}))
	}
	require.Equal(t, 1000, arrived)
}

func TestArrivalsAfterALeapAndALongPause(t *testing.T) {
	var a Arrivals
	now := time.Now()
	a.Received(7, number(10), now)
	a.Received(7, number(11), now.Add(time.Minute)) // no delta can tell of it
	feedbackOf(t, &a)
	require.True(t, a.Waiting())
	feedbackOf(t, &a)
	require.False(t, a.Waiting())
	a.Received(7, number(20000), now.Add(time.Minute))
	feedbackOf(t, &a)
	require.False(t, a.Waiting())
	a.Received(7, number(19000), now.Add(time.Minute)) // long reported
	require.False(t, a.Waiting())
	a.Received(7, []byte{1}, now)
	require.False(t, a.Waiting())
	p, _ := a.Feedback(1)
	require.Nil(t, p)
}

// Rings are as large as they need to be: whatever is under way is accounted for, from its first packet to its last, and
// what always is reported in time needs no more room than at first.
func TestRingsGrow(t *testing.T) {
	for _, under := range []int{1, historyFirst, historyFirst + 1, 500, historySize} {
		var d Departures
		var a Arrivals
		now := time.Now()
		for round := range 200 { // numbers wrap
			sent, received := map[time.Duration]bool{}, 0
			for i := range under {
				at := now.Add(time.Duration(i) * 10 * time.Microsecond)
				sent[at.Sub(epoch)] = true
				seq := d.Sent(100, 0, at)
				if i%5 != 3 || i == under-1 {
					a.Received(7, number(seq), at)
					received++
				}
			}
			came := 0
			for p, _ := a.Feedback(1); p != nil; p, _ = a.Feedback(1) {
				raw, err := p.Marshal()
				require.NoError(t, err)
				require.True(t, d.Feedback(raw, func(k Ack) {
					require.True(t, sent[k.Sent])
					delete(sent, k.Sent)
					if k.Arrived >= 0 {
						came++
					}
				}))
			}
			require.Empty(t, sent, "round %d of %d packets", round, under)
			require.Equal(t, received, came)
			now = now.Add(time.Second)
		}
		for _, room := range []int{len(d.sent), len(a.at)} {
			require.GreaterOrEqual(t, room, under)
			require.LessOrEqual(t, room, max(historyFirst, 2*under))
		}
	}
}

func FuzzFeedback(f *testing.F) {
	var a Arrivals
	now := time.Now()
	for i := range uint16(20) {
		if i != 5 {
			a.Received(7, number(i), now.Add(time.Duration(i)*time.Millisecond))
		}
	}
	p, _ := a.Feedback(1)
	raw, err := p.Marshal()
	require.NoError(f, err)
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var d Departures
		for range historySize {
			d.Sent(100, 0, now)
		}
		n := 0
		d.Feedback(raw, func(k Ack) {
			require.Positive(t, k.Size)
			n++
		})
		require.LessOrEqual(t, n, historySize)
	})
}

func BenchmarkDepartures(b *testing.B) {
	var d Departures
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		d.Sent(1000, 0, now)
	}
}
