package rtpkit

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// path is a simulated way through a network: a bottleneck with a queue, loss, jitter, and an encoder that follows the
// estimate. Its time is not real.
type path struct {
	Estimator
	t        *testing.T
	capacity func(at time.Duration) float64 // bit/s
	loss     float64
	jitter   time.Duration
	buffer   time.Duration // longest queue; 0: 1 s
	most     float64       // of the encoder, bit/s
	way      time.Duration // one way, without the queue

	random  *rand.Rand
	now     time.Duration
	free    time.Duration // when the bottleneck is free again
	flying  []flight
	rates   []rated
	longest time.Duration // queue since the last clear
}

type flight struct {
	ack  Ack
	told time.Duration // when the feedback about it is made
}

type rated struct {
	at  time.Duration
	bps float64
}

const feedbackEvery = 100 * time.Millisecond

func newPath(t *testing.T, most float64, capacity func(time.Duration) float64) *path {
	p := &path{t: t, capacity: capacity, most: most, random: rand.New(rand.NewPCG(1, 2)), buffer: time.Second, way: 20 * time.Millisecond} // a test
	p.SetWanted(int(most))
	return p
}

func steady(bps float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return bps }
}

func (p *path) send(size int, probe uint8) {
	p.free = max(p.free, p.now)
	queue := p.free - p.now
	told := p.now + p.way + queue
	a := Ack{Sent: p.now, Arrived: -1, Size: size, Probe: probe}
	if queue < p.buffer {
		p.free += time.Duration(float64(size) * 8 / p.capacity(p.now) * float64(time.Second))
		p.longest = max(p.longest, queue)
		if p.random.Float64() >= p.loss {
			a.Arrived = p.free + p.way
			if p.jitter > 0 {
				a.Arrived += time.Duration(p.random.Int64N(int64(p.jitter)))
			}
			told = a.Arrived
		}
	}
	p.flying = append(p.flying, flight{a, told})
}

// run lets time pass in steps of 1 ms: 30 pictures a second, feedback every 100 ms that takes as long as a packet.
func (p *path) run(d time.Duration) {
	end := p.now + d
	var padAt, frameAt, feedbackAt time.Duration
	padAt, frameAt, feedbackAt = p.now, p.now, p.now
	for ; p.now < end; p.now += time.Millisecond {
		now := epoch.Add(p.now)
		if p.now >= frameAt {
			frameAt += time.Second / 30
			bps, _ := p.Target()
			for left := int(min(float64(bps), p.most) / 30 / 8); left > 0; left -= 1200 {
				p.send(min(left, 1200), 0)
			}
		}
		if p.now >= padAt {
			bytes, id, again := p.Padding(now)
			for ; bytes > 0; bytes -= 1200 {
				p.send(1200, id)
				p.Padded(1200)
			}
			if again == 0 {
				again = 50 * time.Millisecond
			}
			padAt = p.now + again
		}
		if p.now >= feedbackAt {
			feedbackAt += feedbackEvery
			var acks []Ack
			rest := p.flying[:0]
			for _, f := range p.flying {
				if f.told+p.way <= p.now {
					acks = append(acks, f.ack)
				} else {
					rest = append(rest, f)
				}
			}
			p.flying = rest
			p.Report(acks, now)
			bps, _ := p.Target()
			p.rates = append(p.rates, rated{p.now, min(float64(bps), p.most)})
		}
	}
}

// average is the mean rate of the encoder over the last time.
func (p *path) average(d time.Duration) float64 {
	sum, n := 0.0, 0
	for _, r := range p.rates {
		if r.at >= p.now-d {
			sum += r.bps
			n++
		}
	}
	return sum / float64(n)
}

func TestNothingIsHeldBackOnAGoodPath(t *testing.T) {
	p := newPath(t, 2e6, steady(50e6))
	p.jitter = 15 * time.Millisecond
	p.run(20 * time.Second)
	require.InDelta(t, 2e6, p.average(20*time.Second), 1)
	_, limited := p.Target()
	require.False(t, limited)
}

