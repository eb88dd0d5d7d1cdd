package sfu

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requireContinuous checks the packets of one SSRC: numbers without a gap, timestamps that never go back.
func requireContinuous(t *testing.T, c *client, nums ...uint32) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	last := map[uint32]*struct {
		seq  uint16
		time uint32
	}{}
	for _, p := range c.rtp {
		require.Len(t, p.CSRC, 1)
		assert.Contains(t, nums, p.CSRC[0])
		if l := last[p.SSRC]; l != nil {
			require.Equal(t, l.seq+1, p.SequenceNumber)
			require.Positive(t, int32(p.Timestamp-l.time), "timestamps go on")
			l.seq, l.time = p.SequenceNumber, p.Timestamp
			continue
		}
		last[p.SSRC] = &struct {
			seq  uint16
			time uint32
		}{p.SequenceNumber, p.Timestamp}
	}
}

func TestAudioReachesTheOther(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{})
	a.publish(1, a.mic, "audio/opus")
	b.publish(2, b.mic, "audio/opus")
	for i := range 100 { // across the wrap of sequence numbers
		a.mic.send(t, []byte(numbered("a", i)))
		b.mic.send(t, []byte(numbered("b", i)))
	}
	b.await("100 packets of a", func() bool { return len(b.of(1)) == 100 })
	a.await("100 packets of b", func() bool { return len(a.of(2)) == 100 })
	for i, p := range b.got(1) {
		require.Equal(t, numbered("a", i), string(p.Payload))
		require.True(t, p.Marker)
		require.Len(t, p.Extensions, 1, "its number in the transport")
		require.EqualValues(t, 111, p.PayloadType)
	}
	requireContinuous(t, b, 1)
	requireContinuous(t, a, 2)
	var stats Stats
	b.await("their counts, which are made after a packet has left", func() bool {
		stats = r.sfu.Stats()
		return stats.PacketsOut >= 200
	})
	assert.EqualValues(t, 200, stats.PacketsIn)
	assert.EqualValues(t, 200, stats.PacketsOut)
	assert.Equal(t, [3]int{1, 2, 2}, [3]int{stats.Rooms, stats.Peers, stats.Streams})
}
