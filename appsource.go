package crvideo

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
)

// appSource runs a source of the application's on goroutines of its own, so that nothing that its code does can hold up
// the client: it may ignore its context, and it may call Close, which does not wait for it. Done does.
type appSource struct {
	c      *Client
	ctx    context.Context // ends with Close, or with the client
	cancel context.CancelFunc
	src    Source // set by run
	codec  string
	layers []LayerFormat // of a LayeredSource

	waiting bool // a sample was asked for and has not been taken yet; of the goroutine that calls Next
	want    chan struct{}
	samples chan appSample

	keyFrame chan struct{} // capacity 1, like wake
	bitrate  atomic.Int64
	wake     chan struct{}

	mu     sync.Mutex
	wanted []wantedLayer // of a LayeredSource

	idle   chan struct{} // closed when src.Next is called no more
	closed chan struct{} // closed when src.Close has returned
}

type appSample struct {
	Sample
	err error
}

// apart makes a SourceFunc whose sources run apart from the client. Its result returns from every method as soon as the
// client ends, whatever the application's code does.
func (c *Client) apart(open SourceFunc) SourceFunc {
	return func(ctx context.Context, format SourceFormat) (Source, error) {
		a := &appSource{
			c: c, want: make(chan struct{}, 1), samples: make(chan appSample, 1), keyFrame: make(chan struct{}, 1),
			wake: make(chan struct{}, 1), idle: make(chan struct{}), closed: make(chan struct{}),
		}
		a.ctx, a.cancel = context.WithCancel(c.life)
		opened := make(chan error, 1)
		if !c.spawnApart(func() { a.run(ctx, open, format, opened) }) {
			a.cancel()
			return nil, context.Canceled // closed, though life may end a moment later
		}
		select {
		case err := <-opened:
			if err != nil {
				a.cancel()
				return nil, err
			}
			if len(a.layers) > 0 {
				return &layeredApp{a, a.layers}, nil
			}
			return a, nil
		case <-c.life.Done():
			return nil, c.life.Err()
		}
	}
}

// spawnApart runs fn on a goroutine that Done waits for, and Close does not.
func (c *Client) spawnApart(fn func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.outside.Go(fn)
	return true
}

// run opens the source and reads from it.
func (a *appSource) run(ctx context.Context, open SourceFunc, format SourceFormat, opened chan<- error) {
	defer close(a.idle)
	src, err := open(ctx, format)
	if err == nil && src == nil {
		err = failf("open", CodeDeviceFailed, "the application's function returned no source")
	}
	layered, ok := src.(LayeredSource)
	if err == nil && ok {
		a.layers = layered.Layers()
		a.wanted = make([]wantedLayer, len(a.layers))
		if err = checkLayers("open", a.layers); err != nil {
			_ = src.Close()
		}
	}
	if err != nil {
		opened <- err
		return
	}
	a.src, a.codec = src, src.Codec()
	a.c.outside.Go(a.control) // while this goroutine runs Done is not past waiting
	opened <- nil
	for {
		select {
		case <-a.want:
			s, err := src.Next(a.ctx)
			a.samples <- appSample{s, err} // there is room: one is asked for at a time
		case <-a.ctx.Done():
			return
		}
	}
}

// control tells the source what the receivers need, and closes it in the end.
func (a *appSource) control() {
	defer close(a.closed)
	for {
		select {
		case <-a.keyFrame:
			a.src.RequestKeyFrame()
		case <-a.wake:
			if layered, ok := a.src.(LayeredSource); ok {
				a.tellLayers(layered)
			} else {
				a.src.SetBitrate(int(a.bitrate.Load()))
			}
		case <-a.ctx.Done():
			if err := a.src.Close(); err != nil {
				a.c.log.Warn("closing a source of the application", "codec", a.codec, "error", err)
			}
			return
		}
	}
}

func (a *appSource) Codec() string { return a.codec }

func (a *appSource) Next(ctx context.Context) (Sample, error) {
	if !a.waiting {
		a.waiting = true
		a.want <- struct{}{}
	}
	select {
	case s := <-a.samples:
		a.waiting = false
		return s.Sample, s.err
	case <-a.ctx.Done():
		return Sample{}, io.EOF
	case <-ctx.Done():
		return Sample{}, ctx.Err()
	}
}

func (a *appSource) RequestKeyFrame() { signalTo(a.keyFrame) }

func (a *appSource) SetBitrate(bps int) {
	a.bitrate.Store(int64(bps))
	signalTo(a.wake)
}

// Close returns when the application's code has, or the client ends.
func (a *appSource) Close() error {
	a.cancel()
	for _, ended := range []chan struct{}{a.closed, a.idle} {
		select {
		case <-ended:
		case <-a.c.life.Done():
		}
	}
	return nil
}

// signalTo leaves a signal in a channel of capacity 1, unless one is there.
func signalTo(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
