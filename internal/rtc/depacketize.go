package rtc

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/pion/rtp/codecs"
)

var errPayload = errors.New("payload does not fit the frame")

// depacketizer appends the contents of packets to a frame. Packets come in order and without gaps.
type depacketizer interface {
	reset() // a frame begins
	append(frame, payload []byte) ([]byte, error)
	complete() bool // whether the frame may end here
}

func newDepacketizer(mime string) depacketizer {
	switch strings.ToLower(mime) {
	case "video/h264":
		return &h264Frame{}
	case "video/vp8":
		return &vp8Frame{}
	case "video/vp9":
		return &vp9Frame{}
	case "video/av1":
		return &av1Frame{}
	}
	return unknownFrame{}
}

var startCode = []byte{0, 0, 0, 1}

// h264Frame makes Annex B with four-byte start codes (RFC 6184).
type h264Frame struct{ fragment bool }

func (h *h264Frame) reset()         { h.fragment = false }
func (h *h264Frame) complete() bool { return !h.fragment }

func (h *h264Frame) append(frame, p []byte) ([]byte, error) {
	const stapA, fuA = 24, 28
	kind := p[0] & 0x1f
	if h.fragment && kind != fuA {
		return frame, errPayload
	}
	switch {
	case kind == stapA:
		for p = p[1:]; len(p) > 0; {
			if len(p) < 2 {
				return frame, errPayload
			}
			size := int(binary.BigEndian.Uint16(p))
			if p = p[2:]; size == 0 || size > len(p) {
				return frame, errPayload
			}
			frame = append(append(frame, startCode...), p[:size]...)
			p = p[size:]
		}
	case kind == fuA:
		if len(p) < 2 {
			return frame, errPayload
		}
		first, last := p[1]&0x80 != 0, p[1]&0x40 != 0
		if first == h.fragment {
			return frame, errPayload
		}
		if first {
			frame = append(append(frame, startCode...), p[0]&0xe0|p[1]&0x1f)
		}
		h.fragment = !last
		frame = append(frame, p[2:]...)
	case kind > 0 && kind < stapA:
		frame = append(append(frame, startCode...), p...)
	default:
		return frame, errPayload
	}
	return frame, nil
}

type vp8Frame struct {
	p     codecs.VP8Packet
	begun bool
}

func (v *vp8Frame) reset()         { v.begun = false }
func (v *vp8Frame) complete() bool { return v.begun }

func (v *vp8Frame) append(frame, p []byte) ([]byte, error) {
	body, err := v.p.Unmarshal(p)
	if err != nil {
		return frame, err
	}
	if first := v.p.S == 1 && v.p.PID == 0; first == v.begun {
		return frame, errPayload
	}
	v.begun = true
	return append(frame, body...), nil
}

type vp9Frame struct {
	p     codecs.VP9Packet
	begun bool
	ended bool
}

func (v *vp9Frame) reset()         { v.begun, v.ended = false, false }
func (v *vp9Frame) complete() bool { return v.ended }

func (v *vp9Frame) append(frame, p []byte) ([]byte, error) {
	body, err := v.p.Unmarshal(p)
	if err != nil {
		return frame, err
	}
	if !v.begun && !v.p.B {
		return frame, errPayload
	}
	v.begun, v.ended = true, v.p.E // of the layer; the marker ends the picture
	return append(frame, body...), nil
}

// av1Frame makes the low-overhead format: OBUs with their sizes, without temporal delimiters.
type av1Frame struct {
	d     codecs.AV1Depacketizer
	begun bool
}

func (v *av1Frame) reset()         { v.d, v.begun = codecs.AV1Depacketizer{}, false }
func (v *av1Frame) complete() bool { return !v.d.Y }

func (v *av1Frame) append(frame, p []byte) ([]byte, error) {
	continued := v.begun && v.d.Y
	body, err := v.d.Unmarshal(p)
	if err != nil {
		return frame, err
	}
	if v.d.Z != continued {
		return frame, errPayload
	}
	v.begun = true
	return append(frame, body...), nil
}

type unknownFrame struct{}

func (unknownFrame) reset()                                 { /* nothing to do */ }
func (unknownFrame) complete() bool                         { return false }
func (unknownFrame) append(frame, _ []byte) ([]byte, error) { return frame, errPayload }
