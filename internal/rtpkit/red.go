package rtpkit

// MimeRED is Opus with earlier packets in each packet, RED (RFC 2198), as browsers negotiate it: on the RTP stream of the Opus that
// it stands for, packet by packet.
const MimeRED = "audio/red"

// The two kinds of header in RED, of an earlier packet and, last, of the newest.
const (
	redMore   = 0x80
	redTypeOf = 0x7f
	redHeader = 4       // bytes
	redOffset = 1 << 14 // timestamps back, below
	redLength = 1 << 10 // bytes, below
	redMost   = 16      // earlier packets; more are a mistake
)

// RED is a packet that was looked through. It shares the packet's memory.
type RED struct {
	headers []byte // of the earlier ones
	bodies  []byte // of all
	primary []byte
	pt      uint8
}

// ParseRED looks through the payload of a RED packet; false if it is none, or has no newest packet.
func ParseRED(payload []byte) (r RED, ok bool) {
	at, earlier := 0, 0
	for at < len(payload) && payload[at]&redMore != 0 {
		if at+redHeader > len(payload) || at/redHeader >= redMost {
			return r, false
		}
		earlier += int(payload[at+2]&3)<<8 | int(payload[at+3])
		at += redHeader
	}
	if at >= len(payload) || at+1+earlier >= len(payload) {
		return r, false
	}
	bodies := payload[at+1:]
	return RED{headers: payload[:at], bodies: bodies, primary: bodies[earlier:], pt: payload[at] & redTypeOf}, true
}

// Primary is the newest packet, never empty.
func (r RED) Primary() []byte { return r.primary }

// PayloadType is that of the newest packet.
func (r RED) PayloadType() uint8 { return r.pt }

// Len tells how many earlier packets there are.
func (r RED) Len() int { return len(r.headers) / redHeader }

// Earlier is the i-th of the earlier packets, the oldest first, and how many timestamps before the newest it began. Its sequence
// number is Len-i before that of the newest.
func (r RED) Earlier(i int) (offset uint32, payload []byte) {
	begin := 0
	for k := range i {
		begin += r.length(k)
	}
	h := r.headers[i*redHeader:]
	return uint32(h[1])<<6 | uint32(h[2])>>2, r.bodies[begin : begin+r.length(i)]
}

func (r RED) length(i int) int {
	h := r.headers[i*redHeader:]
	return int(h[2]&3)<<8 | int(h[3])
}

// REDWriter makes RED of packets of sound, one after the other. The zero value is ready.
type REDWriter struct {
	held [MostRedundancy]struct { // the newest first
		timestamp uint32
		payload   []byte
	}
	n   int
	out []byte
}

// MostRedundancy is how many earlier packets a REDWriter puts into one.
const MostRedundancy = 2

// Write makes the next packet, with so many earlier ones as far as they can be told of, in at most limit bytes unless the
// packet alone is longer. It is valid until the next call.
func (w *REDWriter) Write(payload []byte, timestamp uint32, pt uint8, earlier, limit int) []byte {
	n, size := 0, 1+len(payload)
	for n < min(w.n, earlier) {
		h := &w.held[n]
		if timestamp-h.timestamp >= redOffset || len(h.payload) >= redLength || size+redHeader+len(h.payload) > limit {
			break
		}
		size += redHeader + len(h.payload)
		n++
	}
	w.out = w.out[:0]
	for i := n - 1; i >= 0; i-- {
		offset, length := timestamp-w.held[i].timestamp, len(w.held[i].payload)
		w.out = append(w.out, redMore|pt, byte(offset>>6), byte(offset<<2)|byte(length>>8), byte(length))
	}
	w.out = append(w.out, pt)
	for i := n - 1; i >= 0; i-- {
		w.out = append(w.out, w.held[i].payload...)
	}
	w.out = append(w.out, payload...)
	last := w.held[MostRedundancy-1].payload
	copy(w.held[1:], w.held[:])
	w.held[0].timestamp, w.held[0].payload = timestamp, append(last[:0], payload...)
	w.n = min(w.n+1, MostRedundancy)
	return w.out
}

// Reset forgets the earlier packets: the next one does not follow them.
func (w *REDWriter) Reset() { w.n = 0 }
