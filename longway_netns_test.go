//go:build netns

package crvideo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
)

// What needs the machine for itself about long ways; the gate runs it alone.

// TestLongWayIsNotCongested: in no more than a moment anybody sends less because of a distance.
func TestLongWayIsNotCongested(t *testing.T) {
	loopbackUp()
	for _, d := range distances {
		t.Run(d.way.String(), func(t *testing.T) {
			limited, _ := farCall(t, d)
			require.Less(t, limited, 0.1)
		})
	}
}

// TestLongWayWithLoss loses one packet of twenty each way of 300 ms: each is asked for about once, since its repetition needs a
// round trip, and the picture moves on.
func TestLongWayWithLoss(t *testing.T) {
	loopbackUp()
	srv, alice, bob, toAlice, toBob := farPair(t, far{300 * time.Millisecond, 20 * time.Millisecond})
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 1, FPS: 30}))
	openBoth(t, alice)
	w, stop := watchPictures(t, bob, "alice")
	defer stop()
	eventually(t, "pictures", func() bool { return w.count() > 30 })
	toAlice.up.lose(t, 5)
	toBob.down.lose(t, 5)
	before := repetitions(t, srv)
	w.since()
	begin := time.Now()
	eventually(t, "ten seconds", func() bool { return time.Since(begin) > 10*time.Second })
	moved, longest, _ := w.since()
	rate := float64(moved) / time.Since(begin).Seconds()
	r := repetitions(t, srv).since(before)
	t.Logf("%.1f of 30 pictures a second, the longest gap %v; %+v", rate, longest, r)
	lost := 0.05 * r.forwarded
	require.Greater(t, rate, 0.4*30) // a repetition that is lost, too, comes too late for its picture
	require.Greater(t, r.asked, lost/4, "something was lost")
	require.Less(t, r.asked, 2.5*lost)
	require.Less(t, r.askedOfSender, 2.5*lost)
	require.Less(t, r.repeated, 2*lost)
}

// TestLongWayReordered has one packet of ten come 40 ms late, which is after it is asked for: it is asked for once, sent
// once more, and not taken for loss that the sender should send less for.
func TestLongWayReordered(t *testing.T) {
	loopbackUp()
	srv, alice, bob, toAlice, toBob := farPair(t, far{50 * time.Millisecond, 0})
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 1, FPS: 30}))
	openBoth(t, alice)
	w, stop := watchPictures(t, bob, "alice")
	defer stop()
	eventually(t, "pictures", func() bool { return w.count() > 30 })
	const part = 0.1
	toAlice.up.reorder(part, 40*time.Millisecond)
	toBob.down.reorder(part, 40*time.Millisecond)
	before := repetitions(t, srv)
	w.since()
	begin := time.Now()
	eventually(t, "eight seconds", func() bool { return time.Since(begin) > 8*time.Second })
	moved, longest, _ := w.since()
	rate := float64(moved) / time.Since(begin).Seconds()
	r := repetitions(t, srv).since(before)
	t.Logf("%.1f of 30 pictures a second, the longest gap %v; %+v", rate, longest, r)
	require.Greater(t, rate, 0.8*30)
	require.Less(t, r.askedOfSender, 1.5*part*r.forwarded)
	require.Less(t, r.asked, 1.3*2*part*r.forwarded, "what came late to the server comes late to bob, too")
	require.Less(t, r.repeated, 1.3*2*part*r.forwarded)
	eventually(t, "no limit, once it is known that the packets only come late", func() bool { return !alice.GetStats().Limited })
}

// TestLongWayFallsAndReturns: the picture follows a narrow path at the end of a long way, too.
func TestLongWayFallsAndReturns(t *testing.T) {
	loopbackUp()
	_, alice, bob, _, toBob := farPair(t, far{150 * time.Millisecond, 10 * time.Millisecond})
	pathFallsAndReturnsWithin(t, farBadPath{t, toBob}, alice, bob, 8*time.Second)
}

// farBadPath is the way to bob as the tests of a bad network want it.
type farBadPath struct {
	t  *testing.T
	to *farPath
}

func (p farBadPath) limit(bps int) { p.to.down.limit(bps) }

func (p farBadPath) lose(part float64, toServer bool) {
	p.to.down.lose(p.t, int(100*part))
	if toServer {
		p.to.up.lose(p.t, int(100*part))
	}
}