// A long way is no queue, nor is one on which packets take now more and now less.
func TestALongAndUnevenWayIsNoCongestion(t *testing.T) {
	for _, jitter := range []time.Duration{0, 30 * time.Millisecond, 60 * time.Millisecond, 100 * time.Millisecond} {
		p := newPath(t, 200e3, steady(50e6))
		p.way, p.jitter = 300*time.Millisecond, jitter
		p.run(60 * time.Second)
		full := 0
		for _, r := range p.rates {
			if r.bps >= p.most {
				full++
			}
		}
		t.Logf("jitter %v: %.0f bit/s of 200,000, all of it at %d of %d looks", jitter, p.average(time.Minute), full, len(p.rates))
		require.Greater(t, full, len(p.rates)*95/100)
	}
}

func TestRateFallsWithinASecondAndReturnsWithinFive(t *testing.T) {
	const from, to = 10 * time.Second, 30 * time.Second
	p := newPath(t, 1.8e6, func(at time.Duration) float64 {
		if at >= from && at < to {
			return 300e3
		}
		return 2.5e6
	})
	p.run(from)
	require.InDelta(t, 1.8e6, p.average(5*time.Second), 1)
	p.run(time.Second)
	bps, limited := p.Target()
	require.True(t, limited)
	require.Less(t, bps, 330_000)
	p.run(4 * time.Second)
	p.longest = 0
	p.run(to - p.now)
	t.Logf("limited: %.0f bit/s on average, the longest queue is %v", p.average(10*time.Second), p.longest)
	require.Greater(t, p.average(10*time.Second), 190e3)
	require.Less(t, p.longest, 600*time.Millisecond)
	start := p.now
	for {
		p.run(100 * time.Millisecond)
		if bps, _ = p.Target(); float64(bps) >= p.most || p.now-start > 20*time.Second {
			break
		}
	}
	t.Logf("full rate again after %v", p.now-start)
	require.Less(t, p.now-start, 5*time.Second)
	p.run(2 * time.Second)
	require.InDelta(t, 1.8e6, p.average(time.Second), 1)
}

func TestLossThatIsNotOursIsNoReasonToSendLess(t *testing.T) {
	for _, loss := range []float64{0.1, 0.3} {
		p := newPath(t, 600e3, steady(50e6))
		p.loss = loss
		p.run(10 * time.Second)
		t.Logf("%.0f %% lost: %.0f bit/s", loss*100, p.average(7*time.Second))
		require.Greater(t, p.average(7*time.Second), 0.75*600e3)
	}
}

// Sound of which many packets are lost may be repeated: what is sent less for a moment, to find out whether that helps, is no
// limit of the path.
func TestLossIsNoReasonToRepeatLess(t *testing.T) {
	p := newPath(t, 300e3, steady(50e6))
	p.loss = 0.3
	free, tried := 0, 0
	const looks = 600
	for range looks {
		p.run(100 * time.Millisecond)
		if wait, bps := p.RepeatingSound(); wait == 0 && bps == 0 {
			free++
		}
		if !p.cut.at.IsZero() { // pictures are repeated by what is sent meanwhile: on a path that is full that is all it carries
			_, bps := p.Repeating()
			if rate, limited := p.Target(); limited {
				tried++
				require.Equal(t, rate, bps)
			}
		}
	}
	require.NotZero(t, tried)
	t.Logf("as much as is wanted at %d of %d looks", free, looks)
	require.Greater(t, free, looks*9/10)
}

func TestAPathWithoutAQueueThatLosesWhatIsTooMuch(t *testing.T) {
	p := newPath(t, 2e6, steady(500e3))
	p.buffer = 20 * time.Millisecond
	p.run(20 * time.Second)
	t.Logf("%.0f bit/s of 500,000", p.average(10*time.Second))
	require.Less(t, p.average(10*time.Second), 520e3)
	require.Greater(t, p.average(10*time.Second), 300e3)
}

func TestLittleSoundIsNoCongestion(t *testing.T) {
	p := newPath(t, 40e3, steady(1e6))
	p.jitter = 30 * time.Millisecond
	p.run(10 * time.Second)
	_, limited := p.Target()
	require.False(t, limited)
}

func TestAnotherPathIsANewStart(t *testing.T) {
	p := newPath(t, 2e6, steady(300e3))
	p.run(3 * time.Second)
	_, limited := p.Target()
	require.True(t, limited)
	p.Reset()
	bps, limited := p.Target()
	require.False(t, limited)
	require.Equal(t, 3_000_000, bps)
}
