package rtpkit

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func TestGapsAskAfterTheGraceAndRetry(t *testing.T) {
	var g Gaps
	assert.True(t, g.Received(65534, start))
	assert.True(t, g.Received(2, start)) // 65535, 0 and 1 are missing
	assert.Equal(t, 3, g.Open())
	assert.Empty(t, g.Due(start.Add(ReorderGrace-1), 0, nil), "within the grace")
	assert.True(t, g.Received(0, start.Add(time.Millisecond)), "only reordered")
	assert.False(t, g.Received(0, start.Add(time.Millisecond)), "duplicate")
	assert.False(t, g.Received(2, start.Add(time.Millisecond)), "duplicate of the highest")

	now := start.Add(ReorderGrace)
	assert.Equal(t, []uint16{9, 65535, 1}, g.Due(now, 0, []uint16{9}), "appended, in order")
	assert.Empty(t, g.Due(now.Add(MinNackInterval-1), 0, nil))
	assert.Empty(t, g.Due(now.Add(MinNackInterval), 50*time.Millisecond, nil), "the round trip is longer")
	assert.True(t, g.Repaired(65535))
	assert.False(t, g.Repaired(65535))
	assert.Equal(t, []uint16{1}, g.Due(now.Add(50*time.Millisecond), 50*time.Millisecond, nil))
	assert.True(t, g.Missing(1))
}

func TestGapsGiveUp(t *testing.T) {
	t.Run("after the tries", func(t *testing.T) {
		var g Gaps
		g.Received(1, start)
		g.Received(3, start)
		asked := 0
		for now := start; now.Before(start.Add(MaxNackAge)); now = now.Add(5 * time.Millisecond) {
			asked += len(g.Due(now, 0, nil))
		}
		assert.Equal(t, MaxNackTries, asked)
		assert.False(t, g.Missing(2))
		assert.False(t, g.Received(2, start.Add(MaxNackAge)), "too late")
	})
	t.Run("with age", func(t *testing.T) {
		var g Gaps
		g.Received(1, start)
		g.Received(3, start)
		assert.Equal(t, []uint16{2}, g.Due(start.Add(MaxNackAge-1), 0, nil))
		assert.Empty(t, g.Due(start.Add(MaxNackAge), 0, nil))
		assert.Zero(t, g.Open())
	})
}

func TestGapsLeapsAreNewStarts(t *testing.T) {
	var g Gaps
	g.Received(10, start)
	g.Received(12, start)
	g.Received(10000, start)
	assert.Zero(t, g.Open())
	assert.False(t, g.Repaired(100), "a late repetition is no new start")
	assert.True(t, g.Received(100, start))
	assert.True(t, g.Received(101, start))
	assert.Zero(t, g.Open())
	for seq := uint16(103); seq < 103+3000; seq += 2 {
		g.Received(seq, start)
	}
	assert.Equal(t, maxGap, g.Open(), "bounded")
	g.Reset()
	assert.Zero(t, g.Open())
	assert.True(t, g.Received(50, start))
	assert.Zero(t, g.Open())
}

func TestNackRoundTrip(t *testing.T) {
	seqs := []uint16{65533, 65535, 0, 3, 40}
	var got []uint16
	nack := &rtcp.TransportLayerNack{Nacks: NackPairs(seqs)}
	EachNacked(nack, func(seq uint16) bool { got = append(got, seq); return true })
	assert.Equal(t, seqs, got)
	got = nil
	EachNacked(nack, func(seq uint16) bool { got = append(got, seq); return len(got) < 2 })
	assert.Len(t, got, 2)
}

func TestRTXRoundTrip(t *testing.T) {
	h := rtp.Header{SequenceNumber: 4711, SSRC: 1, PayloadType: 102, Timestamp: 9, Marker: true}
	payload := append([]byte{0, 0}, "content"...)
	WrapRTX(&h, payload, 2, 103, 5)
	assert.Equal(t, rtp.Header{SequenceNumber: 5, SSRC: 2, PayloadType: 103, Timestamp: 9, Marker: true}, h)
	out, ok := UnwrapRTX(&h, payload, 1, 102)
	require.True(t, ok)
	assert.Equal(t, "content", string(out))
	assert.Equal(t, rtp.Header{SequenceNumber: 4711, SSRC: 1, PayloadType: 102, Timestamp: 9, Marker: true}, h)
	_, ok = UnwrapRTX(&h, []byte{1, 2}, 1, 102)
	assert.False(t, ok, "a probe")
}
