package mux

import (
	"bytes"
	"strings"

	"github.com/Eyevinn/mp4ff/avc"
	"github.com/Eyevinn/mp4ff/bits"
)

// The size that a track is said to have when no picture tells it. Players take it from the pictures then.
const nominalWidth, nominalHeight = 640, 360

// pictureSize reads the size in points from a key frame.
func pictureSize(codec string, key []byte) (width, height int) {
	switch strings.ToLower(codec) {
	case "video/h264":
		sets, _ := avc.GetParameterSetsFromByteStream(key)
		if len(sets) > 0 {
			if sps, err := avc.ParseSPSNALUnit(sets[0], false); err == nil {
				return int(sps.Width), int(sps.Height)
			}
		}
	case "video/vp8": // RFC 6386, 9.1: three bytes, a start code, and 14 bits each
		if len(key) >= 10 && bytes.Equal(key[3:6], []byte{0x9d, 0x01, 0x2a}) {
			return int(key[6]) | int(key[7]&0x3f)<<8, int(key[8]) | int(key[9]&0x3f)<<8
		}
	case "video/vp9":
		return vp9Size(key)
	}
	return nominalWidth, nominalHeight
}

// vp9Size reads the uncompressed header of a key frame of profile 0 ("VP9 Bitstream & Decoding Process", 6.2).
func vp9Size(key []byte) (width, height int) {
	r := bits.NewReader(bytes.NewReader(key))
	marker, profile := r.Read(2), r.Read(2)
	existing, inter := r.Read(1), r.Read(1)
	r.Read(2) // shown, error resilient
	if marker != 2 || profile != 0 || existing != 0 || inter != 0 || r.Read(24) != 0x498342 {
		return nominalWidth, nominalHeight
	}
	if r.Read(3) != 7 { // not RGB
		r.Read(1)
	}
	width, height = int(r.Read(16))+1, int(r.Read(16))+1
	if r.AccError() != nil {
		return nominalWidth, nominalHeight
	}
	return width, height
}
