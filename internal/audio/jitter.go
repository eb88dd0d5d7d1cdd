package audio

import (
	"slices"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/codec"
)

const (
	maxHeld    = 64              // packets; more are too late anyway
	maxLeap    = 5 * Clock       // a jump of timestamps by more is another stream
	maxSpare   = Clock / 2       // more delay than this above the wanted one is dropped at once
	spareRoom  = Clock * 3 / 100 // so much is left alone
	spareAfter = Clock / 2       // so long there must have been more before sound is shortened
)

// Jitter turns the packets of one member, in whatever order and at whatever pace they come, into an even stream of PCM. It
// holds them back as long as the network of late demands, conceals what is missing when its time has come, and catches
// up again by leaving out whole periods of the sound. Push and Pull may run at the same time.
type Jitter struct {
	format Format
	count  *Counters

	mu     sync.Mutex // guards what follows; held briefly
	source uint32     // SSRC of the packets
	begun  bool
	topSeq int64
	topPos int64
	held   []jitterPacket // by position
	next   int64          // position of what is to be played next, while playing
	seq    int64          // number of the packet played last
	length int64          // of the packet played last
	play   bool
	ahead  int64 // ticks made up for what had not come yet
	spare  int64 // ticks played while there was more delay than is wanted
	pause  bool  // the packet played last said that nothing comes for a while
	filled int64 // ticks played since then
	delay  delay

	pulling sync.Mutex // guards what follows
	decoder *Decoder
	closed  bool
	buffer  []int16 // one packet, decoded
	rest    []int16 // what of it was not pulled yet
}

type jitterPacket struct {
	seq, pos, length int64
	data             []byte
}

// NewJitter returns a jitter buffer to a format. count may be shared with others.
func NewJitter(f Format, count *Counters) (*Jitter, error) {
	d, err := NewDecoder(f, count)
	if err != nil {
		return nil, err
	}
	return &Jitter{
		format: f, count: count, decoder: d, buffer: make([]int16, d.MaxSamples()),
		held: make([]jitterPacket, 0, maxHeld), length: Clock / 50,
	}, nil
}

// Push takes a packet as it comes from the network: of which RTP stream, its number, timestamp and length there, and when
// it came. The data is kept.
func (j *Jitter) Push(ssrc uint32, seq uint16, timestamp uint32, length time.Duration, data []byte, now time.Time) {
	if len(data) == 0 || length <= 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	p := jitterPacket{seq: j.topSeq + int64(int16(seq-uint16(j.topSeq))), pos: j.topPos + int64(int32(timestamp-uint32(j.topPos))), length: ticksOf(length), data: data}
	if d := p.pos - j.topPos; !j.begun || ssrc != j.source || d > maxLeap || d < -maxLeap {
		p.seq, p.pos = int64(seq), int64(timestamp)
		j.begun, j.source, j.play, j.pause = true, ssrc, false, false
		j.topSeq, j.topPos = p.seq, p.pos
		j.held = j.held[:0]
		j.delay = delay{}
	}
	j.delay.arrived(p.pos, p.length, p.seq-j.topSeq-1, now)
	j.topSeq, j.topPos = max(j.topSeq, p.seq), max(j.topPos, p.pos)
	if (j.play || j.pause) && p.pos < j.next {
		j.count.late.Add(1)
		return
	}
	i, twice := slices.BinarySearchFunc(j.held, p.pos, func(h jitterPacket, pos int64) int { return int(h.pos - pos) })
	if twice {
		return
	}
	if len(j.held) == maxHeld {
		if i == 0 {
			return
		}
		j.held = slices.Delete(j.held, 0, 1)
		i--
	}
	j.held = slices.Insert(j.held, i, p)
}

// Pull fills pcm with what is to be played now, or silence. It tells whether there was any sound.
func (j *Jitter) Pull(pcm []int16, now time.Time) (sound bool) {
	j.pulling.Lock()
	defer j.pulling.Unlock()
	for len(pcm) > 0 {
		if len(j.rest) == 0 && (j.closed || !j.step(now)) {
			clear(pcm)
			return sound
		}
		n := copy(pcm, j.rest)
		pcm, j.rest, sound = pcm[n:], j.rest[n:], true
		now = now.Add(j.format.Duration(n))
	}
	return sound
}

