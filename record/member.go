package record

import (
	"context"

	"github.com/crvideo/crvideo-go"
)

// memberProducers read one member's streams as they were sent.
func memberProducers(c *crvideo.Client, o Options) (all []producer, err error) {
	if !o.NoAudio {
		a, err := c.Audio(o.UID)
		if err != nil {
			return nil, err
		}
		all = append(all, stream{a, func() {}})
	}
	if !o.NoVideo {
		v, err := c.Video(o.UID, o.CamID)
		if err != nil {
			for _, p := range all {
				p.close()
			}
			return nil, err
		}
		all = append(all, stream{v, v.RequestKeyFrame})
	}
	return all, nil
}

// stream reads the samples of one microphone or camera.
type stream struct {
	sampleReader
	askKey func() // for a picture with which a file can begin
}

type sampleReader interface {
	ReadSample(ctx context.Context) (crvideo.Sample, error)
	Close() error
}

func (s stream) run(ctx context.Context, emit func(sample)) error {
	for turned := 0; ; {
		in, err := s.ReadSample(ctx)
		if err != nil {
			return err
		}
		if in.Rotation != turned && !in.Key {
			s.askKey()
		}
		turned = in.Rotation
		emit(sample{codec: in.Codec, data: in.Data, key: in.Key, at: in.Captured, dur: in.Duration, turn: in.Rotation})
	}
}

func (s stream) close() { _ = s.Close() }
