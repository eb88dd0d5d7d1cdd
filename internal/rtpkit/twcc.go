package rtpkit

import (
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
)

// TransportURI names the header extension that numbers all packets of a transport, so that the receiver can tell when
// each of them arrived (draft-holmer-rmcat-transport-wide-cc-extensions-01).
const TransportURI = sdp.TransportCCURI

// A receiver of numbered packets tells when they arrived after every feedbackPackets, not more often than each
// feedbackQuick and not more seldom than each feedbackSlow.
const (
	feedbackPackets = 10
	feedbackQuick   = 50 * time.Millisecond
	feedbackSlow    = 200 * time.Millisecond
)

const (
	historySize  = 1024 // packets under way at most: half a second of 20 Mbit/s
	historyFirst = 64   // and at first; both are powers of two
	maxStatuses  = 400  // packets in one feedback, so that it fits a datagram
	deltaUnit    = 250 * time.Microsecond
	referenceLen = 64 * time.Millisecond
	// wireOverhead is what RTP payload and header do not show: SRTP, UDP and IPv4.
	wireOverhead = 16 + 8 + 20
)

// Departures numbers the packets of a transport and remembers when they left. It may be used by any goroutine; the zero
// value is ready.
type Departures struct {
	mu   sync.Mutex
	next uint16
	sent []departure // nil before the first packet
}

type departure struct {
	at    time.Duration // since epoch
	size  uint32        // bytes on the wire, 0: was accounted for, or never sent
	seq   uint16
	probe uint8 // of this probe, 0: media
}

// epoch makes times small and monotonic.
var epoch = time.Now()

// Sent gives a packet its number. size is that of its payload and header; probe is not 0 for padding.
func (d *Departures) Sent(size int, probe uint8, now time.Time) uint16 {
	d.mu.Lock()
	if d.sent == nil {
		d.sent = make([]departure, historyFirst)
	}
	seq := d.next
	d.next++
	if place(d.sent, seq).size > 0 && len(d.sent) < historySize { // more are under way than there is room for
		more := make([]departure, 2*len(d.sent))
		for _, p := range d.sent {
			*place(more, p.seq) = p
		}
		d.sent = more
	}
	*place(d.sent, seq) = departure{now.Sub(epoch), uint32(size + wireOverhead), seq, probe} // a datagram
	d.mu.Unlock()
	return seq
}

// place is where a ring has what belongs to a number.
func place[T any](ring []T, seq uint16) *T { return &ring[int(seq)%len(ring)] }

// Ack is what became of one packet.
type Ack struct {
	Sent    time.Duration // on our clock
	Arrived time.Duration // on the receiver's clock; below 0: it did not, or not yet
	Size    int           // bytes on the wire
	Probe   uint8         // not 0: padding
}

// IsTransportFeedback tells whether an RTCP packet is transport-wide feedback.
func IsTransportFeedback(raw []byte) bool {
	return len(raw) >= 2 && raw[1] == 205 && raw[0]&0x1f == 15
}

