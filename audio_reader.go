package crvideo

import (
	"context"
	"sync"

	"github.com/crvideo/crvideo-go/internal/codec"
)

// The form of the PCM that AudioReader.ReadPCM delivers.
const (
	PCMRate     = 48000 // samples a second
	PCMChannels = 1
)

const maxOpusFrame = PCMRate * 120 / 1000 // 120 ms, the longest Opus packet

// AudioReader reads the sound of one member. It survives the microphone's closing and opening, and leaving and
// entering rooms. Close must be called at its end.
type AudioReader struct {
	follow *sampleFollower
	once   sync.Once

	decoding sync.Mutex // guards what follows
	decoder  codec.AudioDecoder
	pcm      []int16 // one decoded packet
	rest     []int16 // what of it has not been delivered yet
}

// Audio begins to receive a member's sound. The member need not be there, nor its microphone open. A room entered
// WithoutAudio delivers nothing. Errors: 5 empty UID, 11 client closed.
func (c *Client) Audio(uid string) (*AudioReader, error) {
	const op = "Audio"
	if uid == "" {
		return nil, failf(op, CodeBadParameter, "UID is empty")
	}
	if c.life.Err() != nil {
		return nil, fail(op, CodeNotInit, nil)
	}
	return &AudioReader{follow: newFollower(c, micKind, videoKey{uid: uid})}, nil
}

// ReadSample waits for the next Opus packet. After Close, or when the client ends, it returns io.EOF.
func (a *AudioReader) ReadSample(ctx context.Context) (Sample, error) {
	s, _, _, err := a.follow.read(ctx)
	s.Key = true
	return sampleOf(s), err
}

// ReadPCM waits for sound and decodes it into pcm: signed 16 bit, 48 kHz, mono. It returns the number of samples, at
// least one unless pcm is empty. Use ReadPCM or ReadSample on one reader, not both.
func (a *AudioReader) ReadPCM(ctx context.Context, pcm []int16) (int, error) {
	const op = "ReadPCM"
	a.decoding.Lock()
	defer a.decoding.Unlock()
	for len(a.rest) == 0 && len(pcm) > 0 {
		s, mime, fresh, err := a.follow.read(ctx)
		if err != nil {
			return 0, err
		}
		if a.decoder == nil || fresh {
			a.closeDecoder()
			if a.decoder, err = codec.NewAudioDecoder(mime, PCMRate, PCMChannels); err != nil {
				return 0, fail(op, CodeNoPlatform, err)
			}
		}
		if a.pcm == nil {
			a.pcm = make([]int16, maxOpusFrame*PCMChannels)
		}
		n, err := a.decoder.Decode(s.Data, a.pcm)
		if err != nil {
			continue // one packet of sound less; the next one decodes by itself
		}
		a.rest = a.pcm[:n*PCMChannels]
	}
	n := copy(pcm, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

func (a *AudioReader) closeDecoder() {
	if a.decoder != nil {
		_ = a.decoder.Close()
		a.decoder = nil
	}
}

// Close ends the reader; a waiting call returns io.EOF.
func (a *AudioReader) Close() error {
	a.once.Do(func() {
		a.follow.close()
		a.decoding.Lock() // a ReadPCM under way ends first
		defer a.decoding.Unlock()
		a.closeDecoder()
	})
	return nil
}
