package rtc

import (
	"slices"
	"strings"
	"time"

	"github.com/pion/rtp"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// What is kept of a stream until its first reader comes, to bridge the time until AddStream and Samples are called: of
// sound the newest packets, of pictures the newest key frame and what follows it. More would only be late.
const (
	heldAudio = 15 // packets
	heldSound = rtpkit.OpusClockRate / 2
	heldVideo = 512
	heldAge   = time.Second // of the key frame
)

// How often a key frame is asked for.
const (
	keyFrameRetry    = 500 * time.Millisecond // until it comes
	keyFrameInterval = 100 * time.Millisecond // at most, however often it is wished for
)

// Inlet is one published stream as it is received.
type Inlet struct {
	r     *receiver
	num   uint32
	codec string // as AddStream said; "" before
	video bool

	slot     *slot // that carried its last packet
	previous *slot // that it was in before
	held     []*rtp.Packet
	heldAt   time.Time // when the first of them came
	read     bool      // has or had readers
	ended    bool
	packets  []*PacketReader
	samples  []*SampleReader
	asm      *assembler // while there are sample readers

	keyWanted bool
	keyAsked  time.Time
	nextKey   time.Time // not before
	keyTS     uint32    // timestamp of the last key frame
	keySeen   bool
	rotation  int // degrees, as the sender said last
	listeners []Listener
	loud      audio.Meter

	// Sound is what listeners and decoders of the stream count.
	Sound audio.Counters
	// Shown is what decoders of the stream saw last.
	Shown  Size
	stats  InStats
	rate   meter
	motion motion
}

func newInlet(r *receiver, num uint32) *Inlet { return &Inlet{r: r, num: num} }

func (in *Inlet) setCodec(codec string) {
	if in.codec == "" {
		in.codec = codec
		in.video = strings.HasPrefix(strings.ToLower(codec), "video/")
	}
}

// Codec returns the stream's mime type.
func (in *Inlet) Codec() string { return in.codec }

// Num returns the stream's number.
func (in *Inlet) Num() uint32 { return in.num }

// push takes the next packet in order.
func (in *Inlet) push(s *slot, pkt *rtp.Packet, mime string, now time.Time) {
	in.stats.Packets++
	in.stats.Bytes += uint64(pkt.MarshalSize()) // not negative
	in.stats.LastPacket = now
	if in.ended || len(pkt.Payload) == 0 {
		return // padding
	}
	if in.codec != "" && !strings.EqualFold(in.codec, mime) {
		in.stats.Dropped++
		return
	}
	key := s.video && rtpkit.IsKeyFrame(mime, pkt.Payload) && (!in.keySeen || pkt.Timestamp != in.keyTS || in.slot != s)
	if in.slot != s {
		if s.video && s == in.previous && !key {
			in.stats.Dropped++ // waited for a repetition while the stream went on elsewhere, from a key frame on
			return
		}
		if in.slot != nil && in.asm != nil {
			in.asm.moved()
		}
		if s.video && !key {
			in.held = nil // what comes now does not follow it
		}
		in.slot, in.previous = s, in.slot
		if in.keyWanted {
			in.r.poke() // there is somebody to ask now
		}
	}
	if key {
		in.keySeen, in.keyTS, in.keyWanted = true, pkt.Timestamp, false
		in.stats.KeyFrames++
		in.r.firsts.KeyFrame.note(now)
	}
	switch {
	case !s.video:
		in.r.firsts.Audio.note(now)
	case pkt.Marker && in.keySeen:
		in.r.firsts.Picture.note(now)
		if frozen := in.motion.moved(now); frozen > 0 {
			in.stats.Freezes++
			in.stats.Frozen += frozen
		}
	}
	if id := in.r.cvoExt; id != 0 && pkt.Extension {
		if e := pkt.GetExtension(id); len(e) == 1 {
			in.rotation, _ = rtpkit.Rotation(e[0])
		}
	}
	if in.read {
		in.deliver(pkt, key, now)
	} else {
		in.hold(pkt, s.video, key, now)
	}
}

// hold keeps a packet for the first reader. Pictures are kept from a key frame on; too many of them are worth nothing.
func (in *Inlet) hold(pkt *rtp.Packet, video, key bool, now time.Time) {
	switch {
	case video && key:
		in.held, in.heldAt = append(in.held[:0], pkt), now
		return
	case video && len(in.held) == 0:
		return
	case video && (len(in.held) >= heldVideo || now.Sub(in.heldAt) > heldAge):
		in.stats.Dropped += uint64(len(in.held))
		in.held = nil
		return
	case !video: // of a member who pauses the packets are far apart
		for len(in.held) > 0 && (len(in.held) >= heldAudio || pkt.Timestamp-in.held[0].Timestamp > heldSound) {
			in.stats.Dropped++
			in.held = slices.Delete(in.held, 0, 1)
		}
	}
	in.held = append(in.held, pkt)
}

func (in *Inlet) deliver(pkt *rtp.Packet, key bool, now time.Time) {
	for _, p := range in.packets {
		if p.q.push(pkt, key) {
			in.wantKey()
		}
	}
	if in.asm != nil {
		in.asm.push(pkt, key, now)
	}
}

// gap tells that packets of a slot are lost for good. If the stream is in another one by now they do not matter.
func (in *Inlet) gap(s *slot, lost int) {
	in.stats.Lost += uint64(max(lost, 0)) // not negative
	if in.slot != s {
		return
	}
	if !in.read && s.video {
		in.held = nil
	}
	if in.asm != nil {
		in.asm.lost(max(lost, 0))
	}
	if in.video && len(in.packets)+len(in.samples) > 0 {
		in.wantKey()
	}
}

// wantKey makes the feedback goroutine ask for a key frame until it comes.
func (in *Inlet) wantKey() {
	if in.video && !in.keyWanted && !in.ended {
		in.keyWanted, in.nextKey = true, in.keyAsked.Add(keyFrameInterval)
		in.r.poke()
	}
}

// keyDue tells how long it is until a key frame is to be asked for, and from which SSRC; false: not at all. When it is
// due now, it takes it as asked.
func (in *Inlet) keyDue(now time.Time) (ssrc uint32, wait time.Duration, wanted bool) {
	if !in.keyWanted || in.slot == nil {
		return 0, 0, false
	}
	if wait = in.nextKey.Sub(now); wait <= 0 {
		in.keyAsked, in.nextKey = now, now.Add(keyFrameRetry)
		in.stats.PLIs++
	}
	return in.slot.ssrc, wait, true
}

// Resume tells that pictures may come again which were not wanted for a while.
func (in *Inlet) Resume() {
	in.r.mu.Lock()
	defer in.r.mu.Unlock()
	in.motion.last = time.Time{}
}

// RequestKeyFrame asks the sender for a key frame, again every 500 ms until one comes. It does nothing for sound.
func (in *Inlet) RequestKeyFrame() {
	in.r.mu.Lock()
	defer in.r.mu.Unlock()
	in.wantKey()
}

// end closes the readers.
func (in *Inlet) end() {
	in.ended, in.keyWanted, in.asm, in.held = true, false, nil, nil
	for _, p := range in.packets {
		p.q.end()
	}
	for _, s := range in.samples {
		s.q.end()
	}
	in.packets, in.samples, in.listeners = nil, nil, nil
}
