package rtc

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// vp8 is a packet with one whole frame that tells n.
func vp8(slot *slot, seq uint16, n uint32, key bool) *rtp.Packet {
	payload := []byte{0x10, 0x01, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00}
	if key {
		payload[1] = 0
	}
	return &rtp.Packet{
		Header:  rtp.Header{Version: 2, Marker: true, SSRC: slot.ssrc, SequenceNumber: seq, Timestamp: n * 3000, CSRC: []uint32{7}},
		Payload: binary.BigEndian.AppendUint32(payload, n),
	}
}

// A stream goes on in another slot while pictures of the first slot still wait for a repeated packet. They hang on
// pictures that were replaced, so they must not be shown after the key frame that begins the new slot.
func TestPicturesOfTheSlotBeforeAreNotMixedIn(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r := &receiver{}
	r.init(func() {})
	in := newInlet(r, 7)
	r.inlets[7] = in
	in.setCodec("video/VP8")
	reader := in.Samples(16)
	before, after := newSlot(r, 1, 90000), newSlot(r, 2, 90000)
	now := time.Now()
	push := func(s *slot, seq uint16, n uint32, key bool) { s.push(vp8(s, seq, n, key), "video/VP8", now) }
	push(before, 10, 1, true)
	push(before, 11, 2, false)
	push(before, 13, 4, false) // 3 is missing, so this one waits
	push(after, 50, 5, true)
	push(after, 51, 6, false)
	before.skipAll(now) // nobody repeated it
	push(after, 52, 7, false)

	var got []uint32
	for range 5 {
		s, err := reader.Read(ctx)
		require.NoError(t, err)
		got = append(got, binary.BigEndian.Uint32(s.Data[10:]))
		if got[len(got)-1] == 7 {
			break
		}
	}
	assert.Equal(t, []uint32{1, 2, 5, 6, 7}, got)

	push(before, 14, 8, true) // but it may come back, with a key frame
	s, err := reader.Read(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, 8, binary.BigEndian.Uint32(s.Data[10:]))
}
