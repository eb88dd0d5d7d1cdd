package source

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// fileSource paces what a reader yields.
type fileSource struct {
	closer
	pacer pacer
	name  string
	codec string
	in    *looped
	ahead *Sample // read already, not yet due
	err   error   // of an earlier Next; it stays
}

// newFileSource reads the first sample at once, so that a file of another kind is refused here and not in the call.
func newFileSource(name, codec string, r io.Reader, loop bool, open func(io.Reader) reader) (Source, error) {
	in, err := newLooped(r, loop, open)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	first, err := in.next()
	if errors.Is(err, io.EOF) {
		err = errors.New("nothing in it")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &fileSource{closer: newCloser(closeReader(r)), name: name, codec: codec, in: in, ahead: &first}, nil
}

func (f *fileSource) Codec() string { return f.codec }

func (f *fileSource) Next(ctx context.Context) (Sample, error) {
	if f.err != nil {
		return Sample{}, f.closed(f.err)
	}
	if f.ahead == nil {
		s, err := f.in.next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				err = fmt.Errorf("%s: %w", f.name, err)
			}
			f.err = err
			return Sample{}, f.closed(err)
		}
		f.ahead = &s
	}
	if err := f.pacer.wait(ctx, f.done, f.ahead.Duration); err != nil {
		return Sample{}, err
	}
	s := *f.ahead
	f.ahead = nil
	return s, nil
}

// A file is encoded already.

func (f *fileSource) RequestKeyFrame() {}
func (f *fileSource) SetBitrate(int)   {}
