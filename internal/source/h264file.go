package source

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/crvideo/crvideo-go/internal/codec"
)

// maxNAL is the size in bytes of the largest NAL unit that is read from a file.
const maxNAL = 8 << 20

// NewH264File returns a source that plays an Annex B byte stream at fps frames a second. To play it over and over again, r
// must be an io.Seeker. If r is an io.Closer, Close closes it. Key frames and bitrates are those of the file.
func NewH264File(r io.Reader, fps int, loop bool) (Source, error) {
	if fps < 1 {
		return nil, fmt.Errorf("H.264 file: %d frames a second", fps)
	}
	var frame int64 // goes on when the file starts over
	return newFileSource("H.264 file", codec.H264, r, loop, func(r io.Reader) reader {
		return newH264Reader(r, fps, &frame)
	})
}

// h264Reader puts NAL units together to access units.
type h264Reader struct {
	nals  *bufio.Scanner
	fps   int
	frame *int64
	held  []byte // the first NAL unit of the next access unit
	au    []byte
}

func newH264Reader(r io.Reader, fps int, frame *int64) *h264Reader {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), maxNAL)
	s.Split(splitNAL)
	return &h264Reader{nals: s, fps: fps, frame: frame}
}

func (h *h264Reader) next() (Sample, error) {
	h.au = h.au[:0]
	picture, key := false, false
	add := func(nal []byte) {
		t := nal[0] & 31
		picture, key = picture || isSlice(t), key || t == nalIDR
		h.au = append(append(h.au, 0, 0, 0, 1), nal...)
	}
	if len(h.held) > 0 {
		add(h.held)
		h.held = h.held[:0]
	}
	for h.nals.Scan() {
		nal := h.nals.Bytes()
		if len(nal) < 2 {
			continue
		}
		if picture && startsAccessUnit(nal) {
			h.held = append(h.held, nal...)
			break
		}
		add(nal)
	}
	if err := h.nals.Err(); err != nil {
		return Sample{}, fmt.Errorf("read: %w", err)
	}
	if !picture {
		return Sample{}, io.EOF
	}
	d := frameDuration(*h.frame, h.fps)
	*h.frame++
	return Sample{Data: h.au, Duration: d, Key: key}, nil
}

// NAL unit types of ITU-T H.264, table 7-1.
const (
	nalSlice     = 1
	nalIDR       = 5
	nalSEI       = 6
	nalDelimiter = 9
)

func isSlice(t byte) bool { return t >= nalSlice && t <= nalIDR }

// startsAccessUnit tells whether a NAL unit that follows a picture belongs to the next one: parameter sets, SEI, delimiters,
// and slices that start with the first macroblock.
func startsAccessUnit(nal []byte) bool {
	t := nal[0] & 31
	return t >= nalSEI && t <= nalDelimiter || isSlice(t) && nal[1]&0x80 != 0
}

// splitNAL is a bufio.SplitFunc for Annex B. Tokens have no start code; what comes before the first one is skipped.
func splitNAL(data []byte, atEOF bool) (advance int, token []byte, err error) {
	code := []byte{0, 0, 1}
	start := bytes.Index(data, code)
	if start < 0 {
		if atEOF {
			return len(data), nil, nil
		}
		return max(0, len(data)-2), nil, nil
	}
	body := data[start+3:]
	end := bytes.Index(body, code)
	if end < 0 && !atEOF {
		return start, nil, nil // the start code stays in front
	}
	rest := len(data)
	if end >= 0 {
		body, rest = body[:end], start+3+end
	}
	return rest, bytes.TrimRight(body, "\x00"), nil
}
