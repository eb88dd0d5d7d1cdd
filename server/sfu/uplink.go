package sfu

import (
	"slices"
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
	layers   atomic.Pointer[[]layerLine]
	tracks   atomic.Pointer[[]*track] // what is published on it: by layer as in the offer; nil if nothing is
}

// layerLine is a layer as the offer declares it.
type layerLine struct {
	rid   string   // empty: there is only this one
	ssrcs []uint32 // its own, retransmissions included; the first is the main one
}

// rid finds a layer by its name; below 0: there is none.
func (u *uplink) rid(name string) int {
	if all := u.layers.Load(); all != nil {
		return slices.IndexFunc(*all, func(l layerLine) bool { return l.rid == name })
	}
	return -1
}

// declared is the main SSRC of a layer, 0 if none is declared.
func (u *uplink) declared(layer int) uint32 {
	if all := u.layers.Load(); all != nil && layer < len(*all) && len((*all)[layer].ssrcs) > 0 {
		return (*all)[layer].ssrcs[0]
	}
	return 0
}

// publish makes the layers of a stream what is sent here; nil: nothing is. room.mu is held.
func (u *uplink) publish(stream []*track) {
	if stream == nil {
		u.tracks.Store(nil)
		return
	}
	var byLayer []*track
	for _, t := range stream {
		at := max(u.rid(t.size.RID), 0)
		for len(byLayer) <= at {
			byLayer = append(byLayer, nil)
		}
		byLayer[at] = t
	}
	u.tracks.Store(&byLayer)
}

// current is the first layer of what is published here, nil if nothing is.
func (u *uplink) current() *track {
	if all := u.tracks.Load(); all != nil {
		for _, t := range *all {
			if t != nil {
				return t.first
			}
		}
	}
	return nil
}

// layer is what is published in one layer of the offer, nil if nothing is.
func (u *uplink) layer(at int) *track {
	if all := u.tracks.Load(); all != nil && at < len(*all) {
		return (*all)[at]
	}
	return nil
}

// payloadTable says what the payload types of an m-line mean: a few, so that looking through them is quick.
type payloadTable []payload

type payload struct {
	pt      uint8
	mime    string // empty: not negotiated, or a retransmission
	clock   uint32 // Hz
	nack    bool   // lost packets can be asked for
	repeats uint8  // payload type that this one retransmits, 0 for none
}

// of is what a payload type means; the zero value if it is not in the table.
func (t payloadTable) of(pt uint8) payload {
	for i := range t {
		if t[i].pt == pt {
			return t[i]
		}
	}
	return payload{}
}

// has tells whether a codec was negotiated.
func (t payloadTable) has(mime string) bool {
	return slices.ContainsFunc(t, func(p payload) bool { return p.mime == mime })
}

// layout is what a negotiated description says about SSRCs. It is not changed any more once it is in use.
type layout struct {
	bySSRC map[uint32]origin
	byMid  map[string]*uplink
	byPT   [128]*uplink
	twice  [128]bool // the payload type is used by more than one uplink
	midExt uint8
	cvoExt uint8
	ridExt uint8
	repExt uint8

	levelExt uint8
	numExt   uint8
	slots    map[uint32]*slot // by the SSRC of their main stream
}

// origin is where a packet comes from: an m-line, and a layer of its offer.
type origin struct {
	uplink *uplink
	layer  int
}

func (l *layout) add(u *uplink, layers []layerLine) {
	l.byMid[u.mid] = u
	u.layers.Store(&layers)
	for i, layer := range layers {
		for _, ssrc := range layer.ssrcs {
			l.bySSRC[ssrc] = origin{u, i}
		}
	}
	for _, p := range *u.payloads.Load() {
		if l.byPT[p.pt] != nil {
			l.twice[p.pt] = true
		} else {
			l.byPT[p.pt] = u
		}
	}
}

// find tells on which m-line a packet was sent (RFC 8843, 9.2): by its header extension, by the SSRC that the
// description declares, or by a payload type that only one m-line has; and in which of its layers (RFC 8853).
func (l *layout) find(h *rtp.Header) (o origin) {
	o = l.bySSRC[h.SSRC]
	if l.midExt != 0 {
		if mid := h.GetExtension(l.midExt); mid != nil {
			if u := l.byMid[string(mid)]; u != nil && u != o.uplink {
				o = origin{uplink: u}
			}
		}
	}
	if o.uplink == nil && !l.twice[h.PayloadType] {
		o.uplink = l.byPT[h.PayloadType]
	}
	if o.uplink == nil {
		return o
	}
	for _, id := range []uint8{l.ridExt, l.repExt} {
		if id != 0 && h.Extension {
			if at := o.uplink.rid(string(h.GetExtension(id))); at >= 0 && h.GetExtension(id) != nil {
				o.layer = at
			}
		}
	}
	return o
}

// namesLayer tells whether it is said of a packet to which layer it belongs.
func (l *layout) namesLayer(h *rtp.Header) bool {
	_, declared := l.bySSRC[h.SSRC]
	return declared || l.ridExt != 0 && h.GetExtension(l.ridExt) != nil || l.repExt != 0 && h.GetExtension(l.repExt) != nil
}

// source is an SSRC that the client sends with. It remembers where it belongs until the description changes.
type source struct {
	layout *layout
	origin
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
	from := p.originOf(ssrc, h)
	u := from.uplink
	if u == nil {
		p.drop()
		return
	}
	t := u.layer(from.layer)
	if t == nil {
		p.counts.early.Add(1)
		return
	}
	table := *u.payloads.Load()
	codec := table.of(h.PayloadType)
	repeated := codec.repeats != 0
	if repeated {
		original, ok := rtpkit.UnwrapRTX(h, body, t.ssrc.Load(), codec.repeats)
		if !ok {
			return // a bandwidth probe
		}
		body, codec = original, table.of(h.PayloadType)
	}
	if !t.takes(codec.mime, h, body) {
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

func (p *Peer) originOf(ssrc uint32, h *rtp.Header) origin {
	l := p.layout.Load()
	src := p.sources[ssrc]
	if src == nil {
		if len(p.sources) >= maxSources {
			p.expel()
			return origin{}
		}
		src = new(source)
		p.sources[ssrc] = src
	}
	if src.layout != l || src.uplink == nil {
		before := src.origin
		src.layout, src.origin = l, l.find(h)
		// Browsers name m-line and layer only until they are told that packets arrive: another description changes nothing about that.
		if u := before.uplink; u != nil && l.byMid[u.mid] == u && (src.uplink == nil || src.uplink == u) && !l.namesLayer(h) {
			src.origin = before
		}
	}
	return src.origin
}
