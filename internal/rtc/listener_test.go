package rtc

import (
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// arrivals keeps the numbers of packets as they come.
type arrivals struct {
	mu      sync.Mutex
	numbers []uint16
	length  time.Duration
}

func (a *arrivals) Push(_ uint32, seq uint16, _ uint32, length time.Duration, _ []byte, _ time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.numbers, a.length = append(a.numbers, seq), length
}

func (a *arrivals) all() []uint16 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]uint16(nil), a.numbers...)
}

// What is lost holds up the readers, who get it repeated, but no listener.
func TestListenersHearPacketsAsTheyCome(t *testing.T) {
	c, p := pair(t, Config{})
	slot := p.audio()[0]
	in := c.AddStream(7, "audio/opus")
	var a arrivals
	stop := in.Listen(&a)
	first := slot.seq
	slot.lose(false, func(seq uint16) bool { return seq == first+1 })
	for n := range 4 {
		slot.send(7, "audio/opus", frame("audio/opus", n, 80, false), 960)
	}
	require.Eventually(t, func() bool { return len(a.all()) == 4 }, patience, time.Millisecond, "the lost one comes by repetition")
	assert.Equal(t, []uint16{first, first + 2, first + 3, first + 1}, a.all())
	assert.Equal(t, 20*time.Millisecond, a.length)
	stop()
	stop()
	r := in.Samples(0)
	slot.send(7, "audio/opus", frame("audio/opus", 5, 80, false), 960)
	for range 5 {
		_, err := r.Read(reading(t))
		require.NoError(t, err)
	}
	assert.Len(t, a.all(), 4)
}

func TestLoudnessIsToldByTheSender(t *testing.T) {
	c, p := pair(t, Config{})
	slot := p.audio()[0]
	in := c.AddStream(7, "audio/opus")
	_, ok := in.Loudness()
	assert.False(t, ok)
	c.rx.mu.Lock()
	id := c.rx.lvlExt
	c.rx.mu.Unlock()
	require.NotZero(t, id)
	pkt := &rtp.Packet{
		Header:  rtp.Header{Version: 2, PayloadType: 111, SSRC: uint32(slot.ctx.SSRC()), SequenceNumber: slot.seq, CSRC: []uint32{7}},
		Payload: frame("audio/opus", 0, 80, false),
	}
	require.NoError(t, pkt.SetExtension(id, []byte{rtpkit.LevelByte(20)}))
	_, err := slot.ctx.WriteStream().WriteRTP(&pkt.Header, pkt.Payload)
	require.NoError(t, err)
	var power float64
	require.Eventually(t, func() bool { power, ok = in.Loudness(); return ok }, patience, time.Millisecond)
	assert.InDelta(t, audio.PowerOf(20), power, 1e-9)
}

// A loss that is not repaired is told with the sample after it.
func TestSamplesTellWhatIsMissing(t *testing.T) {
	c, p := pair(t, Config{})
	slot := p.audio()[0]
	r := c.AddStream(7, "audio/opus").Samples(0)
	first := slot.seq
	slot.lose(true, func(seq uint16) bool { return seq == first+1 || seq == first+2 })
	for n := range 5 {
		slot.send(7, "audio/opus", frame("audio/opus", n, 80, false), 960)
	}
	for _, want := range []int{0, 2, 0} {
		s, err := r.Read(reading(t))
		require.NoError(t, err)
		assert.Equal(t, want, s.Missing)
	}
}
