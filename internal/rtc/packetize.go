package rtc

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
)

// maxPayload leaves room in a 1,200 byte datagram for RTP header, the two bytes of RTX and the SRTP tag.
const maxPayload = 1160

// newPayloader returns what cuts a codec's samples into RTP payloads. The payloads may share the sample's memory.
func newPayloader(mime string) (rtp.Payloader, error) {
	switch strings.ToLower(mime) {
	case "video/h264":
		return &h264Payloader{}, nil
	case "video/vp8":
		return &codecs.VP8Payloader{EnablePictureID: true}, nil
	case "video/vp9":
		return &codecs.VP9Payloader{}, nil
	case "video/av1":
		return &codecs.AV1Payloader{}, nil
	case "audio/opus":
		return wholePayloader{}, nil
	}
	return nil, fmt.Errorf("codec %q cannot be sent", mime)
}

type wholePayloader struct{}

func (wholePayloader) Payload(_ uint16, sample []byte) [][]byte { return [][]byte{sample} }

// h264Payloader cuts an Annex B access unit (RFC 6184, mode 1). Unlike pion's it keeps nothing from one sample for
// the next, so that the caller's memory is its own again; parameter sets and other small units go together. Access
// unit delimiters and filler are left out: they mean nothing in RTP.
type h264Payloader struct{ out [][]byte }

func (h *h264Payloader) Payload(mtu uint16, sample []byte) [][]byte {
	h.out = h.out[:0]
	var group [][]byte
	size := 1
	flush := func() {
		switch len(group) {
		case 0:
		case 1:
			h.out = append(h.out, group[0])
		default:
			h.out = append(h.out, stapA(group, size))
		}
		group, size = group[:0], 1
	}
	for nalu := range annexB(sample) {
		switch kind := nalu[0] & 0x1f; {
		case kind == 9 || kind == 12:
		case kind >= 6 && kind <= 8 && len(nalu)+3 <= int(mtu): // SEI, SPS, PPS
			if size+2+len(nalu) > int(mtu) {
				flush()
			}
			group, size = append(group, nalu), size+2+len(nalu)
		case len(nalu) <= int(mtu):
			flush()
			h.out = append(h.out, nalu)
		default:
			flush()
			h.out = append(h.out, fuA(nalu, int(mtu))...)
		}
	}
	flush()
	return h.out
}

func stapA(units [][]byte, size int) []byte {
	p := make([]byte, 1, size)
	for _, u := range units {
		p[0] = max(p[0], u[0]&0x60) // the most important one's NRI
		p = append(p, byte(len(u)>>8), byte(len(u)))
		p = append(p, u...)
	}
	p[0] |= 24
	return p
}

func fuA(nalu []byte, mtu int) [][]byte {
	var out [][]byte
	indicator, header := nalu[0]&0xe0|28, nalu[0]&0x1f|0x80
	for body := range slices.Chunk(nalu[1:], mtu-2) {
		out = append(out, append([]byte{indicator, header}, body...))
		header &^= 0x80
	}
	out[len(out)-1][1] |= 0x40
	return out
}

// annexB goes through the units between start codes. What is before the first start code is not a unit, unless there
// is none at all: then everything is one.
func annexB(sample []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		start := bytes.Index(sample, startCode[1:])
		if start < 0 {
			if len(sample) > 0 {
				yield(sample)
			}
			return
		}
		for rest := sample[start+3:]; ; {
			next := bytes.Index(rest, startCode[1:])
			unit := rest
			if next >= 0 {
				unit = rest[:next]
			}
			unit = bytes.TrimRight(unit, "\x00") // the fourth byte of the next start code, and padding
			if len(unit) > 0 && !yield(unit) || next < 0 {
				return
			}
			rest = rest[next+3:]
		}
	}
}
