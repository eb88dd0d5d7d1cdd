package audio

import (
	"sync/atomic"
	"time"
)

// Counters tell what had to be made up for a stream, summed over everybody who listens to it. They may be read at any time.
type Counters struct {
	concealed atomic.Int64 // ticks that were guessed
	recovered atomic.Int64 // ticks that came from redundancy in a later packet
	late      atomic.Int64 // packets that came after their time
	shortened atomic.Int64 // ticks left out to catch up
	delay     atomic.Int64 // ticks between arrival and playing that the last listener aims at
}

// Counts are the counters at one moment.
type Counts struct {
	Concealed time.Duration // sound that never came in time and was guessed
	Recovered time.Duration // sound that never came in time and was rebuilt from redundancy in a later packet
	Late      uint64        // packets that came after their time
	Shortened time.Duration // sound left out to catch up after a delay
	Delay     time.Duration // how long the jitter buffer holds packets back; 0: nobody plays the stream
}

// Read returns the counts so far.
func (c *Counters) Read() Counts {
	return Counts{
		Concealed: timeOf(c.concealed.Load()), Recovered: timeOf(c.recovered.Load()), Late: uint64(c.late.Load()),
		Shortened: timeOf(c.shortened.Load()), Delay: timeOf(c.delay.Load()),
	}
}
