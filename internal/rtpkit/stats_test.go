package rtpkit

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReceiveStatsLossAcrossTheWrap(t *testing.T) {
	s := NewReceiveStats(90000)
	now := start
	for i := range 200 {
		now = now.Add(10 * time.Millisecond)
		if i%4 == 1 { // a quarter is lost
			continue
		}
		s.Received(&rtp.Header{SequenceNumber: uint16(65500 + i), Timestamp: uint32(i * 900)}, 100, now)
	}
	got := s.Snapshot()
	assert.EqualValues(t, 150, got.Packets)
	assert.EqualValues(t, 15000, got.Bytes)
	assert.EqualValues(t, 50, got.Lost)
	assert.EqualValues(t, 65500+199, got.Highest)
	assert.Less(t, got.Jitter, 10*time.Microsecond, "evenly paced")

	r := s.Report(77, now)
	assert.EqualValues(t, 77, r.SSRC)
	assert.EqualValues(t, 64, r.FractionLost)
	assert.EqualValues(t, 50, r.TotalLost)
	assert.EqualValues(t, 65699, r.LastSequenceNumber)
	assert.Zero(t, s.Report(77, now).FractionLost, "nothing since the report before")
}

func TestReceiveStatsReorderAndDuplicates(t *testing.T) {
	s := NewReceiveStats(48000)
	for _, seq := range []uint16{10, 12, 11, 13, 13} {
		s.Received(&rtp.Header{SequenceNumber: seq}, 1, start)
	}
	assert.EqualValues(t, -1, s.Snapshot().Lost)
	assert.Zero(t, s.Report(1, start).TotalLost)
	s.Received(&rtp.Header{SequenceNumber: 40000}, 1, start)
	assert.EqualValues(t, 0, s.Snapshot().Lost, "a new start")
	assert.Zero(t, NewReceiveStats(1).Report(1, start).TotalLost)
}

func TestReceiveStatsJitter(t *testing.T) {
	s := NewReceiveStats(48000)
	now := start
	for i := range 1000 {
		late := time.Duration(i%2) * 8 * time.Millisecond
		s.Received(&rtp.Header{SequenceNumber: uint16(i), Timestamp: uint32(i * 960)}, 1, now.Add(late))
		now = now.Add(20 * time.Millisecond)
	}
	assert.InDelta(t, 8, s.Snapshot().Jitter.Seconds()*1000, 0.1)
}

func TestRoundTripThroughReports(t *testing.T) {
	sender, receiver := NewSendStats(90000), NewReceiveStats(90000)
	_, ok := sender.SenderReport(1, start)
	assert.False(t, ok, "nothing sent yet")
	h := &rtp.Header{SequenceNumber: 1, Timestamp: 1000}
	sender.Sent(h, 50, start)
	receiver.Received(h, 62, start)

	sr, ok := sender.SenderReport(1, start.Add(time.Second))
	require.True(t, ok)
	assert.EqualValues(t, 1, sr.PacketCount)
	assert.EqualValues(t, 50, sr.OctetCount)
	assert.EqualValues(t, 91000, sr.RTPTime, "a second after the packet")
	assert.Zero(t, sender.Snapshot().RTT)

	receiver.SenderReport(sr, start.Add(1020*time.Millisecond))
	rr := receiver.Report(1, start.Add(1520*time.Millisecond))
	sender.Report(rr, start.Add(1550*time.Millisecond)) // 20 ms there, 30 ms back
	assert.InDelta(t, 50, sender.Snapshot().RTT.Seconds()*1000, 0.1)

	sender.Report(rtcp.ReceptionReport{FractionLost: 64, TotalLost: 3, Jitter: 90}, start)
	got := sender.Snapshot()
	assert.InDelta(t, 0.25, got.FractionLost, 0.001)
	assert.EqualValues(t, 3, got.RemoteLost)
	assert.Equal(t, time.Millisecond, got.RemoteJitter)
	assert.NotZero(t, got.RTT, "a report without sender report leaves it")
	assert.EqualValues(t, 62, got.Bytes)
}

func TestNTP(t *testing.T) {
	assert.Equal(t, uint64(2208988800)<<32|1<<31, NTP(time.Unix(0, 5e8)))
}

// Packets that are written late, as they are on a busy machine, do not make the reports wrong; a clock that is slow does.
func TestSenderReportsFollowTheClockOfTheStream(t *testing.T) {
	start := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	const slow = 1.0001 // 100 ppm
	s := NewSendStats(48000)
	var now time.Time
	for i := range 50 * 600 {
		now = start.Add(time.Duration(float64(i) * slow * float64(20*time.Millisecond)))
		if i%50 < 5 {
			now = now.Add(time.Duration(i%50+1) * 15 * time.Millisecond)
		}
		s.Sent(&rtp.Header{Timestamp: uint32(i) * 960}, 100, now)
		if i%50 != 20 {
			continue
		}
		sr, ok := s.SenderReport(1, now)
		require.True(t, ok)
		if off := float64(int32(sr.RTPTime-uint32(i)*960)) / 48; i > 100 {
			require.InDelta(t, 0, off, 3, "ms, at packet %d", i)
		}
	}
}
