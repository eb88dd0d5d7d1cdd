package rtc

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
)

// frame makes a sample of that codec with random contents which tells its number. The structure is what packetisers
// and depacketisers look at; no decoder would like it.
func frame(mime string, number int, size int, key bool) []byte {
	r := rand.New(rand.NewPCG(uint64(number), 1))
	body := make([]byte, size)
	for i := range body {
		body[i] = byte(1 + r.IntN(255)) // no start codes
	}
	binary.BigEndian.PutUint32(body, 0x01010101+uint32(number))
	switch mime {
	case "video/H264":
		var out []byte
		if key {
			out = append(out, 0, 0, 0, 1, 0x67, 0x42, 0xe0, 0x1f, 0, 0, 0, 1, 0x68, 0xce, 0x3c, 0x80)
			out = append(bytes.TrimRight(out, "\x00"), 0, 0, 0, 1, 0x65, 0x88)
		} else {
			out = append(out, 0, 0, 0, 1, 0x41, 0x9a)
		}
		return append(out, body...)
	case "video/VP8":
		if key {
			return append([]byte{0x10, 0, 0, 0x9d, 0x01, 0x2a}, body...)
		}
		return append([]byte{0x11}, body...)
	case "video/VP9":
		first := byte(0x86) // frame marker 2, inter
		if key {
			// frame marker, key frame, sync code, 8 bit colour, 320x180
			return append([]byte{0x82, 0x49, 0x83, 0x42, 0x00, 0x13, 0xf0, 0x0b, 0x36}, body...)
		}
		return append([]byte{first}, body...)
	case "video/AV1":
		var out []byte
		if key { // a sequence header: OBU type 1 with a size
			out = append(out, 0x0a, 4, 1, 2, 3, 4)
		}
		out = append(out, 0x32) // a frame OBU with a size
		out = appendLEB128(out, len(body))
		return append(out, body...)
	}
	return append([]byte{0x08}, body...) // Opus: SILK, 20 ms, one frame
}

func appendLEB128(b []byte, n int) []byte {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}
