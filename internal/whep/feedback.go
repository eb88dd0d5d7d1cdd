package whep

import (
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// readFeedback follows what the browser reports about the stream until the connection ends: it repeats lost packets
// and passes on the wish for a key frame.
func (o *output) readFeedback(sender *webrtc.RTPSender) {
	repeat := make([]byte, maxPacket)
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			switch p := p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				o.requestKeyFrame()
			case *rtcp.TransportLayerNack:
				if p.MediaSSRC == o.ssrc && o.ring != nil {
					rtpkit.EachNacked(p, func(seq uint16) bool { return o.repeat(seq, repeat) })
				}
			}
		}
	}
}

// repeat sends a packet once more if it is still there, as RTX if the browser knows that. It tells false when the
// connection has ended.
func (o *output) repeat(seq uint16, buf []byte) bool {
	const prefix = 2 // room for the original sequence number
	var h rtp.Header
	n, ok := o.ring.Load(seq, &h, buf[prefix:])
	if !ok {
		return true
	}
	payload := buf[prefix : prefix+n]
	if pt := rtpkit.RTXPayloadType(o.codecs, webrtc.PayloadType(h.PayloadType)); pt != 0 && o.rtxSSRC != 0 {
		payload = buf[:prefix+n]
		rtpkit.WrapRTX(&h, payload, o.rtxSSRC, uint8(pt), o.rtxSequence)
		o.rtxSequence++
	}
	_, err := o.writer.WriteRTP(&h, payload)
	return err == nil
}
