package sfu

import (
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Who pauses sends a packet every 400 ms: whoever begins to speak is heard as soon as among members who send always, and nobody
// counts as loud for sending little.
func TestTheLoudestAreHeardWhileOthersPause(t *testing.T) {
	h := newHall(t, 1, 12)
	seqs := make([]uint16, len(h.speakers))
	frame := 0
	speak := func(d time.Duration, loud func(i int) bool) {
		for end := h.now.Add(d); h.now.Before(end); h.now = h.now.Add(20 * time.Millisecond) {
			frame++
			for i, p := range h.speakers {
				level := byte(127)
				switch {
				case loud(i):
					level = 20
				case (frame+i)%20 != 0:
					continue
				}
				seqs[i]++
				header := rtp.Header{PayloadType: 111, SSRC: 1000, SequenceNumber: seqs[i], Timestamp: uint32(frame) * 960}
				require.NoError(t, header.SetExtension(fakeLevel, []byte{level}))
				p.onRTP(1000, rtpBytes(t, header, []byte{1, 2, 3}))
			}
			h.room.choose(h.now)
		}
	}
	speak(2*time.Second, func(i int) bool { return i < 3 })
	h.heard(0)
	last := func(i int) bool { return i >= 8 } // four who were not forwarded
	speak(300*time.Millisecond, last)
	h.heard(0)
	speak(500*time.Millisecond, last)
	got := h.heard(0)
	for num := uint32(9); num <= 12; num++ {
		assert.True(t, got[num], "stream %d is heard 300 ms after its member began to speak", num)
	}
	for i, p := range h.speakers {
		track := (*p.tracks.Load())[0]
		track.mu.Lock()
		assert.Zero(t, track.stats.Snapshot().Lost, "the pauses of member %d are no loss", i)
		assert.Zero(t, track.gaps.Open())
		track.mu.Unlock()
	}
	speak(2*time.Second, func(int) bool { return false })
	h.heard(0)
	speak(time.Second, func(int) bool { return false })
	assert.Len(t, h.heard(0), DefaultLoudest, "all are silent, and the same are heard on")
}
