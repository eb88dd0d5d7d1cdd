package vp8

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"testing"
)

// FuzzDecode gives a decoder a row of frames, each with its length before it. Whatever they are, it answers with a picture of
// the size that the last key frame said, or with an error after which it waits for a key frame; and a second decoder
// makes the same of them.
func FuzzDecode(f *testing.F) {
	pack := func(frames [][]byte) (b []byte) {
		for _, frame := range frames {
			b = append(binary.LittleEndian.AppendUint16(b, uint16(len(frame))), frame...)
		}
		return b
	}
	for _, name := range []string{"version1", "version3", "partitions", "altref"} {
		f.Add(pack(readIVF(f, "testdata/"+name+".ivf")[:4]))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, other := New(), New()
		waiting, size := true, image.Point{}
		for len(b) >= 2 {
			n := min(int(binary.LittleEndian.Uint16(b)), len(b)-2)
			frame := b[2 : 2+n]
			b = b[2+n:]
			key := n >= 10 && frame[0]&1 == 0
			if key {
				w, h := int(frame[6])|int(frame[7]&0x3f)<<8, int(frame[8])|int(frame[9]&0x3f)<<8
				if w*h > 1<<18 {
					return // larger ones would only be slower
				}
				size = image.Pt(w, h)
			}
			img, err := d.Decode(frame)
			twin, twinErr := other.Decode(frame)
			if (err == nil) != (twinErr == nil) || (img == nil) != (twin == nil) {
				t.Fatal("two decoders differ")
			}
			if waiting && !key && err == nil {
				t.Fatal("decoded without a key frame")
			}
			if key && errors.Is(err, ErrKeyFrameNeeded) {
				t.Fatal("a key frame was there")
			}
			if waiting = err != nil; waiting {
				if img != nil {
					t.Fatal("a picture with an error")
				}
				continue
			}
			if img == nil {
				continue
			}
			if img.Rect != image.Rect(0, 0, size.X, size.Y) {
				t.Fatal("a picture of another size")
			}
			if !bytes.Equal(raw(nil, img), raw(nil, twin)) {
				t.Fatal("two decoders differ")
			}
		}
	})
}
