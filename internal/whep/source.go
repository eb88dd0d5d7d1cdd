// Package whep shows one source of live video and sound in a browser: a page, a JPEG snapshot, and the WebRTC endpoint
// that the page plays from (WHEP, without trickled candidates). RTP packets are forwarded as they are, never decoded.
package whep

import (
	"context"
	"image"

	"github.com/pion/rtp"
)

// Source is what a Handler shows. Its methods are called from many goroutines.
type Source interface {
	// OpenVideo waits until there is video and opens it. It is called again when a track has ended.
	OpenVideo(ctx context.Context) (Track, error)
	// OpenAudio does the same for sound.
	OpenAudio(ctx context.Context) (Track, error)
	// Snapshot waits for a picture.
	Snapshot(ctx context.Context) (image.Image, error)
	// Look is how the page looks now; it asks every few seconds.
	Look() Look
}

// Look is how the page looks. Lengths are CSS lengths, empty ones stand for the whole page.
type Look struct {
	Title        string            `json:"title"` // the heading, for people
	HideTitle    bool              `json:"hideTitle"`
	TitleStyle   map[string]string `json:"titleStyle"`   // CSS properties
	ID           string            `json:"id"`           // of the picture's element; empty: none of its own
	Hidden       bool              `json:"hidden"`       // the picture
	NoFullScreen bool              `json:"noFullScreen"` // by a double click
	Left         string            `json:"left"`
	Top          string            `json:"top"`
	Width        string            `json:"width"`
	Height       string            `json:"height"`
}

// Track is an open RTP stream.
type Track interface {
	// Codec is the mime type, for example "video/H264". It does not change.
	Codec() string
	// ReadRTP waits for the next packet, in order of sequence. The packet is only read. An error ends the track.
	ReadRTP(ctx context.Context) (*rtp.Packet, error)
	// RequestKeyFrame asks whoever encodes for a key frame. It may be called while another goroutine reads, does not
	// block, and does nothing on a track of sound or after Close.
	RequestKeyFrame()
	// Close ends the track. It is called once, by the goroutine that reads.
	Close()
}
