// Package mux writes sound and pictures into files piece by piece, so that a file can be played up to the last whole
// piece, whatever happens to the program: fragmented MP4 and Matroska, of which WebM is a part.
package mux

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"
)

// Names of codecs, as in SDP.
const (
	H264 = "video/H264"
	VP8  = "video/VP8"
	VP9  = "video/VP9"
	Opus = "audio/opus"
)

// Format is a kind of file.
type Format int

// The formats.
const (
	MP4 Format = iota
	Matroska
	WebM
)

// FormatOf tells the format by a file name's ending: .mp4 and .m4v, .mkv and .mka, .webm.
func FormatOf(name string) (Format, bool) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".mp4", ".m4v":
		return MP4, true
	case ".mkv", ".mka":
		return Matroska, true
	case ".webm":
		return WebM, true
	}
	return 0, false
}

func (f Format) String() string { return [...]string{"MP4", "Matroska", "WebM"}[f] }

// Holds tells whether a file of that format can hold a codec, so that usual players play it.
func (f Format) Holds(codec string) bool {
	switch {
	case strings.EqualFold(codec, Opus):
		return true
	case f == MP4:
		return strings.EqualFold(codec, H264)
	case strings.EqualFold(codec, H264):
		return f == Matroska
	}
	_, known := matroskaIDs[strings.ToLower(codec)]
	return known
}

// Track is one stream of a file.
type Track struct {
	Codec string
	// Key is a key frame, which tells a decoder what it must know beforehand: of H.264 with its parameter sets, as
	// Annex B. Other codecs can do without, and sound has none.
	Key []byte
	// Rotation is by how many degrees clockwise a player is to turn the pictures: 0, 90, 180 or 270.
	Rotation int
}

// Sample is a picture or a packet of sound.
type Sample struct {
	Track int // index in the tracks
	Data  []byte
	// PTS is the time since the file's beginning. It lasts until the next sample of its track, the last one of a piece for
	// its Duration.
	PTS, Duration time.Duration
	Key           bool // pictures only
}

// Writer writes one file.
type Writer interface {
	// Write writes a piece of at most 30 s: samples of all tracks, those of one track in order of PTS, none before those
	// of earlier pieces.
	Write(samples []Sample) error
	// Finish notes how long the file is. It does not close it.
	Finish(length time.Duration) error
}

// File is what is written to: pieces go to its end, the length to its beginning.
type File interface {
	io.Writer
	io.WriterAt
}

// New begins a file.
func New(f Format, file File, tracks []Track) (Writer, error) {
	for _, t := range tracks {
		if !f.Holds(t.Codec) {
			return nil, fmt.Errorf("%s files cannot hold %s", f, t.Codec)
		}
	}
	if f == MP4 {
		return newMP4(file, tracks)
	}
	return newMatroska(file, tracks, f)
}

// ticks converts a time to units of 1/rate s.
func ticks(d time.Duration, rate int64) int64 {
	return int64(d/time.Second)*rate + int64(d%time.Second)*rate/int64(time.Second)
}

// writeWhole collects what is written by several calls into one.
func writeWhole(w io.Writer, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// opusHead is the header that both formats know, in their own byte orders: version, channels, samples to skip, rate, gain
// and channel mapping.
const (
	opusRate     = 48000
	opusChannels = 2   // decoders make them of mono, too, and a stream may change
	opusPreSkip  = 312 // samples: what the encoder's look-ahead delays
)
