package audio

import (
	"slices"
	"time"

	"github.com/crvideo/crvideo-go/internal/codec"
)

// Ordered decodes packets that come in order, as soon as they come, and makes up for short gaps. It is for one goroutine.
type Ordered struct {
	decoder *Decoder
	begun   bool
	next    int64 // position after what was given last
	length  int64 // of the last packet
	pause   bool  // it said that nothing comes for a while
	filled  int64 // ticks of comfort since then
	ahead   int64 // ticks of comfort that were too many
	buffer  []int16
}

// NewOrdered returns a decoder to a format. count may be shared with others.
func NewOrdered(f Format, count *Counters) (*Ordered, error) {
	d, err := NewDecoder(f, count)
	if err != nil {
		return nil, err
	}
	return &Ordered{decoder: d, buffer: make([]int16, f.values(maxGuess)+d.MaxSamples())}, nil
}

// Decode returns the sound of a packet, with what is made up for those missing before it: at most 100 ms, since after a
// longer outage the listener wants to hear what is said now; of a pause a second. The result is valid until the next call.
func (o *Ordered) Decode(packet []byte, timestamp uint32, length time.Duration, missing int) []int16 {
	pos := o.next + int64(int32(timestamp-uint32(o.next)))
	gap, n := pos-o.next, 0
	last := ticksOf(length)
	switch {
	case !o.begun:
	case o.pause && gap < -maxPause: // another stream
		o.ahead = 0
	case o.pause && gap < 0:
		o.ahead = min(o.ahead-gap, maxPause)
	case o.pause:
		n = o.rest(packet, gap, last, missing)
	case missing > 0 && gap <= maxGuess:
		n = o.bridge(packet, gap, last, 0)
	}
	m, err := o.decoder.Decode(packet, o.buffer[n:])
	if err != nil {
		m = o.decoder.Conceal(last, o.buffer[n:])
	}
	o.begun, o.next, o.length = true, pos+last, last
	o.pause, o.filled = codec.IsPause(packet), 0
	return o.buffer[:n+m]
}

// bridge makes up for a gap of lost packets before this one, after n values.
func (o *Ordered) bridge(packet []byte, gap, last int64, n int) int {
	for gap > 0 {
		part := min(gap, last)
		if part <= 0 {
			break
		}
		if gap == part && codec.HasRedundancy(packet) {
			n += o.decoder.Recover(packet, part, o.buffer[n:])
		} else {
			n += o.decoder.Conceal(part, o.buffer[n:])
		}
		gap -= part
	}
	return n
}

// rest fills what has not been filled of a pause that ends with this packet.
func (o *Ordered) rest(packet []byte, gap, last int64, missing int) (n int) {
	lost := int64(0)
	if missing > 0 && codec.HasRedundancy(packet) {
		lost = min(gap, last)
	}
	gap = min(gap-lost, max(maxPause-o.filled, 0))
	gap -= o.repay(gap)
	o.buffer = slices.Grow(o.buffer[:0], o.decoder.format.values(gap+lost)+o.decoder.MaxSamples())
	o.buffer = o.buffer[:cap(o.buffer)]
	for ; gap > 0 && o.length > 0; gap -= min(gap, o.length) {
		n += o.decoder.Comfort(min(gap, o.length), o.buffer[n:])
	}
	return o.bridge(packet, lost, last, n)
}

// repay gives back what was given too much before, of a piece of a pause.
func (o *Ordered) repay(ticks int64) (paid int64) {
	paid = min(ticks, o.ahead)
	o.ahead -= paid
	return paid
}

// Paused tells whether the sender pauses: until its next packet Comfort is what is to be heard.
func (o *Ordered) Paused() bool { return o.begun && o.pause && o.filled < maxPause }

// Comfort continues a pause, for so long, with noise like that of before. It gives less, or nothing, if it has given too much
// before. The result is valid until the next call.
func (o *Ordered) Comfort(length time.Duration) []int16 {
	ticks := min(ticksOf(length), maxPause-o.filled, codec.MaxAudioSamples)
	if ticks <= 0 || !o.pause {
		return nil
	}
	o.filled += ticks
	o.next += ticks
	if ticks -= o.repay(ticks); ticks <= 0 {
		return nil
	}
	return o.buffer[:o.decoder.Comfort(ticks, o.buffer)]
}

// Close frees the decoder.
func (o *Ordered) Close() error { return o.decoder.Close() }
