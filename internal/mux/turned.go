package mux

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/Eyevinn/mp4ff/bits"
	"github.com/Eyevinn/mp4ff/mp4"
)

// turnedTkhd is the header of a track whose pictures a player turns clockwise (ISO/IEC 14496-12, 8.3.2): mp4ff writes the
// matrix of pictures that are upright.
type turnedTkhd struct {
	*mp4.TkhdBox
	degrees int
}

// turn makes a track's pictures turned.
func turn(trak *mp4.TrakBox, degrees int) {
	if degrees == 0 {
		return
	}
	for i, child := range trak.Children {
		if child == mp4.Box(trak.Tkhd) {
			trak.Children[i] = turnedTkhd{trak.Tkhd, degrees}
		}
	}
}

// matrix places the turned picture with its upper left corner where it was.
func (b turnedTkhd) matrix() [9]int32 {
	const one, last = 1 << 16, 1 << 30 // 16.16, and 2.30 in the last column
	w, h := int32(b.Width), int32(b.Height)
	switch b.degrees {
	case 90:
		return [9]int32{0, one, 0, -one, 0, 0, h, 0, last}
	case 180:
		return [9]int32{-one, 0, 0, 0, -one, 0, w, h, last}
	case 270:
		return [9]int32{0, -one, 0, one, 0, 0, 0, w, last}
	}
	return [9]int32{one, 0, 0, 0, one, 0, 0, 0, last}
}

func (b turnedTkhd) Encode(w io.Writer) error {
	var buf bytes.Buffer
	if err := b.TkhdBox.Encode(&buf); err != nil {
		return err
	}
	at := 48 // the matrix, behind what is of fixed size
	if b.Version == 1 {
		at += 12
	}
	for i, v := range b.matrix() {
		binary.BigEndian.PutUint32(buf.Bytes()[at+4*i:], uint32(v))
	}
	_, err := w.Write(buf.Bytes())
	return err
}

func (b turnedTkhd) EncodeSW(sw bits.SliceWriter) error {
	var buf bytes.Buffer
	if err := b.Encode(&buf); err != nil {
		return err
	}
	sw.WriteBytes(buf.Bytes())
	return sw.AccError()
}
