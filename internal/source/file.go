package source

import (
	"errors"
	"fmt"
	"io"
)

// reader yields the samples of a file without waiting. At the end it returns io.EOF.
type reader interface {
	next() (Sample, error)
}

// looped starts a reader over and over again.
type looped struct {
	in   io.Reader
	open func(io.Reader) reader
	loop bool
	now  reader
	some bool // since the last start
}

func newLooped(in io.Reader, loop bool, open func(io.Reader) reader) (*looped, error) {
	if loop {
		if _, ok := in.(io.Seeker); !ok {
			return nil, errors.New("to loop, the reader must be an io.Seeker")
		}
	}
	return &looped{in: in, open: open, loop: loop, now: open(in)}, nil
}

func (l *looped) next() (Sample, error) {
	for {
		s, err := l.now.next()
		if err == nil {
			l.some = true
			return s, nil
		}
		if !errors.Is(err, io.EOF) || !l.loop || !l.some {
			return Sample{}, err
		}
		if _, err := l.in.(io.Seeker).Seek(0, io.SeekStart); err != nil {
			return Sample{}, fmt.Errorf("start over: %w", err)
		}
		l.now, l.some = l.open(l.in), false
	}
}

// closeReader closes what the caller handed over, if it can be closed.
func closeReader(in io.Reader) func() error {
	return func() error {
		if c, ok := in.(io.Closer); ok {
			return c.Close()
		}
		return nil
	}
}
