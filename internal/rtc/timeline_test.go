package rtc

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// An hour of a stream whose clock is 100 ppm wrong, with noisy reports and noisy arrivals.
func TestTimelineFollowsAClockThatDrifts(t *testing.T) {
	const ppm = 100e-6
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, rate := range map[string]int64{"pictures": 90000, "sound": 48000} {
		l := timeline{rate: rate}
		r := rand.New(rand.NewPCG(1, 2))
		noise := func(most time.Duration) time.Duration { return time.Duration(r.Int64N(int64(most))) }
		ts := func(d time.Duration) uint32 { return 0xfffff000 + uint32(int64(d.Seconds()*(1+ppm)*float64(rate))) }
		var worst time.Duration
		for d := time.Duration(0); d < time.Hour; d += 100 * time.Millisecond {
			at := start.Add(d)
			l.arrived(ts(d), at.Add(10*time.Millisecond+noise(60*time.Millisecond)))
			if d%time.Second == 700*time.Millisecond {
				l.report(ts(d), at.Add(noise(4*time.Millisecond)))
			}
			off := l.time(ts(d)).Sub(at).Abs()
			if d < 700*time.Millisecond {
				assert.Less(t, off, 75*time.Millisecond, "before the first report")
				continue
			}
			worst = max(worst, off)
		}
		t.Logf("%s: off by at most %v", name, worst)
		assert.Less(t, worst, 6*time.Millisecond, name)
	}
}

func TestTimelineStartsAnew(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	l := timeline{rate: 90000}
	assert.Zero(t, l.time(5))
	l.report(1000, start)
	l.report(91000, start.Add(3*time.Second)) // the clock was set: no noise
	assert.Equal(t, start.Add(4*time.Second), l.time(181000))
	l.restart()
	assert.Zero(t, l.time(181000))
	l.arrived(500, start)
	l.arrived(90500, start.Add(900*time.Millisecond)) // quicker than the first
	assert.Equal(t, start.Add(900*time.Millisecond), l.time(90500))
	l.arrived(180500, start.Add(2*time.Second)) // slower
	assert.Equal(t, start.Add(1900*time.Millisecond), l.time(180500))
}

// The report says that the sound is half a second older than it seems by its arrival, and the picture is not.
func TestSamplesTellWhenTheyWereCaptured(t *testing.T) {
	c, p := pair(t, Config{})
	ctx := reading(t)
	sound, picture := c.AddStream(1, "audio/opus").Samples(0), c.AddStream(2, "video/H264").Samples(0)
	audio, video := p.audio()[0], p.video()[0]
	send := func(n int) {
		audio.send(1, "audio/opus", frame("audio/opus", n, 80, false), 960)
		video.send(2, "video/H264", frame("video/H264", n, 80, true), 3000)
	}
	read := func(r *SampleReader) time.Time {
		s, err := r.Read(ctx)
		require.NoError(t, err)
		return s.Captured
	}
	send(0)
	assert.WithinDuration(t, read(sound), read(picture), 250*time.Millisecond, "by arrival")
	now := time.Now().Add(time.Hour) // the server's clock is an hour off
	require.NoError(t, p.pc.WriteRTCP([]rtcp.Packet{
		&rtcp.SenderReport{SSRC: uint32(audio.ctx.SSRC()), NTPTime: rtpkit.NTP(now), RTPTime: audio.ts + 24000},
		&rtcp.SenderReport{SSRC: uint32(video.ctx.SSRC()), NTPTime: rtpkit.NTP(now), RTPTime: video.ts},
	}))
	require.Eventually(t, func() bool {
		c.rx.mu.Lock()
		defer c.rx.mu.Unlock()
		n := 0
		for _, s := range c.rx.slots {
			n += s.line.reports
		}
		return n == 2
	}, patience, time.Millisecond)
	send(1)
	a, v := read(sound), read(picture)
	assert.InDelta(t, 0.5+1./30-0.02, v.Sub(a).Seconds(), 0.002)
	assert.WithinDuration(t, time.Now(), v, patience, "by our clock, not the server's")
}

func TestSamplesTellHowThePictureIsTurned(t *testing.T) {
	c, p := pair(t, Config{})
	r := c.AddStream(2, "video/VP8").Samples(0)
	video := p.video()[0]
	c.rx.mu.Lock()
	id := c.rx.cvoExt
	c.rx.mu.Unlock()
	require.NotZero(t, id)
	for i, turned := range []int{-1, 90, -1, 270, 0} {
		pkt := vp8(&slot{ssrc: uint32(video.ctx.SSRC())}, uint16(100+i), uint32(i), i == 0)
		pkt.PayloadType = 96
		pkt.CSRC = []uint32{2}
		if turned >= 0 {
			require.NoError(t, pkt.SetExtension(id, []byte{byte(turned / 90)}))
		}
		_, err := video.ctx.WriteStream().WriteRTP(&pkt.Header, pkt.Payload)
		require.NoError(t, err)
		s, err := r.Read(reading(t))
		require.NoError(t, err)
		assert.Equal(t, []int{0, 90, 90, 270, 0}[i], s.Rotation)
	}
}
