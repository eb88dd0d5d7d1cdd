package sfu

import (
	"fmt"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hall is a room without transports with many who listen and some who speak.
type hall struct {
	t        testing.TB
	room     *Room
	speakers []*Peer
	writers  [][]*fakeWriter // of those who listen
	seq      uint16
	now      time.Time
}

func newHall(t testing.TB, listeners, speakers int) *hall {
	h := &hall{t: t, room: newEmptyFakeRoom(), now: time.Now()}
	codecs := fakeCodecs(t)
	for i := range listeners {
		p, w := newFakePeer(h.room, fmt.Sprint("l", i), codecs, DefaultLoudest, 0)
		p.cfg.OnSlotsNeeded = func(audio, _ int) { t.Errorf("%d more slots were asked for", audio) }
		h.writers = append(h.writers, w)
	}
	for i := range speakers {
		p, _ := newFakePeer(h.room, fmt.Sprint("s", i), codecs, DefaultLoudest, 0)
		require.NoError(t, p.Publish(stream(uint32(i+1), "audio/opus"), "0"))
		h.speakers = append(h.speakers, p)
	}
	return h
}

// speak lets everybody send a packet every 20 ms for a time, some loudly.
func (h *hall) speak(d time.Duration, loud func(i int) bool) {
	for end := h.now.Add(d); h.now.Before(end); h.now = h.now.Add(20 * time.Millisecond) {
		h.seq++
		for i, p := range h.speakers {
			level := byte(100) // below the loudest: a quiet room
			if loud(i) {
				level = 20
			}
			header := rtp.Header{PayloadType: 111, SSRC: 1000, SequenceNumber: h.seq, Timestamp: uint32(h.seq) * 960}
			require.NoError(h.t, header.SetExtension(fakeLevel, []byte{level}))
			p.onRTP(1000, rtpBytes(h.t, header, []byte{1, 2, 3}))
		}
		h.room.choose(h.now)
	}
}

// heard is whom a listener got packets of.
func (h *hall) heard(listener int) map[uint32]bool {
	got := map[uint32]bool{}
	for _, w := range h.writers[listener] {
		if len(w.last.CSRC) == 1 && w.packets > 0 {
			got[w.last.CSRC[0]] = true
		}
		w.packets = 0
	}
	return got
}

func TestTheLoudestAreHeard(t *testing.T) {
	h := newHall(t, 500, 12)
	first := func(i int) bool { return i < 3 }
	h.speak(2*time.Second, first)
	h.heard(0)
	h.speak(100*time.Millisecond, first)
	got := h.heard(0)
	assert.Len(t, got, DefaultLoudest)
	for num := uint32(1); num <= 3; num++ {
		assert.True(t, got[num], "stream %d", num)
	}

	last := func(i int) bool { return i >= 8 } // four who were not forwarded
	h.speak(300*time.Millisecond, last)
	h.heard(0)
	h.speak(100*time.Millisecond, last)
	got = h.heard(0)
	assert.Len(t, got, DefaultLoudest)
	for num := uint32(9); num <= 12; num++ {
		assert.True(t, got[num], "stream %d is heard 300 ms after its member began to speak", num)
	}
	for i := range h.writers {
		if i > 0 {
			h.heard(i)
		}
	}
	h.speak(40*time.Millisecond, last)
	for i := range h.writers {
		require.Len(t, h.heard(i), DefaultLoudest, "listener %d", i)
	}
}

func TestRecordersHearEverybody(t *testing.T) {
	h := newHall(t, 1, 10)
	recorder, writers := newFakePeer(h.room, "recorder", fakeCodecs(t), 12, 0)
	recorder.SubscribeAudio(func(string) bool { return true }, true)
	h.writers = append(h.writers, writers)
	h.speak(200*time.Millisecond, func(i int) bool { return i < 2 })
	assert.Len(t, h.heard(1), 10)
	assert.Len(t, h.heard(0), DefaultLoudest)
}

func TestEverybodyIsHeardAgainWhenFewSpeak(t *testing.T) {
	h := newHall(t, 1, 9)
	h.speak(200*time.Millisecond, func(i int) bool { return i < 2 })
	assert.Len(t, h.heard(0), DefaultLoudest)
	h.speakers[0].Unpublish(1)
	h.speakers = h.speakers[1:]
	h.speak(200*time.Millisecond, func(int) bool { return false })
	assert.Len(t, h.heard(0), 8)
	assert.Nil(t, h.room.selection.chosen)
}

// BenchmarkHall is 20 ms of a room with 500 who listen and 10 who speak, without sockets.
func BenchmarkHall(b *testing.B) {
	h := newHall(b, 500, 10)
	for b.Loop() {
		h.speak(20*time.Millisecond, func(i int) bool { return i < 4 })
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500, "ns/listener")
}
