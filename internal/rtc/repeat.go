package rtc

import (
	"time"

	"github.com/pion/rtcp"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// onRTCP is called for every RTCP packet and SSRC it is about, on the goroutine that reads from the network.
func (c *Conn) onRTCP(ssrc uint32, raw []byte) {
	now := time.Now()
	if rtpkit.IsTransportFeedback(raw) {
		c.bw.feedback(raw, now)
		c.feed.poke()
		return
	}
	packets, err := rtcp.Unmarshal(raw)
	if err != nil {
		return
	}
	for _, p := range packets {
		if limit, ok := p.(*rtcp.ReceiverEstimatedMaximumBitrate); ok {
			c.bw.limited(limit, now)
			c.feed.poke()
		}
		if sr, ok := p.(*rtcp.SenderReport); ok && sr.SSRC == ssrc {
			c.rx.senderReport(sr)
		}
		for _, o := range *c.outlets.Load() {
			o.feedback(ssrc, p)
		}
	}
}

// feedback handles what the receiver of our stream sent.
func (o *Outlet) feedback(ssrc uint32, p rtcp.Packet) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bound == nil || uint32(o.bound.SSRC()) != ssrc {
		return
	}
	switch p := p.(type) {
	case *rtcp.TransportLayerNack:
		rtpkit.EachNacked(p, func(seq uint16) bool {
			o.stats.NACKs++
			return o.repeat(seq)
		})
	case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
		o.stats.PLIs++
		o.keyWanted = true
		o.c.feed.poke()
	case *rtcp.ReceiverReport:
		o.reports(ssrc, p.Reports)
	case *rtcp.SenderReport:
		o.reports(ssrc, p.Reports)
	}
}

func (o *Outlet) reports(ssrc uint32, reports []rtcp.ReceptionReport) {
	for _, r := range reports {
		if r.SSRC == ssrc {
			o.send.Report(r, time.Now())
		}
	}
}

// repeat sends a packet again that the receiver lost. It tells false when there is no use in going on.
func (o *Outlet) repeat(seq uint16) bool {
	if o.ring == nil {
		return false
	}
	now := time.Now()
	if wait, bps := o.c.bw.repeating(); !o.repeats.May(seq, o.ring.Size(seq), wait+o.send.Snapshot().RTT, bps, now) {
		return true // asked for too early, or too much: it will be asked for again
	}
	n, err := o.resend(seq, 0, now)
	if n > 0 {
		o.stats.Repeated++
	}
	return err == nil
}

// resend sends a packet again: as RTX where that was negotiated, else as it was. It tells its size, 0 if there is no
// such packet any more.
func (o *Outlet) resend(seq uint16, probe uint8, now time.Time) (int, error) {
	if o.repair == nil {
		o.repair = make([]byte, 2+maxPayload+1500) // sound is sent whole, however long
	}
	h := &o.repairHeader
	extensions := h.Extensions[:0]
	n, ok := o.ring.Load(seq, h, o.repair[2:])
	if !ok {
		return 0, nil
	}
	h.Extensions = extensions
	payload := o.repair[2 : 2+n]
	if rtx := uint32(o.bound.SSRCRetransmission()); rtx != 0 && o.rtxPT != 0 {
		payload = o.repair[:2+n]
		rtpkit.WrapRTX(h, payload, rtx, o.rtxPT, o.rtxSeq)
		o.rtxSeq++
	}
	o.stamp(h, len(payload), probe, now)
	_, err := o.bound.WriteStream().WriteRTP(h, payload)
	return h.MarshalSize() + len(payload), err
}

// keyDue returns the function to call when the source is to make a key frame now, or how long to wait for that.
func (o *Outlet) keyDue(now time.Time) (call func(), wait time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.keyWanted || o.onKeyFrame == nil || o.c.State() != StateConnected {
		return nil, 0
	}
	if wait = o.keyAsked.Add(onKeyFrameInterval).Sub(now); wait > 0 {
		return nil, wait
	}
	o.keyWanted, o.keyAsked = false, now
	return o.onKeyFrame, 0
}

// connected asks for a key frame: what was written before is lost, since the last packet that arrived.
func (o *Outlet) connected() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keyWanted = o.codec != "" && o.rate == rtpkit.VideoClockRate
}

// senderReport makes a report; if only a first one is wanted, nil when that was made already.
func (o *Outlet) senderReport(now time.Time, first bool) *rtcp.SenderReport {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.measured.read(o.send.Snapshot().Bytes, now)
	if o.bound == nil || o.codec == "" || first && o.reporting != reportDue {
		return nil
	}
	if o.reporting == reportDue {
		o.reporting = reportRegularly
	}
	sr, ok := o.send.SenderReport(uint32(o.bound.SSRC()), now)
	if !ok {
		return nil
	}
	return sr
}

func (o *Outlet) rtt() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.send.Snapshot().RTT
}
