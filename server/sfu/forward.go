package sfu

import (
	"strings"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// forwardedHeader is the size of the header of forwarded packets: no extensions, one CSRC.
const forwardedHeader = 16

// pauseBytes is how many bytes of sound say that the sender pauses (Opus DTX), at most.
const pauseBytes = 2

// forward sends a packet of t, rewritten into the slot's own sequence. It tells whether it did.
func (s *slot) forward(t *track, p *packet) bool {
	if !s.peer.live.Load() {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.track != t && !s.turns(t, p) || !s.ready || s.closed {
		return false
	}
	if !s.started || s.epoch != p.epoch || p.seq-s.top > maxLeap { // the last: the client was away
		if !s.begin(t, p) {
			return false
		}
	}
	if p.seq < s.first {
		return false // was reordered, from before the start
	}
	s.header.Marker = p.header.Marker
	s.header.SequenceNumber = uint16(p.seq) + s.seqOffset // wraps
	s.header.Timestamp = p.header.Timestamp + s.tsOffset
	pt, payload := s.fits(p.header.PayloadType, p.payload)
	s.header.PayloadType = pt
	s.describe(t, &s.header)
	s.stamp(&s.header, len(payload), 0, p.now)
	if err := s.write(payload); err != nil {
		s.counts.failed++ // the connection is about to end
		return false
	}
	s.stats.Sent(&s.header, len(payload), p.now)
	s.twice(p, payload)
	if p.seq >= s.top {
		s.top, s.lastSeq, s.lastTS, s.lastAt = p.seq, s.header.SequenceNumber, s.header.Timestamp, p.now
		if s.vp8 {
			s.lastVP8 = rtpkit.ReadVP8Numbers(p.payload).Plus(s.shift)
		}
	}
	return true
}

// write sends a payload with the numbers that are due in this slot, and leaves it as it was for the other ones.
func (s *slot) write(payload []byte) error {
	rtpkit.ShiftVP8Numbers(payload, s.shift)
	_, err := s.writer.WriteRTP(&s.header, payload)
	rtpkit.ShiftVP8Numbers(payload, rtpkit.VP8Numbers{}.Minus(s.shift))
	return err
}

// twice sends packets of sound once more with the next one, to a client that loses many; one that was late itself, whose next
// ones have been sent, at once. The slot's lock is held.
func (s *slot) twice(p *packet, payload []byte) {
	if s.kind != webrtc.RTPCodecTypeAudio || s.header.PayloadType == s.redPT { // RED has them in it
		return
	}
	seq := s.header.SequenceNumber // which resend leaves alone
	back := s.again.Back(s.stats.Snapshot().FractionLost, s.peer.down.repeatingSound, p.now)
	if len(back) > 0 && p.seq < s.top {
		s.resend(seq, 0, &s.spare, p.now)
		return
	}
	for _, n := range back {
		s.resend(seq-n, 0, &s.spare, p.now)
	}
	if len(back) > 0 && len(payload) <= pauseBytes { // nothing follows it for a while
		s.resend(seq, 0, &s.spare, p.now)
	}
}

// begin starts the stream in the slot with this packet, if it can start with it: sequence numbers go on where they
// were, timestamps by the time that passed.
func (s *slot) begin(t *track, p *packet) bool {
	if t.kind == webrtc.RTPCodecTypeVideo && !p.isKey() {
		s.counts.gated++
		if s.started = false; !s.waiting {
			s.setWaiting(true)
			t.keys.want(t)
		}
		return false
	}
	s.setWaiting(false)
	s.started, s.epoch, s.first, s.top = true, p.epoch, p.seq, p.seq
	s.seqOffset = s.lastSeq + 1 - uint16(p.seq) // wraps
	offset, known := s.before.offset(t, p.header.Timestamp, s.lastTS, p.now.Sub(s.lastAt))
	if timestamp := s.lastTS; !known {
		if !s.lastAt.IsZero() {
			timestamp += max(1, ticks(p.now.Sub(s.lastAt), t.clock))
		}
		offset = timestamp - p.header.Timestamp
	} else if ahead := int32(p.header.Timestamp + offset - s.lastTS); ahead <= 0 { // wraps
		offset += uint32(1 - ahead) // the same picture once more
	}
	s.tsOffset = offset
	s.shift = rtpkit.VP8Numbers{}
	if s.vp8 = strings.EqualFold(t.codec, webrtc.MimeTypeVP8); s.vp8 && !s.lastAt.IsZero() {
		s.shift = s.lastVP8.Next().Minus(rtpkit.ReadVP8Numbers(p.payload))
	}
	s.peer.reportSoon.Store(true)
	s.peer.room.wakeUp()
	return true
}

// ticks converts a time to units of an RTP clock.
func ticks(d time.Duration, clock uint32) uint32 {
	whole, rest := d/time.Second, d%time.Second
	return uint32(int64(whole)*int64(clock) + int64(rest)*int64(clock)/int64(time.Second)) // wraps
}

const (
	maxRepeatsPerNack = 128  // packets one NACK can ask for
	repeatsPerSecond  = 1024 // packets a slot repeats at most
	maxPayload        = 1600 // bytes; longer payloads cannot be repeated
)

// repeatBuffer is what a peer's slots repeat packets with, all on the goroutine that reads RTCP.
type repeatBuffer struct {
	payload []byte // two free bytes, then the payload
}

// repeat sends a packet again that the client lost, as RTX if that was negotiated. Whatever the ring does not have is
// asked for upstream already.
func (s *slot) repeat(seq uint16, b *repeatBuffer, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts.mayRepeat(now) && s.inTime(seq, now) && s.resend(seq, 0, b, now) > 0 {
		s.counts.repeated++
		s.peer.room.sfu.totals.repeated.Add(1)
	}
}

// inTime tells whether to repeat a packet now on a path that carries little. The slot's lock is held.
func (s *slot) inTime(seq uint16, now time.Time) bool {
	wait, bps := s.peer.down.repeating()
	size := 0
	if s.track != nil {
		size = s.track.ring.Size(seq - s.seqOffset)
	}
	return s.repeats.May(seq, size, wait, bps, now)
}

// resend sends a packet again, and tells its size; 0 if it cannot. The slot's lock is held.
func (s *slot) resend(seq uint16, probe uint8, b *repeatBuffer, now time.Time) int {
	if b.payload == nil {
		b.payload = make([]byte, 2+maxPayload)
	}
	t := s.track
	if t == nil || !s.started || !s.ready || s.closed {
		return 0
	}
	sent := s.current()
	from := &sent
	if !from.has(seq) {
		if from = &s.before; !from.has(seq) {
			return 0 // of another stream, or never sent
		}
	}
	h := &s.rtxHeader
	n, ok := from.track.ring.Load(seq-from.seqOffset, h, b.payload[2:])
	if !ok {
		return 0
	}
	h.SequenceNumber, h.Timestamp = seq, h.Timestamp+from.tsOffset
	h.CSRC = append(h.CSRC[:0], t.num)
	s.describe(t, h)
	body := b.payload[:2+n]
	rtpkit.ShiftVP8Numbers(body[2:], from.shift)
	if s.rtxPT != 0 && s.rtxSSRC != 0 {
		rtpkit.WrapRTX(h, body, s.rtxSSRC, s.rtxPT, s.rtxSeq)
		s.rtxSeq++
	} else {
		h.SSRC = s.ssrc
		h.PayloadType, body = s.fits(h.PayloadType, body[2:])
	}
	s.stamp(h, len(body), probe, now)
	if _, err := s.writer.WriteRTP(h, body); err != nil {
		return 0
	}
	return len(body) + forwardedHeader
}
