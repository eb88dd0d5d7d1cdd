package soak

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"

	"github.com/crvideo/crvideo-go"
)

// maxReaders is how many streams a bot reads at a time.
const maxReaders = 2

// watch begins to read the pictures of somebody, wherever that one is.
func (b *bot) watch(chance *rand.Rand) {
	uid := b.another(chance)
	if uid == b.uid {
		return
	}
	b.read(func(c *crvideo.Client) (closer, func(context.Context) (crvideo.Sample, error), error) {
		r, err := c.Video(uid, crvideo.DefaultCamera)
		if err != nil {
			return nil, nil, err
		}
		return r, r.ReadSample, nil
	})
}

func (b *bot) listen(chance *rand.Rand) {
	uid := b.another(chance)
	if uid == b.uid {
		return
	}
	b.read(func(c *crvideo.Client) (closer, func(context.Context) (crvideo.Sample, error), error) {
		r, err := c.Audio(uid)
		if err != nil {
			return nil, nil, err
		}
		return r, r.ReadSample, nil
	})
}

// read reads samples until the reader is closed. The first one must be one to begin with.
func (b *bot) read(open func(*crvideo.Client) (closer, func(context.Context) (crvideo.Sample, error), error)) {
	l := b.life
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.readers) >= maxReaders {
		return
	}
	r, next, err := open(l.c)
	if err != nil {
		b.s.fail(b.d, "cannot read: %v", err)
		return
	}
	l.readers = append(l.readers, r)
	l.reading.Go(func() {
		for first := true; ; first = false {
			s, err := next(context.Background())
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil || len(s.Data) == 0 || first && !s.Key {
				b.s.fail(b.d, "read a sample of %d bytes, key %v, first %v: %v", len(s.Data), s.Key, first, err)
				return
			}
			b.s.samples.Add(1)
		}
	})
}

func (b *bot) unwatch(*rand.Rand) {
	l := b.life
	l.mu.Lock()
	readers := l.readers
	l.readers = nil
	l.mu.Unlock()
	for _, r := range readers {
		_ = r.Close()
	}
}
