package sfu

import (
	"context"
	"slices"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// Offer answers a further offer of the client: more slots, other directions, or an ICE restart. An offer that is
// refused (*wire.Error, wire.CodeBadParameter) leaves everything as it was.
func (p *Peer) Offer(ctx context.Context, sdp string) (answer string, err error) {
	o, bad := parseOffer(sdp)
	if bad != nil {
		return "", bad
	}
	p.negotiation.Lock()
	defer p.negotiation.Unlock()
	if p.isClosing() {
		return "", wire.Errorf(wire.CodeRoomAbsent, "the peer has left")
	}
	if answer, err = p.negotiate(ctx, o); err != nil {
		return "", err
	}
	p.room.mu.Lock()
	p.asked = [2]int{}
	p.room.reconcile(p)
	p.room.mu.Unlock()
	p.room.wakeUp()
	return answer, nil
}

// negotiate applies an offer and makes the answer, with all candidates.
func (p *Peer) negotiate(ctx context.Context, o *offer) (string, error) {
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.sdp}); err != nil {
		p.rollback()
		return "", badOffer("%v", err)
	}
	if err := p.addSlots(o); err != nil {
		p.rollback()
		return "", badOffer("%v", err)
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		p.rollback()
		return "", badOffer("%v", err)
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(answer); err != nil {
		p.rollback()
		return "", badOffer("%v", err)
	}
	p.arrange(o)
	select {
	case <-gathered: // addresses are known, nothing is asked over the network
	case <-ctx.Done():
		return "", ctx.Err()
	case <-p.done:
		return "", wire.Errorf(wire.CodeRoomAbsent, "the peer has left")
	}
	p.answered = layersOf(o)
	return p.answer(), nil
}

// Answer is the last answer again, as Join or Offer gave it.
func (p *Peer) Answer() string {
	p.negotiation.Lock()
	defer p.negotiation.Unlock()
	return p.answer()
}

func (p *Peer) answer() string {
	if d := p.pc.CurrentLocalDescription(); d != nil {
		return simulcast(udpFirst(d.SDP), p.answered)
	}
	return ""
}

// rollback makes the connection ready for another offer after one that failed half way.
func (p *Peer) rollback() {
	before := p.pc.CurrentRemoteDescription()
	if before == nil || p.pc.SignalingState() != webrtc.SignalingStateHaveRemoteOffer {
		return
	}
	err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeRollback, SDP: before.SDP})
	if err != nil {
		p.log.Debug("roll back", "err", err)
	}
}

// addSlots gives every m-line that the client wants to receive on, and has none, a sender of our own.
func (p *Peer) addSlots(o *offer) error {
	transceivers := byMid(p.pc)
	type like struct {
		kind    webrtc.RTPCodecType
		formats string
	}
	codecs := make(map[like]map[string]slotPayload) // pion makes them anew whenever it is asked, which takes long
	for _, line := range o.lines {
		t := transceivers[line.mid]
		if t == nil || !line.receives || t.Sender() != nil || t.Receiver() == nil {
			continue
		}
		payloads, known := codecs[like{line.kind, line.formats}]
		if !known {
			payloads = slotPayloads(t.Receiver().GetParameters().Codecs)
			codecs[like{line.kind, line.formats}] = payloads
		}
		if len(payloads) == 0 {
			continue
		}
		s := newSlot(p, line.mid, line.kind)
		sender, err := p.api.NewRTPSender(s, p.pc.SCTP().Transport())
		if err != nil {
			return err
		}
		if err := t.SetSender(sender, s); err != nil {
			return err
		}
		s.sender = sender
		s.payloads = payloads
		p.fresh = append(p.fresh, s)
	}
	return nil
}

func byMid(pc *webrtc.PeerConnection) map[string]*webrtc.RTPTransceiver {
	all := pc.GetTransceivers()
	out := make(map[string]*webrtc.RTPTransceiver, len(all))
	for _, t := range all {
		out[t.Mid()] = t
	}
	return out
}

// arrange makes slots and uplinks what the negotiated description says.
func (p *Peer) arrange(o *offer) {
	lines := make(map[string]*mediaLine, len(o.lines))
	for i := range o.lines {
		lines[o.lines[i].mid] = &o.lines[i]
	}
	var added []*slot
	p.fresh = slices.DeleteFunc(p.fresh, func(s *slot) bool {
		if s.ssrc == 0 {
			return false // not bound: the offer that brought it was rolled back, the next one may bring it again
		}
		if p.live.Load() {
			s.open()
		}
		added = append(added, s)
		return true
	})
	transceivers := byMid(p.pc)
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	p.slots = append(p.slots, added...)
	for _, s := range p.slots {
		line := lines[s.mid]
		s.usable = line != nil && line.receives && !s.isClosed()
	}
	l := &layout{
		bySSRC: make(map[uint32]origin), byMid: make(map[string]*uplink), slots: make(map[uint32]*slot),
		midExt: o.midExt, cvoExt: o.cvoExt, levelExt: o.levelExt, numExt: o.numExt, ridExt: o.ridExt, repExt: o.repExt,
	}
	for _, line := range o.lines {
		t := transceivers[line.mid]
		if t == nil || !line.sends || t.Receiver() == nil {
			continue
		}
		u := p.uplinks[line.mid]
		if u == nil {
			u = &uplink{mid: line.mid, kind: line.kind}
			p.uplinks[line.mid] = u
		}
		u.payloads.Store(newPayloadTable(t.Receiver().GetParameters().Codecs))
		l.add(u, line.layers)
	}
	for _, s := range p.slots {
		l.slots[s.ssrc] = s
	}
	p.layout.Store(l)
}

// iceRoundTrip asks the ICE agent, for peers that receive nothing and so report nothing.
func (p *Peer) iceRoundTrip() time.Duration {
	stats, ok := p.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePairStats()
	if !ok {
		return 0
	}
	return time.Duration(stats.CurrentRoundTripTime * float64(time.Second))
}

// newPayloadTable tells what the payload types of an m-line mean.
func newPayloadTable(codecs []webrtc.RTPCodecParameters) *payloadTable {
	table := make(payloadTable, 0, len(codecs))
	for _, c := range codecs {
		known, ok := rtpkit.CodecParameters(c.MimeType)
		if !ok || c.PayloadType >= 128 {
			continue
		}
		nack := false
		for _, f := range c.RTCPFeedback {
			nack = nack || f.Type == webrtc.TypeRTCPFBNACK && f.Parameter == ""
		}
		table = append(table, payload{pt: uint8(c.PayloadType), mime: known.MimeType, nack: nack, clock: c.ClockRate})
		if rtx := rtpkit.RTXPayloadType(codecs, c.PayloadType); rtx != 0 && rtx < 128 {
			table = append(table, payload{pt: uint8(rtx), repeats: uint8(c.PayloadType)})
		}
	}
	return &table
}
