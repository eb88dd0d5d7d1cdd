package source

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
)

const (
	oggHeaderBytes = 27
	oggContinued   = 1 // flag: the first packet began on an earlier page
	// maxOggPacket bounds a packet, in bytes. The format has no bound; comments with pictures in them are the largest.
	maxOggPacket = 4 << 20
)

var errNotOgg = errors.New("not an Ogg file")

// oggPackets takes the packets out of the pages of an Ogg stream (RFC 3533) that holds one logical stream at a time.
type oggPackets struct {
	in      *bufio.Reader
	header  [oggHeaderBytes]byte
	lacing  [255]byte
	left    []byte // lengths not yet used, a part of lacing
	packet  []byte
	partial bool // packet is waiting for the next page
}

func newOggPackets(r io.Reader) *oggPackets { return &oggPackets{in: bufio.NewReader(r)} }

// next returns a packet, valid until the next call; io.EOF at the end, also in the middle of a packet.
func (o *oggPackets) next() ([]byte, error) {
	o.packet = o.packet[:0]
	for {
		if len(o.left) == 0 {
			if err := o.page(); err != nil {
				return nil, err
			}
			continue
		}
		n := o.left[0]
		o.left = o.left[1:]
		at := len(o.packet)
		if at+int(n) > maxOggPacket {
			return nil, fmt.Errorf("ogg packet of more than %d bytes", maxOggPacket)
		}
		o.packet = slices.Grow(o.packet, int(n))[:at+int(n)]
		if _, err := io.ReadFull(o.in, o.packet[at:]); err != nil {
			return nil, atEnd(err)
		}
		if o.partial = n == 255; !o.partial {
			return o.packet, nil
		}
	}
}

// page reads the header of the next page. A packet whose beginning or end is missing is left out.
func (o *oggPackets) page() error {
	if _, err := io.ReadFull(o.in, o.header[:]); err != nil {
		return atEnd(err)
	}
	if string(o.header[:4]) != "OggS" || o.header[4] != 0 {
		return errNotOgg
	}
	lacing := o.lacing[:o.header[26]]
	if _, err := io.ReadFull(o.in, lacing); err != nil {
		return atEnd(err)
	}
	o.left = lacing
	switch continued := o.header[5]&oggContinued != 0; {
	case continued && !o.partial:
		return o.skip()
	case !continued:
		o.packet = o.packet[:0]
	}
	return nil
}

// skip drops the rest of a packet whose beginning nobody has seen.
func (o *oggPackets) skip() error {
	for len(o.left) > 0 {
		n := o.left[0]
		o.left = o.left[1:]
		if _, err := o.in.Discard(int(n)); err != nil {
			return atEnd(err)
		}
		if n < 255 {
			break
		}
	}
	return nil
}

// atEnd treats a file that was cut off like one that ends.
func atEnd(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return io.EOF
	}
	return err
}
