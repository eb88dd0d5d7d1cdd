//go:build !cgo || !((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package codec

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tphakala/go-opus/opus"
)

// goOpusEncoder encodes in Go, with the part of Opus that is made for all sound (CELT). It has none of the part that is made for
// voices alone, and so no forward error correction.
type goOpusEncoder struct {
	mu             sync.Mutex
	engine         *opus.Encoder // nil after Close
	rate, channels int
	bitrate        int
	dtx            bool
	silent         time.Duration // since the last sound, or since a packet was sent in the pause
	toc            byte          // of the last packet: what is left out says that it is of the same kind
}

// The library fixes the bitrate when an encoder is made, but it lowers it, from one frame to the next and with nothing lost of
// what it remembers, to what the packet has room for. So the encoder is made for the most, and the room says how much it is.
const (
	lowestBitrate  = 6000
	highestBitrate = 510000
	leastOpus      = 3 // bytes: with less a packet says nothing but that there is a frame
	mostOpus       = 1276
	severalOpus    = 3 // in a packet's first byte: there are several frames, and their number follows
)

// goOpusEffort is how hard the library tries, 1 to 10. With 5, the least that follows the pitch of a voice, speech is 3.5 dB
// closer than with 4, and with 10 another 0.2 dB in twice the time.
const goOpusEffort = 5

func newOpusEncoder(rate, channels, bitrate int) (AudioEncoder, error) {
	engine, err := opus.NewEncoder(opus.EncoderConfig{SampleRate: rate, Channels: channels, Bitrate: highestBitrate, Complexity: goOpusEffort})
	if err != nil {
		return nil, fmt.Errorf("opus encoder: start: %w", err)
	}
	e := &goOpusEncoder{engine: engine, rate: rate, channels: channels}
	if err := e.SetBitrate(bitrate); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *goOpusEncoder) Encode(pcm []int16, out []byte) (int, error) {
	if err := checkFrame(pcm, e.channels, out); err != nil {
		return 0, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return 0, ErrClosed
	}
	if e.rests(pcm) {
		out[0] = e.toc
		return 1, nil
	}
	samples, single := len(pcm)/e.channels, e.rate/50
	room := min(e.bitrate*samples/(8*e.rate), len(out))
	var n int
	var err error
	if samples == 2*single || samples == 3*single {
		n, err = e.several(pcm, out, room, samples/single)
	} else {
		n, err = e.engine.Encode(pcm, out[:min(max(room, leastOpus), mostOpus, len(out))])
	}
	if err != nil {
		return 0, fmt.Errorf("opus encoder: frame of %d samples: %w", samples, err)
	}
	e.toc = out[0] &^ severalOpus
	return n, nil
}

// several makes one packet of frames of 20 ms, all but the last with its length before it (RFC 6716, 3.2.5). mu is held.
func (e *goOpusEncoder) several(pcm []int16, out []byte, room, frames int) (int, error) {
	const lengths, wide = 0x80, 252
	head, step := 2+2*(frames-1), len(pcm)/frames
	each := min(max((room-head)/frames+1, leastOpus), mostOpus)
	if len(out) < head+frames*(each-1) {
		return 0, fmt.Errorf("no room for the packet in %d bytes", len(out))
	}
	coded := make([][]byte, frames)
	for i := range coded {
		frame := make([]byte, each)
		size, err := e.engine.Encode(pcm[i*step:(i+1)*step], frame)
		if err != nil {
			return 0, err
		}
		if coded[i] = frame[:size]; coded[i][0] != coded[0][0] {
			return 0, errors.New("its parts have different forms")
		}
	}
	n := copy(out, []byte{coded[0][0] | severalOpus, lengths | byte(frames)})
	for _, frame := range coded[:frames-1] {
		if size := len(frame) - 1; size < wide {
			n += copy(out[n:], []byte{byte(size)})
		} else {
			n += copy(out[n:], []byte{byte(wide + size&3), byte((size - wide - size&3) >> 2)})
		}
	}
	for _, frame := range coded {
		n += copy(out[n:], frame[1:])
	}
	return n, nil
}

func (e *goOpusEncoder) SetBitrate(bps int) error {
	if bps < lowestBitrate || bps > highestBitrate {
		return fmt.Errorf("opus encoder: bitrate %d bit/s, want %d to %d", bps, lowestBitrate, highestBitrate)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return ErrClosed
	}
	e.bitrate = bps
	return nil
}

// SetLoss changes nothing: there is no error correction that could do with more of the bitrate.
func (e *goOpusEncoder) SetLoss(float64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return ErrClosed
	}
	return nil
}

// The library knows no DTX: what is hardly to be heard is a pause, and of it frames are left out as libopus does it.
const (
	pauseAfter = 200 * time.Millisecond
	pauseEvery = 400 * time.Millisecond // one is encoded
)

func (e *goOpusEncoder) SetDTX(on bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.engine == nil {
		return ErrClosed
	}
	if e.dtx != on {
		e.dtx, e.silent = on, 0
	}
	return nil
}

// rests tells whether a frame is left out.
func (e *goOpusEncoder) rests(pcm []int16) bool {
	if !e.dtx || !quiet(pcm) {
		e.silent = 0
		return false
	}
	length := time.Duration(len(pcm)/e.channels) * time.Second / time.Duration(e.rate)
	e.silent += length
	if e.silent > pauseAfter+pauseEvery+length {
		e.silent = pauseAfter + length
	}
	return e.toc != 0 && e.silent > pauseAfter && e.silent <= pauseAfter+pauseEvery
}

func (e *goOpusEncoder) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.engine = nil
	return nil
}
