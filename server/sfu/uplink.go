package sfu

import (
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// maxSources is how many SSRCs a client may send with, or about, before its connection is ended: pion keeps something
// for each of them.
const maxSources = 1024

// uplink is an m-line on which the client may send.
type uplink struct {
	mid      string
	kind     webrtc.RTPCodecType
	payloads atomic.Pointer[payloadTable]
	ssrc     atomic.Uint32         // declared for the main stream, 0 if none is
	track    atomic.Pointer[track] // what is published on it, nil if nothing is
}

// payloadTable is indexed by payload type.
type payloadTable [128]payload

type payload struct {
	mime    string // empty: not negotiated, or a retransmission
	clock   uint32 // Hz
	nack    bool   // lost packets can be asked for
	repeats uint8  // payload type that this one retransmits, 0 for none
}

// has tells whether a codec was negotiated.
func (t *payloadTable) has(mime string) bool {
	for i := range t {
		if t[i].mime == mime {
			return true
		}
	}
	return false
}

// layout is what a negotiated description says about SSRCs. It is not changed any more once it is in use.
type layout struct {
	bySSRC map[uint32]*uplink
	byMid  map[string]*uplink
	byPT   [128]*uplink
	twice  [128]bool // the payload type is used by more than one uplink
	midExt uint8
	cvoExt uint8

	levelExt uint8
	numExt   uint8
	slots    map[uint32]*slot // by the SSRC of their main stream
}

func (l *layout) add(u *uplink, ssrcs []uint32) {
	l.byMid[u.mid] = u
	u.ssrc.Store(0)
	for i, ssrc := range ssrcs {
		l.bySSRC[ssrc] = u
		if i == 0 {
			u.ssrc.Store(ssrc)
		}
	}
	for pt, p := range u.payloads.Load() {
		switch {
		case p == payload{}:
		case l.byPT[pt] != nil:
			l.twice[pt] = true
		default:
			l.byPT[pt] = u
		}
	}
}

// find tells on which m-line a packet was sent (RFC 8843, 9.2): by its header extension, by the SSRC that the
// description declares, or by a payload type that only one m-line has.
func (l *layout) find(h *rtp.Header) *uplink {
	if l.midExt != 0 {
		if mid := h.GetExtension(l.midExt); mid != nil {
			if u := l.byMid[string(mid)]; u != nil {
				return u
			}
		}
	}
	if u := l.bySSRC[h.SSRC]; u != nil {
		return u
	}
	if l.twice[h.PayloadType] {
		return nil
	}
	return l.byPT[h.PayloadType]
}

// source is an SSRC that the client sends with. It remembers where it belongs until the description changes.
type source struct {
	layout *layout
	uplink *uplink
}

// onRTP takes a packet from the network, on the one goroutine that reads them.
func (p *Peer) onRTP(ssrc uint32, packet []byte) {
	h := &p.rtpHeader
	n, err := h.Unmarshal(packet)
	if err != nil {
		p.drop()
		return
	}
	body := packet[n:]
	now := time.Now()
	if id := p.layout.Load().numExt; id != 0 && p.arrivals.Received(h.SSRC, h.GetExtension(id), now) {
		p.room.wakeUp()
	}
	if h.Padding {
		if len(body) == 0 || int(body[len(body)-1]) > len(body) {
			p.drop()
			return
		}
		body = body[:len(body)-int(body[len(body)-1])]
	}
	u := p.uplinkOf(ssrc, h)
	if u == nil {
		p.drop()
		return
	}
	t := u.track.Load()
	if t == nil {
		p.counts.early.Add(1)
		return
	}
	table := u.payloads.Load()
	codec := table[h.PayloadType]
	repeated := codec.repeats != 0
	if repeated {
		original, ok := rtpkit.UnwrapRTX(h, body, t.ssrc.Load(), codec.repeats)
		if !ok {
			return // a bandwidth probe
		}
		body, codec = original, table[h.PayloadType]
	}
	if codec.mime != t.codec {
		p.drop()
		return
	}
	if h.Extension {
		t.described(p.layout.Load(), h)
	}
	t.receive(h, body, len(packet), repeated, now)
}

func (p *Peer) drop() {
	p.counts.dropped.Add(1)
	p.room.sfu.totals.dropped.Add(1)
}

func (p *Peer) uplinkOf(ssrc uint32, h *rtp.Header) *uplink {
	l := p.layout.Load()
	src := p.sources[ssrc]
	if src == nil {
		if len(p.sources) >= maxSources {
			p.expel()
			return nil
		}
		src = new(source)
		p.sources[ssrc] = src
	}
	if src.layout != l || src.uplink == nil {
		src.layout, src.uplink = l, l.find(h)
	}
	return src.uplink
}