// Feedback goes through a transport-wide feedback packet, header included, and tells of the packets that it accounts for,
// oldest first. False: the packet makes no sense; what it told until then holds.
func (d *Departures) Feedback(raw []byte, fn func(Ack)) bool {
	if len(raw) < 20 {
		return false
	}
	base, count := binary.BigEndian.Uint16(raw[12:]), int(binary.BigEndian.Uint16(raw[14:]))
	reference := int64(raw[16])<<16 | int64(raw[17])<<8 | int64(raw[18])
	at := time.Duration(reference) * referenceLen
	chunks := raw[20:]
	deltas, ok := afterChunks(chunks, count)
	if !ok {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sent == nil {
		return true
	}
	seq := base
	return eachStatus(chunks, count, func(status byte) bool {
		arrived := time.Duration(-1)
		switch status {
		case 1:
			if len(deltas) < 1 {
				return false
			}
			at += time.Duration(deltas[0]) * deltaUnit
			deltas, arrived = deltas[1:], at
		case 2:
			if len(deltas) < 2 {
				return false
			}
			at += time.Duration(int16(binary.BigEndian.Uint16(deltas))) * deltaUnit // is signed
			deltas, arrived = deltas[2:], at
		}
		p := place(d.sent, seq)
		if p.size > 0 && p.seq == seq {
			fn(Ack{Sent: p.at, Arrived: arrived, Size: int(p.size), Probe: p.probe})
			p.size = 0
		}
		seq++
		return true
	})
}

// eachStatus calls fn for the status of each packet; 3, which is not defined, counts as not received.
func eachStatus(chunks []byte, count int, fn func(status byte) bool) bool {
	for count > 0 {
		if len(chunks) < 2 {
			return false
		}
		c := binary.BigEndian.Uint16(chunks)
		chunks = chunks[2:]
		n, bits := 14, 1
		switch {
		case c&0x8000 == 0:
			n, bits = int(c&0x1fff), 0
		case c&0x4000 != 0:
			n, bits = 7, 2
		}
		n = min(n, count)
		for i := range n {
			status := byte(c >> 13 & 3)
			if bits > 0 {
				status = byte(c >> (14 - bits*(i+1)) & (1<<bits - 1)) // two bits
			}
			if !fn(status) {
				return false
			}
		}
		count -= n
		if bits == 0 && n == 0 {
			return false // or it never ends
		}
	}
	return true
}

// afterChunks finds where the deltas begin.
func afterChunks(chunks []byte, count int) (deltas []byte, ok bool) {
	for count > 0 {
		if len(chunks) < 2 {
			return nil, false
		}
		c := binary.BigEndian.Uint16(chunks)
		chunks = chunks[2:]
		switch {
		case c == 0, c&0x8000 == 0 && c&0x1fff == 0:
			return nil, false
		case c&0x8000 == 0:
			count -= int(c & 0x1fff)
		case c&0x4000 != 0:
			count -= 7
		default:
			count -= 14
		}
	}
	return chunks, true
}

// Arrivals takes note of when numbered packets arrive, and tells their sender. It may be used by any goroutine; the zero
// value is ready.
type Arrivals struct {
	mu      sync.Mutex
	started bool
	base    uint16 // the first one that was not reported yet
	highest uint16
	fresh   int       // packets that arrived since the last report
	told    time.Time // when that was
	count   uint8
	ssrc    uint32
	total   Counted
	at      []time.Duration // since epoch, below 0: did not arrive
}

// Received takes note of a packet of a stream. first tells that there was nothing to report before.
func (a *Arrivals) Received(ssrc uint32, number []byte, now time.Time) (first bool) {
	if len(number) != 2 {
		return false
	}
	seq := binary.BigEndian.Uint16(number)
	a.mu.Lock()
	defer a.mu.Unlock()
	ahead := seq - a.base
	switch {
	case !a.started, ahead >= historySize && ahead < 1<<15: // or a leap: what is between is given up
		a.started, a.base, a.highest = true, seq, seq
		if a.at == nil {
			a.at = make([]time.Duration, historyFirst)
		}
		for i := range a.at {
			a.at[i] = -1
		}
	case ahead >= 1<<15:
		return false // was reported as lost
	case int16(seq-a.highest) > 0:
		a.reach(int(ahead) + 1)
		a.highest = seq
	}
	a.ssrc = ssrc
	a.fresh++
	*place(a.at, seq) = max(now.Sub(epoch), 0)
	return a.fresh == 1
}

// reach makes room for n packets from the base.
func (a *Arrivals) reach(n int) {
	size := len(a.at)
	for size < n {
		size *= 2
	}
	if size == len(a.at) {
		return
	}
	more := slices.Repeat([]time.Duration{-1}, size)
	for seq := a.base; seq != a.highest+1; seq++ { // wraps
		*place(more, seq) = *place(a.at, seq)
	}
	a.at = more
}

// Counted are numbered packets since the beginning: that were sent, and of those what arrived, as of the last feedback.
type Counted struct{ Sent, Arrived uint64 }

// Counted tells how many packets were reported.
func (a *Arrivals) Counted() Counted {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.total
}

// Due tells whether it is time to report, or when it will be; 0 while there is nothing to report.
func (a *Arrivals) Due(now time.Time) (due bool, next time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fresh == 0 {
		return false, 0
	}
	wait := feedbackQuick - now.Sub(a.told)
	if a.fresh < feedbackPackets {
		wait = feedbackSlow - now.Sub(a.told)
	}
	if wait <= 0 {
		a.told = now
		return true, 0
	}
	return false, min(wait, feedbackQuick)
}

// Waiting tells whether there is something to report.
func (a *Arrivals) Waiting() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.fresh > 0
}

