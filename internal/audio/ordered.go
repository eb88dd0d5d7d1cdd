package audio

import (
	"time"

	"github.com/crvideo/crvideo-go/internal/codec"
)

// Ordered decodes packets that come in order, as soon as they come, and makes up for short gaps. It is for one goroutine.
type Ordered struct {
	decoder *Decoder
	begun   bool
	next    int64 // position after the last packet
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
// longer outage the listener wants to hear what is said now. The result is valid until the next call.
func (o *Ordered) Decode(packet []byte, timestamp uint32, length time.Duration, missing int) []int16 {
	pos := o.next + int64(int32(timestamp-uint32(o.next)))
	gap, n := pos-o.next, 0
	last := ticksOf(length)
	if o.begun && missing > 0 && gap > 0 && gap <= maxGuess {
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
	}
	m, err := o.decoder.Decode(packet, o.buffer[n:])
	if err != nil {
		m = o.decoder.Conceal(last, o.buffer[n:])
	}
	o.begun, o.next = true, pos+last
	return o.buffer[:n+m]
}

// Close frees the decoder.
func (o *Ordered) Close() error { return o.decoder.Close() }
