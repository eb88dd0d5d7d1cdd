package codec

import (
	"errors"
	"fmt"
)

// checkVP8 reads the beginning of a frame (RFC 6386, 9.1): whether it is a key frame, and that none makes the decoder
// allocate gigabytes.
func checkVP8(frame []byte) (key bool, err error) {
	if len(frame) < 3 || len(frame) > maxAccessUnit {
		return false, fmt.Errorf("vp8 decoder: frame of %d bytes", len(frame))
	}
	if frame[0]&1 != 0 {
		return false, nil
	}
	if len(frame) < 10 || frame[3] != 0x9d || frame[4] != 0x01 || frame[5] != 0x2a {
		return false, errors.New("vp8 decoder: not a key frame")
	}
	w, h := int(frame[6])|int(frame[7]&0x3f)<<8, int(frame[8])|int(frame[9]&0x3f)<<8
	if w == 0 || h == 0 || w > maxWidth || h > maxWidth { // either way up
		return false, fmt.Errorf("vp8 decoder: picture of %dx%d", w, h)
	}
	return true, nil
}
