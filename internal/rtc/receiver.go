package rtc

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// Bounds of what is kept for streams that nobody knows yet, and of what a peer can make us keep at all.
const (
	maxUnknownStreams = 64
	maxSlots          = 4096
	rememberedRemoved = 128 // streams whose late packets are recognised
)

// receiver takes packets from the network to the inlets: it finds the slot by SSRC, puts the packets in order, and
// finds the stream by CSRC. Its lock is held while packets are worked on and is never held while foreign code runs.
type receiver struct {
	mu      sync.Mutex
	poke    func() // wakes the feedback goroutine
	arrived *rtpkit.Arrivals
	firsts  *Firsts
	slots   map[uint32]*slot
	repairs map[uint32]uint32 // RTX SSRC to the SSRC it repeats
	inlets  map[uint32]*Inlet
	unknown []uint32 // streams with packets but without AddStream, oldest first
	removed []uint32 // the last removed streams
	closed  bool
	clock   rtpkit.RemoteClock // the server's
	cvoExt  uint8              // ID of the header extension that tells how pictures are turned, 0: none
	lvlExt  uint8              // ID of the one that tells how loud sound is
	numExt  uint8              // ID of the one that numbers all packets of the transport
	slack   time.Duration      // added to how long packets wait; tests that want every packet on a busy machine set it
}

func (r *receiver) init(poke func()) {
	r.poke, r.firsts = poke, &Firsts{}
	r.slots = make(map[uint32]*slot)
	r.repairs = make(map[uint32]uint32)
	r.inlets = make(map[uint32]*Inlet)
}

// declare takes note of a slot's SSRCs from the answer. Packets that come before it find their slot by themselves,
// repeated packets do not.
func (r *receiver) declare(ssrc, rtx uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ssrc != 0 && rtx != 0 {
		r.repairs[rtx] = ssrc
	}
}

// extension takes note of the ID of a negotiated header extension.
func (r *receiver) extension(uri string, id uint8) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch uri {
	case rtpkit.OrientationURI:
		r.cvoExt = id
	case rtpkit.LevelURI:
		r.lvlExt = id
	case rtpkit.TransportURI:
		r.numExt = id
	}
}

// onRTP is called for every packet, on the goroutine that reads from the network.
func (r *receiver) onRTP(_ uint32, raw []byte) {
	now := time.Now()
	pkt := &rtp.Packet{}
	if pkt.Unmarshal(bytes.Clone(raw)) != nil {
		return
	}
	codec, rtx, ok := rtpkit.ByPayloadType(pkt.PayloadType)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	if r.numExt != 0 && r.arrived.Received(pkt.SSRC, pkt.GetExtension(r.numExt), now) {
		r.poke()
	}
	ssrc := pkt.SSRC
	if rtx {
		ssrc = r.repairs[pkt.SSRC]
	}
	s := r.slots[ssrc]
	switch {
	case rtx && s == nil:
		return
	case rtx:
		if pkt.Payload, ok = rtpkit.UnwrapRTX(&pkt.Header, pkt.Payload, ssrc, uint8(codec.PayloadType)); !ok {
			return // a probe
		}
		if !s.gaps.Repaired(pkt.SequenceNumber) {
			return
		}
		s.repaired++
	case s == nil:
		if len(r.slots) >= maxSlots {
			return
		}
		s = newSlot(r, ssrc, codec.ClockRate)
		r.slots[ssrc] = s
		fallthrough
	default:
		wasOpen := s.gaps.Open()
		repeated := s.gaps.Missing(pkt.SequenceNumber)
		s.stats.Received(&pkt.Header, len(raw), now)
		if !s.gaps.Received(pkt.SequenceNumber, now) {
			return // twice, or too late
		}
		if repeated && s.asked {
			s.repaired++ // reordered, or repeated without RTX
		}
		if s.gaps.Open() > wasOpen {
			r.poke()
		}
	}
	switch {
	case s.video:
		s.push(pkt, codec.MimeType, now)
	case codec.MimeType != rtpkit.MimeRED || r.unpackRED(s, pkt, now):
		r.heard(s, pkt, now)
	}
}

// inlet finds or makes the inlet of a stream; nil for one that was removed.
func (r *receiver) inlet(num uint32) *Inlet {
	if in := r.inlets[num]; in != nil {
		return in
	}
	if slices.Contains(r.removed, num) {
		return nil
	}
	if len(r.unknown) >= maxUnknownStreams {
		delete(r.inlets, r.unknown[0])
		r.unknown = r.unknown[1:]
	}
	in := newInlet(r, num)
	r.inlets[num] = in
	r.unknown = append(r.unknown, num)
	return in
}

// senderReport takes note of a report about a slot.
func (r *receiver) senderReport(sr *rtcp.SenderReport) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.slots[sr.SSRC]; s != nil {
		now := time.Now()
		s.stats.SenderReport(sr, now)
		s.line.report(sr.RTPTime, r.clock.Local(sr.NTPTime, now))
	}
}

func (r *receiver) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, in := range r.inlets {
		in.end()
	}
	clear(r.inlets)
	clear(r.slots)
}

// AddStream tells of a published stream, so that it can be read. Packets that came before are not lost. Adding a
// stream twice returns the same inlet.
func (c *Conn) AddStream(num uint32, codec string) *Inlet {
	r := &c.rx
	r.mu.Lock()
	defer r.mu.Unlock()
	r.removed = slices.DeleteFunc(r.removed, func(n uint32) bool { return n == num })
	in := r.inlets[num]
	if in == nil {
		in = newInlet(r, num)
		r.inlets[num] = in
	}
	r.unknown = slices.DeleteFunc(r.unknown, func(n uint32) bool { return n == num })
	in.setCodec(codec)
	if r.closed {
		in.end()
	}
	return in
}

// RemoveStream ends a stream: its readers get what is queued and then io.EOF.
func (c *Conn) RemoveStream(num uint32) {
	r := &c.rx
	r.mu.Lock()
	defer r.mu.Unlock()
	in := r.inlets[num]
	if in == nil {
		return
	}
	delete(r.inlets, num)
	r.unknown = slices.DeleteFunc(r.unknown, func(n uint32) bool { return n == num })
	r.removed = append(r.removed, num)
	if extra := len(r.removed) - rememberedRemoved; extra > 0 {
		r.removed = slices.Delete(r.removed, 0, extra)
	}
	for _, s := range r.slots {
		if s.current == in {
			s.current = nil
		}
	}
	in.end()
}
