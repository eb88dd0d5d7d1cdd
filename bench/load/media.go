package load

import (
	"context"
	"encoding/hex"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Frame is an access unit of H.264 (Annex B) or a packet of Opus.
type Frame struct {
	Data     []byte
	Duration time.Duration
	Key      bool
}

// Level is the RFC 6464 level of the sound that is sent: speech.
const Level = 20

// Parameter sets of 640x360, constrained baseline, and a packet of a tone of 440 Hz, made by openh264 and libopus.
var (
	parameterSets = unhex("000000016742c01e8c8d405017bcb00f08846a0000000168ce3c80")
	tone          = unhex("78f6e53633236b61ba8605e8c496dae2f83ecda3f7b7c7e733226d473b148c4798d5aeeb8d78e2d49ec83613790c0b15" +
		"894d72d61a1241152cd6f0d6d6212bc5b015a143e8470f95b00c459f4aa69f9af923e10d5e")
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// IsKeyFrame tells whether an RTP payload of H.264 begins a key frame.
func IsKeyFrame(payload []byte) bool {
	if len(payload) < 2 {
		return false
	}
	switch payload[0] & 0x1f {
	case 5, 7:
		return true
	case 24: // several in one packet
		return len(payload) > 3 && payload[3]&0x1f == 7
	case 28: // a part of one
		return payload[1]&0x80 != 0 && payload[1]&0x1f == 5
	}
	return false
}

// Stream is what a publisher sends: frames of one size at an even pace, and a key frame first and whenever one is wanted.
type Stream struct {
	Kind  Kind
	Every time.Duration // between frames
	Size  int           // bytes of a frame of video
}

// The streams of the scenarios.
var (
	Speech  = Stream{Kind: Audio, Every: 20 * time.Millisecond}
	Packets = Stream{Kind: Video, Every: time.Millisecond, Size: 1000}               // one packet each
	Picture = Stream{Kind: Video, Every: time.Second / 30, Size: 1_000_000 / 8 / 30} // 1 Mbit/s
)

// sender writes a Stream to a Track.
type sender struct {
	track  Track
	sent   atomic.Uint64
	wanted atomic.Bool
	stop   context.CancelFunc
	done   chan struct{}
}

// send begins to write. keyFrame, if not nil, is where requests for key frames are told.
func send(ctx context.Context, t Track, s Stream, keyFrame *atomic.Pointer[func()]) *sender {
	ctx, cancel := context.WithCancel(ctx)
	w := &sender{track: t, stop: cancel, done: make(chan struct{})}
	if keyFrame != nil {
		ask := func() { w.wanted.Store(true) }
		keyFrame.Store(&ask)
	}
	w.wanted.Store(true)
	go func() {
		defer close(w.done)
		w.run(ctx, s)
	}()
	return w
}

func (w *sender) run(ctx context.Context, s Stream) {
	key, delta := picture(s.Size, true), picture(s.Size, false)
	begin := time.Now()
	tick := time.NewTicker(min(s.Every, 5*time.Millisecond))
	defer tick.Stop()
	for n := 0; ; n++ {
		for time.Since(begin) < time.Duration(n)*s.Every {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
		f := Frame{Data: tone, Duration: s.Every, Key: true}
		if s.Kind == Video {
			f.Data, f.Key = delta, w.wanted.Swap(false)
			if f.Key {
				f.Data = key
			}
		}
		if err := w.track.Write(ctx, f); err != nil {
			return
		}
		w.sent.Add(1)
	}
}

// close ends the stream and its track.
func (w *sender) close() {
	w.stop()
	<-w.done
	w.track.Close()
}

// picture makes an access unit that looks like a picture to whoever does not decode it.
func picture(size int, key bool) []byte {
	var out []byte
	kind := byte(0x41)
	if key {
		out = append(out, parameterSets...)
		kind, size = 0x65, max(4*size, 4000)
	}
	out = append(out, 0, 0, 0, 1, kind)
	noise := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same noise every time
	for range size {
		out = append(out, byte(1+noise.IntN(255))) // no start codes
	}
	return out
}
