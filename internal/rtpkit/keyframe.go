package rtpkit

import (
	"encoding/binary"
	"strings"
)

// IsKeyFrame tells whether an RTP payload is the start of a key frame: where a receiver can begin to decode. For
// codecs without key frames it tells false. It never fails: a payload that makes no sense is not a key frame.
func IsKeyFrame(mime string, payload []byte) bool {
	switch strings.ToLower(mime) {
	case "video/h264":
		return isKeyH264(payload)
	case "video/vp8":
		return isKeyVP8(payload)
	case "video/vp9":
		return isKeyVP9(payload)
	case "video/av1":
		return isKeyAV1(payload)
	}
	return false
}

const (
	h264IDR   = 5
	h264SPS   = 7
	h264STAPA = 24
	h264FUA   = 28
)

// isKeyH264 looks for parameter sets, or the first slice of an IDR picture, alone, aggregated or as first fragment.
func isKeyH264(p []byte) bool {
	if len(p) < 2 {
		return false
	}
	switch p[0] & 0x1f {
	case h264STAPA:
		for p = p[1:]; len(p) > 2; {
			size := int(binary.BigEndian.Uint16(p))
			if p = p[2:]; size == 0 || size > len(p) {
				return false
			}
			if startsKeyNALU(p[0]&0x1f, p[1:size]) {
				return true
			}
			p = p[size:]
		}
		return false
	case h264FUA:
		return p[1]&0x80 != 0 && startsKeyNALU(p[1]&0x1f, p[2:])
	}
	return startsKeyNALU(p[0]&0x1f, p[1:])
}

func startsKeyNALU(kind byte, body []byte) bool {
	// first_mb_in_slice is 0, which is coded as a single 1 bit: the picture's first slice
	return kind == h264SPS || kind == h264IDR && len(body) > 0 && body[0]&0x80 != 0
}

// isKeyVP8 reads the payload descriptor (RFC 7741, 4.2) up to the frame's first bit.
func isKeyVP8(p []byte) bool {
	if len(p) < 1 || p[0]&0x1f != 0x10 { // start of partition 0, whose index has four bits (three and a reserved one)
		return false
	}
	n := 1
	if p[0]&0x80 != 0 {
		if len(p) < 2 {
			return false
		}
		ext := p[1]
		n++
		if ext&0x80 != 0 {
			if len(p) <= n {
				return false
			}
			if p[n]&0x80 != 0 {
				n++
			}
			n++
		}
		if ext&0x40 != 0 {
			n++
		}
		if ext&0x30 != 0 {
			n++
		}
	}
	return len(p) > n && p[n]&1 == 0
}

// isKeyVP9 wants the begin of a frame that is not predicted from earlier ones, in the lowest spatial layer (RFC 9628, 4.2).
func isKeyVP9(p []byte) bool {
	if len(p) < 2 {
		return false
	}
	const pictureID, predicted, layers, flexible, begin = 0x80, 0x40, 0x20, 0x10, 0x08
	if p[0]&predicted != 0 || p[0]&begin == 0 {
		return false
	}
	if p[0]&layers == 0 {
		return true
	}
	n := 1
	if p[0]&pictureID != 0 {
		if p[n]&0x80 != 0 {
			n++
		}
		n++
	}
	return len(p) > n && p[n]>>1&7 == 0
}

// isKeyAV1 wants the first packet of a new coded video sequence: the N bit, and no continued OBU (the Z bit).
func isKeyAV1(p []byte) bool { return len(p) > 1 && p[0]&0x88 == 0x08 }
