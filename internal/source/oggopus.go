package source

import (
	"bytes"
	"errors"
	"io"
	"time"

	"github.com/crvideo/crvideo-go/internal/codec"
)

// NewOggOpusFile returns a source that plays an Ogg Opus file (RFC 7845), packet by packet. To play it over and over again, r
// must be an io.Seeker. If r is an io.Closer, Close closes it.
func NewOggOpusFile(r io.Reader, loop bool) (Source, error) {
	return newFileSource("Ogg Opus file", codec.Opus, r, loop, func(r io.Reader) reader {
		return &oggOpusReader{in: newOggPackets(r)}
	})
}

type oggOpusReader struct {
	in    *oggPackets
	begun bool // OpusHead was there
}

func (o *oggOpusReader) next() (Sample, error) {
	for {
		packet, err := o.in.next()
		if err != nil {
			return Sample{}, err
		}
		switch {
		case bytes.HasPrefix(packet, []byte("OpusHead")):
			o.begun = true // again at each link of a chained file
			continue
		case !o.begun:
			return Sample{}, errors.New("not Opus")
		case bytes.HasPrefix(packet, []byte("OpusTags")):
			continue
		}
		if d := opusDuration(packet); d > 0 {
			return Sample{Data: packet, Duration: d, Key: true}, nil
		}
	}
}

// opusDuration returns how long a packet sounds (RFC 6716, section 3.1), 0 if it is malformed.
func opusDuration(packet []byte) time.Duration {
	if len(packet) == 0 {
		return 0
	}
	var frame time.Duration
	switch config := packet[0] >> 3; {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		frame = [...]time.Duration{10, 20, 40, 60}[config&3] * time.Millisecond
	case config < 16: // hybrid: 10, 20 ms
		frame = [...]time.Duration{10, 20}[config&1] * time.Millisecond
	default: // CELT: 2.5, 5, 10, 20 ms
		frame = 2500 * time.Microsecond << (config & 3)
	}
	count := 1
	switch packet[0] & 3 {
	case 1, 2:
		count = 2
	case 3:
		if len(packet) < 2 {
			return 0
		}
		count = int(packet[1] & 63)
	}
	if d := frame * time.Duration(count); d <= 120*time.Millisecond {
		return d
	}
	return 0
}
