package sfu

import (
	"encoding/binary"
	"testing"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// levelID is the negotiated ID of the header extension.
func (c *client) levelID() uint8 {
	for _, e := range c.pc.GetSenders()[0].GetParameters().HeaderExtensions {
		if e.URI == rtpkit.LevelURI {
			return uint8(e.ID)
		}
	}
	require.FailNow(c.t, "the level is not negotiated")
	return 0
}

func TestLevelIsForwarded(t *testing.T) {
	r := newTestRoom(t)
	a, b := join(t, r, "a", options{}), join(t, r, "b", options{audio: 1})
	a.publish(7, a.mic, "audio/opus")
	id := a.levelID()
	send := func(level ...byte) {
		a.mic.seq++
		a.mic.time += 960
		h := rtp.Header{Version: 2, PayloadType: a.mic.payload, SequenceNumber: a.mic.seq, Timestamp: a.mic.time, SSRC: a.mic.ssrc}
		if len(level) > 0 {
			require.NoError(t, h.SetExtension(id, level))
		}
		_, err := a.mic.writer.WriteRTP(&h, []byte("sound"))
		require.NoError(t, err)
	}
	send()
	send(0x80 | 12)
	send(127)
	b.await("all", func() bool { return len(b.of(7)) == 3 })
	id = b.levelID()
	for i, want := range [][]byte{nil, {0x80 | 12}, {127}} {
		assert.Equal(t, want, b.got(7)[i].GetExtension(id))
	}
}

// BenchmarkForwardSound is a packet of sound that says how loud it is, on its way to 50 subscribers.
func BenchmarkForwardSound(b *testing.B) {
	publisher, writers := newFakeRoom(b, fanOut)
	for _, p := range *publisher.room.members.Load() {
		p.layout.Load().levelExt = 3
	}
	h := rtp.Header{PayloadType: 111, SSRC: 1000}
	require.NoError(b, h.SetExtension(3, []byte{20}))
	raw := rtpBytes(b, h, make([]byte, 80))
	seq := uint16(0)
	next := func() {
		binary.BigEndian.PutUint16(raw[2:], seq)
		seq++
		publisher.onRTP(1000, raw)
	}
	for range 2 * audioRing {
		next()
	}
	require.Equal(b, []byte{20}, writers[0].last.GetExtension(3))
	b.ReportAllocs()
	for b.Loop() {
		next()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/fanOut, "ns/subscriber")
}