// step makes the next piece of sound; false: there is none.
func (j *Jitter) step(now time.Time) bool {
	p, length, what := j.take(now)
	n := 0
	switch what {
	case silent:
		return false
	case guess:
		n = j.decoder.Conceal(length, j.buffer)
	case comfort:
		n = j.decoder.Comfort(length, j.buffer)
	case rebuild:
		n = j.decoder.Recover(p.data, length, j.buffer)
	case late, playing:
		var err error
		if n, err = j.decoder.Decode(p.data, j.buffer); err != nil {
			n = j.decoder.Conceal(p.length, j.buffer)
		}
	}
	j.rest = j.buffer[:n]
	if what == late {
		j.rest = shorten(j.rest, j.format)
		j.count.shortened.Add(j.format.ticks(n - len(j.rest)))
	}
	return len(j.rest) > 0
}

type piece int

const (
	silent  piece = iota // nothing to play
	playing              // the packet
	late                 // the packet, shortened
	rebuild              // what is missing right before the packet, from what the packet has of it
	guess                // something that is missing
	comfort              // noise like that of before: the sender pauses
)

// take decides what is played next, and, unless it is a packet, for how long.
func (j *Jitter) take(now time.Time) (p jitterPacket, length int64, what piece) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.play && !j.start(now) {
		return p, j.length, j.rests()
	}
	wanted := j.delay.wanted()
	j.count.delay.Store(wanted)
	lag := j.delay.lag(j.next, now)
	if len(j.held) == 0 && j.pause {
		return p, j.length, j.rests()
	}
	if len(j.held) == 0 {
		return p, j.length, j.wait()
	}
	p = j.held[0]
	gap := p.pos - j.next
	if gap > 0 && (p.seq == j.seq+1 || j.pause) { // the sender paused
		return p, j.length, j.rests()
	}
	if paid := min(gap, j.ahead); paid > 0 { // the listener has heard something for it already
		j.next, j.ahead, gap = j.next+paid, j.ahead-paid, gap-paid
	}
	switch {
	case gap <= 0:
	case gap > maxGuess: // an outage: go on with what there is now
		j.next = p.pos
	case gap <= p.length && codec.HasRedundancy(p.data):
		j.next += gap
		return p, gap, rebuild
	case lag < wanted: // it may still come: that is what the delay is for
		return p, j.length, j.wait()
	default:
		length = min(gap, j.length)
		j.next += length
		return p, length, guess
	}
	for lag-wanted > maxSpare && len(j.held) > 1 { // a stall is over: its sound is too old
		j.count.shortened.Add(j.held[1].pos - p.pos)
		lag -= j.held[1].pos - p.pos
		j.held = slices.Delete(j.held, 0, 1)
		p = j.held[0]
	}
	j.held = slices.Delete(j.held, 0, 1)
	j.next, j.seq, j.length, j.ahead = p.pos+p.length, p.seq, p.length, 0
	j.pause, j.filled = codec.IsPause(p.data), 0
	if lag-wanted <= spareRoom {
		j.spare = 0
	} else if j.spare += p.length; j.spare > spareAfter {
		return p, 0, late
	}
	return p, 0, playing
}

// start begins to play when the first packet has been held back for long enough, with mu held. If the one before it is missing and
// can be rebuilt, it begins with that one.
func (j *Jitter) start(now time.Time) bool {
	if len(j.held) == 0 {
		return false
	}
	first := j.held[0]
	pos := first.pos
	if j.pause && first.seq > j.seq+1 && pos-first.length >= j.next && codec.HasRedundancy(first.data) {
		pos -= first.length
	}
	if j.delay.lag(pos, now) < j.delay.wanted() {
		return false
	}
	j.play, j.next, j.seq = true, pos, first.seq-1
	j.ahead, j.spare, j.pause = 0, 0, false
	return true
}

// rests tells what is played while the sender pauses, with mu held.
func (j *Jitter) rests() piece {
	j.play = false
	if !j.pause || j.filled+j.length > maxPause {
		return silent
	}
	j.filled += j.length
	return comfort
}

// wait makes something up while a packet is late, but not for ever, with mu held.
func (j *Jitter) wait() piece {
	if j.ahead+j.length > maxGuess {
		j.play = false
		return silent
	}
	j.ahead += j.length
	return guess
}

// Close frees the decoder. Nothing comes any more.
func (j *Jitter) Close() error {
	j.pulling.Lock()
	defer j.pulling.Unlock()
	if j.closed {
		return nil
	}
	j.closed = true
	return j.decoder.Close()
}
