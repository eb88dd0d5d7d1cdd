package crvideo

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// publication is one device from its opening to its closing.
type publication struct {
	room   *room
	kind   deviceKind
	ctx    context.Context // ends with the publication
	cancel context.CancelFunc
	outlet *rtc.Outlet

	gone chan struct{} // closed when device and outlet are free again

	device int          // ID of the device, or of the camera as told to the server; guarded by Client.mu
	asked  bool         // the request to open has been sent; guarded by Client.mu
	stream *wire.Stream // the server's answer; guarded by Client.mu

	askingKey atomic.Bool // a key frame is being asked for

	mu       sync.Mutex
	src      Source // replaced when another device or another format is chosen
	finished bool   // no source is taken any more
}

// openSource opens the device with the settings of now, again if they change meanwhile.
func (c *Client) openSource(pub *publication, device *deviceEntry) (Source, error) {
	for {
		c.mu.Lock()
		format := c.formatLocked(pub.room)
		c.mu.Unlock()
		src, err := device.open(pub.ctx, format)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		same := format == c.formatLocked(pub.room)
		c.mu.Unlock()
		if same || pub.kind == micKind {
			return src, nil
		}
		_ = src.Close()
	}
}

// send takes sample after sample from the source until the publication ends.
func (c *Client) send(pub *publication) {
	for {
		src := pub.source()
		if src == nil {
			return
		}
		s, err := src.Next(pub.ctx)
		if err == nil {
			err = pub.outlet.WriteSample(rtc.Sample{Data: s.Data, Duration: s.Duration, Key: s.Key})
			if err != nil && !errors.Is(err, rtc.ErrNotNegotiated) && pub.ctx.Err() == nil {
				c.log.Debug("sample not sent", "op", pub.kind.openOp(), "error", err)
				continue // the network is away for a moment, which closes no device
			}
		}
		switch {
		case err == nil:
		case pub.ctx.Err() != nil:
			return
		case pub.source() != src: // replaced: go on with the new one
		default:
			c.sourceEnded(pub, err)
			return
		}
	}
}

// sourceEnded closes a device that delivers no more: a file at its end, or an unplugged device.
func (c *Client) sourceEnded(pub *publication, err error) {
	c.log.Info("source ended", "op", pub.kind.openOp(), "device", pub.device, "error", err)
	c.closeOwn(pub)
	if !errors.Is(err, io.EOF) {
		c.reportOpenFailed(pub.kind, fail(pub.kind.openOp(), CodeDeviceFailed, err))
	}
}

func (p *publication) source() Source {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.src
}

// swap puts another source in, and closes the one that was in.
func (p *publication) swap(next Source) {
	p.mu.Lock()
	old := p.src
	if p.finished {
		old, next = next, nil
	}
	p.src = next
	p.mu.Unlock()
	p.closeSource(old)
}

// finish closes the source for good.
func (p *publication) finish() {
	p.mu.Lock()
	old := p.src
	p.src, p.finished = nil, true
	p.mu.Unlock()
	p.closeSource(old)
}

func (p *publication) closeSource(src Source) {
	if src == nil {
		return
	}
	if err := src.Close(); err != nil {
		p.room.c.log.Warn("closing a source", "op", p.kind.closeOp(), "error", err)
	}
}

// requestKeyFrame comes from the media connection, which must not wait for a source of the application.
func (p *publication) requestKeyFrame() {
	switch src := p.source().(type) {
	case nil:
	case *adapted:
		src.RequestKeyFrame()
	default:
		if p.askingKey.CompareAndSwap(false, true) {
			p.room.c.spawn(func() {
				p.askingKey.Store(false)
				src.RequestKeyFrame()
			})
		}
	}
}
