package rtpkit

import (
	"sync"
	"testing"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func packet(seq uint16) (*rtp.Header, []byte) {
	return &rtp.Header{Version: 2, Marker: seq%2 == 0, PayloadType: 96, SequenceNumber: seq, Timestamp: uint32(seq) * 10, SSRC: 7, CSRC: []uint32{uint32(seq)}},
		[]byte{byte(seq >> 8), byte(seq), 'x'}
}

func TestRingKeepsTheLastAcrossTheWrap(t *testing.T) {
	r := NewRing(100)
	require.Equal(t, 128, r.Len())
	first := uint16(65500)
	for i := range uint16(300) {
		r.Store(packet(first + i))
	}
	var h rtp.Header
	buf := make([]byte, 16)
	for i := range uint16(300) {
		n, ok := r.Load(first+i, &h, buf)
		require.Equal(t, i >= 300-128, ok, "packet %d", i)
		if ok {
			want, payload := packet(first + i)
			assert.Equal(t, *want, h)
			assert.Equal(t, payload, buf[:n])
		}
	}
	_, ok := r.Load(first+300, &h, buf)
	assert.False(t, ok, "never stored")
	_, ok = r.Load(first+299, &h, buf[:2])
	assert.False(t, ok, "buffer too short")
	r.Reset()
	_, ok = r.Load(first+299, &h, buf)
	assert.False(t, ok, "forgotten")
}

func TestRingDoesNotKeepTheCallersMemory(t *testing.T) {
	r := NewRing(4)
	h, payload := packet(5)
	r.Store(h, payload)
	h.CSRC[0], payload[0] = 99, 99
	var got rtp.Header
	buf := make([]byte, 16)
	_, ok := r.Load(5, &got, buf)
	require.True(t, ok)
	assert.EqualValues(t, 5, got.CSRC[0])
	assert.EqualValues(t, 0, buf[0])
}

func TestRingAllocatesNothingOnceWarm(t *testing.T) {
	r := NewRing(8)
	h, payload := packet(1)
	var got rtp.Header
	buf := make([]byte, 16)
	turn := func() {
		h.SequenceNumber++
		r.Store(h, payload)
		r.Load(h.SequenceNumber, &got, buf)
	}
	for range 8 {
		turn()
	}
	assert.Zero(t, testing.AllocsPerRun(100, turn))
}

func TestRingManyReaders(t *testing.T) {
	r := NewRing(64)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var h rtp.Header
			buf := make([]byte, 16)
			for seq := range uint16(5000) {
				if n, ok := r.Load(seq, &h, buf); ok {
					want, payload := packet(seq)
					assert.Equal(t, want.Timestamp, h.Timestamp)
					assert.Equal(t, payload, buf[:n])
				}
			}
		})
	}
	for seq := range uint16(5000) {
		r.Store(packet(seq))
	}
	wg.Wait()
}
