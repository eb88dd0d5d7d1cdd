package crvideotest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// Kinds of WebSocket frames (RFC 6455, 5.2).
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opControl      = 0x8 // this and above
)

// maxFrame is the largest frame that is relayed, far above what either side accepts.
const maxFrame = 16 << 20

type frame struct {
	final   bool
	op      byte
	payload []byte
}

func readFrame(r *bufio.Reader) (frame, error) {
	var head [14]byte
	if _, err := io.ReadFull(r, head[:2]); err != nil {
		return frame{}, err
	}
	f := frame{final: head[0]&0x80 != 0, op: head[0] & 0x0f}
	masked, size := head[1]&0x80 != 0, uint64(head[1]&0x7f)
	switch size {
	case 126:
		if _, err := io.ReadFull(r, head[2:4]); err != nil {
			return f, err
		}
		size = uint64(binary.BigEndian.Uint16(head[2:]))
	case 127:
		if _, err := io.ReadFull(r, head[2:10]); err != nil {
			return f, err
		}
		size = binary.BigEndian.Uint64(head[2:])
	}
	if size > maxFrame {
		return f, fmt.Errorf("frame of %d bytes", size)
	}
	var mask [4]byte
	if masked {
		if _, err := io.ReadFull(r, mask[:]); err != nil {
			return f, err
		}
	}
	f.payload = make([]byte, size)
	if _, err := io.ReadFull(r, f.payload); err != nil {
		return f, err
	}
	if masked {
		for i := range f.payload {
			f.payload[i] ^= mask[i&3]
		}
	}
	return f, nil
}

// bytes is the frame as it travels in a direction. Clients must mask; a mask of zeros will do.
func (f frame) bytes(d Direction) []byte {
	b := make([]byte, 0, len(f.payload)+14)
	first, mask := f.op, byte(0)
	if f.final {
		first |= 0x80
	}
	if d == ToServer {
		mask = 0x80
	}
	switch n := len(f.payload); {
	case n < 126:
		b = append(b, first, mask|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, first, mask|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, first, mask|127), uint64(n))
	}
	if d == ToServer {
		b = append(b, 0, 0, 0, 0)
	}
	return append(b, f.payload...)
}

// nextMessage reads a whole message, or one control frame that comes before or in the middle of it. part keeps what
// has come of a message in fragments.
func nextMessage(r *bufio.Reader, part *frame) (frame, error) {
	for {
		f, err := readFrame(r)
		switch {
		case err != nil:
			return f, err
		case f.op >= opControl:
			return f, nil
		case f.op != opContinuation:
			*part = frame{op: f.op}
		}
		part.payload = append(part.payload, f.payload...)
		if len(part.payload) > maxFrame {
			return f, fmt.Errorf("message of more than %d bytes", maxFrame)
		}
		if f.final {
			whole := frame{final: true, op: part.op, payload: part.payload}
			*part = frame{}
			return whole, nil
		}
	}
}