// Feedback makes the next report, and tells its size; nil when there is nothing to report. Whoever sends one sends all.
func (a *Arrivals) Feedback(from uint32) (rtcp.Packet, int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fresh == 0 {
		return nil, 0
	}
	n := int(a.highest-a.base) + 1
	if n > maxStatuses {
		n = maxStatuses
	}
	first := time.Duration(-1)
	for i := range n {
		if first = *place(a.at, a.base+uint16(i)); first >= 0 { // wraps
			break
		}
	}
	reference := max(first, 0) / referenceLen
	raw := make(rtcp.RawPacket, 20, 64)
	raw[0], raw[1] = 0x80|15, 205
	binary.BigEndian.PutUint32(raw[4:], from)
	binary.BigEndian.PutUint32(raw[8:], a.ssrc)
	binary.BigEndian.PutUint16(raw[12:], a.base)
	raw[16], raw[17], raw[18], raw[19] = byte(reference>>16), byte(reference>>8), byte(reference), a.count
	a.count++
	n, raw = a.encode(raw, n, reference*referenceLen)
	binary.BigEndian.PutUint16(raw[14:], uint16(n)) // at most 400
	if pad := -len(raw) & 3; pad > 0 {
		raw[0] |= 0x20
		raw = append(raw, make([]byte, pad)...)
		raw[len(raw)-1] = byte(pad)
	}
	binary.BigEndian.PutUint16(raw[2:], uint16(len(raw)/4-1)) // a datagram
	a.base += uint16(n)                                       // wraps
	if a.fresh = 0; int16(a.highest-a.base) >= 0 {            // wraps
		a.fresh = feedbackPackets // the rest, in another packet
	}
	return &raw, len(raw)
}

// encode appends chunks of seven statuses and then the deltas, and forgets what is reported. It ends early where a delta
// does not fit: the rest is for the next report.
func (a *Arrivals) encode(raw rtcp.RawPacket, n int, reference time.Duration) (int, rtcp.RawPacket) {
	deltas := make([]byte, 0, 2*n)
	chunk, filled := uint16(0), 0
	at := reference
	done := 0
	for ; done < n; done++ {
		arrived := place(a.at, a.base+uint16(done)) // wraps
		status := uint16(0)
		a.total.Sent++
		if *arrived >= 0 {
			d := (*arrived - at) / deltaUnit
			if d != time.Duration(int16(d)) { // that is the question
				a.total.Sent--
				break
			}
			at += d * deltaUnit
			a.total.Arrived++
			if status = 1; d >= 0 && d <= 0xff {
				deltas = append(deltas, byte(d))
			} else {
				status = 2
				deltas = binary.BigEndian.AppendUint16(deltas, uint16(int16(d))) // checked
			}
		}
		*arrived = -1
		chunk |= status << (12 - 2*filled)
		if filled++; filled == 7 {
			raw = binary.BigEndian.AppendUint16(raw, 0xc000|chunk)
			chunk, filled = 0, 0
		}
	}
	if filled > 0 {
		raw = binary.BigEndian.AppendUint16(raw, 0xc000|chunk)
	}
	return done, append(raw, deltas...)
}
