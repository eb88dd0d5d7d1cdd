package soak

import (
	"context"
	"fmt"
	"image"
	"io"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// The media of bots is encoded once, small, and played again and again: encoding for a hundred of them at a time would
// be all that the machine does.
const (
	pictureWidth, pictureHeight = 160, 96
	picturesPerSecond           = 8
	pictures                    = 16 // in a round, which begins with a key frame
	soundPacket                 = 60 * time.Millisecond
	packets                     = 50 // in a round of three seconds, a whole number of any tone's periods
)

// recording is what one bot sends. It tells who it is by its content.
type recording struct {
	num   uint32
	codec string
	each  time.Duration
	items [][]byte
}

// medium is sound and pictures of a bot.
type medium struct{ sound, pictures *recording }

// newLibrary encodes the media of so many bots.
func newLibrary(bots int) ([]medium, error) {
	all := make([]medium, bots)
	for n := range all {
		var err error
		if all[n].sound, err = recordSound(uint32(n + 1)); err != nil {
			return nil, err
		}
		if all[n].pictures, err = recordPictures(uint32(n + 1)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func recordSound(num uint32) (*recording, error) {
	encoder, err := codec.NewAudioEncoder(codec.Opus, crvideo.PCMRate, 1, 12000)
	if err != nil {
		return nil, err
	}
	defer func() { _ = encoder.Close() }()
	r := &recording{num: num, codec: codec.Opus, each: soundPacket}
	tone := testpattern.NewTone(testpattern.ToneFrequency(num), crvideo.PCMRate)
	pcm, packet := make([]int16, crvideo.PCMRate*soundPacket/time.Second), make([]byte, codec.MaxAudioPacket)
	for i := range 2 * packets { // the second round begins as it ends
		tone.Fill(pcm)
		n, err := encoder.Encode(pcm, packet)
		if err != nil {
			return nil, err
		}
		if i >= packets {
			r.items = append(r.items, append([]byte(nil), packet[:n]...))
		}
	}
	return r, nil
}

func recordPictures(num uint32) (*recording, error) {
	encoder, err := codec.NewVideoEncoder(codec.DefaultVideo, codec.VideoParams{Width: pictureWidth, Height: pictureHeight, FPS: picturesPerSecond, Bitrate: 60_000})
	if err != nil {
		return nil, err
	}
	defer func() { _ = encoder.Close() }()
	r := &recording{num: num, codec: codec.DefaultVideo, each: time.Second / picturesPerSecond}
	img := image.NewYCbCr(image.Rect(0, 0, pictureWidth, pictureHeight), image.YCbCrSubsampleRatio420)
	for i := uint32(0); len(r.items) < pictures; i++ {
		testpattern.Draw(img, num, i)
		data, key, err := encoder.Encode(img)
		if err != nil {
			return nil, err
		}
		if first := len(r.items) == 0; first && !key {
			return nil, fmt.Errorf("the first picture is no key frame")
		}
		if len(data) > 0 {
			r.items = append(r.items, append([]byte(nil), data...))
		}
	}
	return r, nil
}

// open is the device that plays the recording.
func (r *recording) open(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
	return &player{recording: r, closed: make(chan struct{}), timer: time.NewTimer(0)}, nil
}

type player struct {
	*recording
	timer  *time.Timer
	next   time.Time
	at     int
	closed chan struct{}
	once   sync.Once

	mu     sync.Mutex
	rewind bool
}

func (p *player) Codec() string { return p.codec }

func (p *player) Next(ctx context.Context) (crvideo.Sample, error) {
	now := time.Now()
	if p.next.IsZero() || now.Sub(p.next) > time.Second {
		p.next = now
	}
	p.timer.Reset(p.next.Sub(now))
	select {
	case <-p.timer.C:
	case <-p.closed:
		return crvideo.Sample{}, io.EOF
	case <-ctx.Done():
		return crvideo.Sample{}, ctx.Err()
	}
	p.next = p.next.Add(p.each)
	p.mu.Lock()
	if p.rewind {
		p.at, p.rewind = 0, false
	}
	p.mu.Unlock()
	s := crvideo.Sample{Data: p.items[p.at], Duration: p.each, Key: p.at == 0}
	p.at = (p.at + 1) % len(p.items)
	return s, nil
}

// RequestKeyFrame starts the round of pictures again.
func (p *player) RequestKeyFrame() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rewind = p.codec != codec.Opus
}

func (p *player) SetBitrate(int) { /* it is as it is */ }

func (p *player) Close() error {
	p.once.Do(func() { close(p.closed); p.timer.Stop() })
	return nil
}
