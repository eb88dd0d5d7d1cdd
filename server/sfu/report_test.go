package sfu

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// reported finds the last RTCP packet of a type that the client got and that fits. c.mu is held.
func reported[T rtcp.Packet](c *client, fits func(T) bool) (last T, found bool) {
	for _, p := range c.rtcp {
		if p, ok := p.(T); ok && fits(p) {
			last, found = p, true
		}
	}
	return last, found
}

func TestSenderReportsKeepSoundAndPictureTogether(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(1, a.mic, "audio/opus")
	a.publish(2, a.cam, "video/H264")
	b.peer.Subscribe(whole(2))
	a.awaitKeyRequests(1)
	a.mic.send(t, []byte("sound"))
	a.cam.send(t, h264Key("picture"))
	b.await("both", func() bool { return len(b.of(1)) == 1 && len(b.of(2)) == 1 })
	// the publisher's clock is an hour off; its sound of now has the timestamp of the last packet, its picture's is
	// half a second older
	now := time.Now().Add(time.Hour)
	require.NoError(t, a.pc.WriteRTCP([]rtcp.Packet{
		&rtcp.SenderReport{SSRC: a.mic.ssrc, NTPTime: rtpkit.NTP(now), RTPTime: a.mic.time},
		&rtcp.SenderReport{SSRC: a.cam.ssrc, NTPTime: rtpkit.NTP(now), RTPTime: a.cam.time + 45000},
	}))
	sound, picture := b.got(1)[0], b.got(2)[0]
	// converted to the time in a report, how far are the two packets apart?
	apart := func() time.Duration {
		s, ok1 := reported(b, func(sr *rtcp.SenderReport) bool { return sr.SSRC == sound.SSRC })
		p, ok2 := reported(b, func(sr *rtcp.SenderReport) bool { return sr.SSRC == picture.SSRC })
		if !ok1 || !ok2 {
			return 0
		}
		soundAt := rtpkit.FromNTP(s.NTPTime).Add(-time.Duration(int32(s.RTPTime-sound.Timestamp)) * time.Second / 48000)
		pictureAt := rtpkit.FromNTP(p.NTPTime).Add(-time.Duration(int32(p.RTPTime-picture.Timestamp)) * time.Second / 90000)
		return soundAt.Sub(pictureAt)
	}
	b.await("reports that tell it", func() bool { d := apart(); return d > 499*time.Millisecond && d < 501*time.Millisecond })
	b.mu.Lock()
	sr, _ := reported(b, func(sr *rtcp.SenderReport) bool { return sr.SSRC == sound.SSRC })
	b.mu.Unlock()
	assert.EqualValues(t, 1, sr.PacketCount)
	assert.EqualValues(t, len("sound"), sr.OctetCount)
	assert.WithinDuration(t, time.Now(), rtpkit.FromNTP(sr.NTPTime), time.Minute, "in the server's time, whatever the publisher's is")
	a.mu.Lock()
	defer a.mu.Unlock()
	rr, ok := reported(a, func(rr *rtcp.ReceiverReport) bool { return len(rr.Reports) == 2 && rr.Reports[0].LastSenderReport != 0 })
	if ok {
		assert.Equal(t, a.mic.ssrc, rr.Reports[0].SSRC)
	}
}

func TestReceiverReportsAndRoundTrip(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(1, a.mic, "audio/opus")
	a.mic.lose = func(seq uint16) bool { return seq == 65510 }
	for range 50 {
		a.mic.send(t, []byte("x"))
	}
	a.await("a report of the loss", func() bool {
		_, ok := reported(a, func(rr *rtcp.ReceiverReport) bool {
			return len(rr.Reports) == 1 && rr.Reports[0].SSRC == a.mic.ssrc && rr.Reports[0].TotalLost == 1
		})
		return ok
	})
	var sr *rtcp.SenderReport
	b.await("a sender report", func() bool {
		var ok bool
		sr, ok = reported(b, func(*rtcp.SenderReport) bool { return true })
		return ok
	})
	require.NoError(t, b.pc.WriteRTCP([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 5, Reports: []rtcp.ReceptionReport{
		{SSRC: sr.SSRC, FractionLost: 64, TotalLost: 9, LastSenderReport: uint32(sr.NTPTime >> 16)},
	}}}))
	require.Eventually(t, func() bool {
		f := b.peer.Stats().Forwarded
		return len(f) == 1 && f[0].Sent.FractionLost == 0.25 && f[0].Sent.RTT > 0
	}, patience, time.Millisecond)
	assert.NotZero(t, b.peer.Stats().RTT)
}

func TestTicks(t *testing.T) {
	assert.EqualValues(t, 90000*3+45, ticks(3*time.Second+500*time.Microsecond, 90000))
	assert.Equal(t, ^uint32(0)-47999, ticks(-time.Second, 48000))
	assert.NotPanics(t, func() { _ = ticks(1<<63-1, 90000) })
}
