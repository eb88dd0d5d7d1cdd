package crvideo

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// publication is one device from its opening to its closing.
type publication struct {
	room   *room
	kind   deviceKind
	ctx    context.Context // ends with the publication
	cancel context.CancelFunc

	place    int                        // among those of its kind
	outlet   atomic.Pointer[rtc.Outlet] // nil until the place is negotiated; replaced when media is made anew
	outletMu sync.Mutex                 // orders start, stop and move; taken after Client.mu
	sending  string                     // the codec, from start to stop
	wanted   []int                      // of a camera: the layers that anybody watches; with outletMu held

	watch *pictureWatch // of a camera

	gone chan struct{} // closed when device and outlet are free again

	opened func(error)  // reports the end of opening; nil: it was reported; guarded by Client.mu, as are the next six
	device int          // ID of the device, or of the camera as told to the server
	asked  bool         // the request to open has been sent, and was not refused
	codec  string       // as asked for
	answer func(error)  // hears of the answer to the request
	stream *wire.Stream // the server's answer
	told   []wire.Layer // the sizes that the server was told

	mu       sync.Mutex  // taken after Client.mu
	src      *openSource // nil: not open yet, or finished; replaced when another device or another format is chosen
	finished bool        // no source is taken any more
}

// openSource is a source that can be told apart from others, whatever its type.
type openSource struct {
	Source
	bitrate int                 // bit/s that it was opened for
	told    atomic.Int64        // bit/s that it was told last, if it has no layers; 0: nothing
	layers  []LayerFormat       // of a LayeredSource
	on      [rtc.MaxLayers]bool // layers that it was told to send; with outletMu held
}

// run opens the device, publishes it, and sends until the publication ends.
func (c *Client) run(pub *publication) {
	defer close(pub.gone)
	defer func() { pub.closeSource(pub.put(nil)) }()
	defer pub.stop()
	defer pub.watch.stop()
	if pub.kind == micKind {
		defer c.sound.ended()
	}
	if err := c.open(pub); err != nil {
		c.closeOwn(pub)
		if opened := c.takeOpened(pub); opened != nil {
			opened(toError(pub.kind.openOp(), err))
		}
		return
	}
	c.send(pub)
}

func (c *Client) takeOpened(pub *publication) func(error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	opened := pub.opened
	pub.opened = nil
	return opened
}

// open opens the device and asks the server to publish it.
func (c *Client) open(pub *publication) error {
	op := pub.kind.openOp()
	codec, err := c.openDeviceOf(pub)
	if err != nil {
		return asDeviceError(op, err)
	}
	if err := c.awaitPlace(pub); err != nil {
		return fail(op, CodeLoginState, err) // closed before it was open
	}
	if err := pub.start(codec); err != nil {
		return fail(op, CodeInternal, err)
	}
	answer := make(chan error, 1)
	c.askToOpen(pub, codec, func(err error) { answer <- err })
	select {
	case err := <-answer:
		return err
	case <-pub.ctx.Done():
		return fail(op, CodeLoginState, pub.ctx.Err()) // closed before it was open
	}
}

// openDeviceOf opens the device with the settings of now, again if they change meanwhile.
func (c *Client) openDeviceOf(pub *publication) (codec string, err error) {
	for {
		c.mu.Lock()
		device, err := c.deviceOfLocked(pub)
		format := c.formatLocked(pub.kind, pub.room)
		c.mu.Unlock()
		if err != nil {
			return "", err
		}
		src, err := device.open(pub.ctx, format)
		if err != nil {
			return "", err
		}
		c.mu.Lock()
		now, err := c.deviceOfLocked(pub)
		if err == nil && now.id == device.id && c.formatLocked(pub.kind, pub.room) == format {
			pub.device = device.id
			pub.put(newOpenSource(src, format.Bitrate)) // the first one, so there is none to close
			c.mu.Unlock()
			return src.Codec(), nil
		}
		c.mu.Unlock()
		pub.closeSource(&openSource{Source: src})
		if pub.ctx.Err() != nil {
			return "", pub.ctx.Err()
		}
	}
}

// send takes sample after sample from the source until the publication ends.
func (c *Client) send(pub *publication) {
	var layers []rtc.LayerSample
	var protected time.Time
	for {
		src := pub.source()
		if src == nil {
			return
		}
		s, err := src.Next(pub.ctx)
		if err == nil {
			pub.watch.picture()
			var out rtc.Sample
			out, layers = sampleOut(&s, layers)
			if pub.kind == micKind {
				c.sound.sending(&s, &out)
				if p, ok := src.Source.(*adapted); ok && time.Since(protected) > time.Second {
					p.protect(pub.outlet.Load().Loss())
					protected = time.Now()
				}
			}
			err = pub.outlet.Load().WriteSample(out)
			if err != nil && !errors.Is(err, rtc.ErrNotNegotiated) && pub.ctx.Err() == nil {
				c.log.Debug("sample not sent", "op", pub.kind.openOp(), "error", err)
				continue // the network is away for a moment, which closes no device
			}
		}
		switch {
		case err == nil:
		case pub.ctx.Err() != nil:
			return
		case pub.source() != src, c.survives(pub, src, err): // replaced: go on with the new one
		default:
			c.sourceEnded(pub, err)
			return
		}
	}
}

// sourceEnded closes a device that delivers no more: a file at its end, or an unplugged device.
func (c *Client) sourceEnded(pub *publication, err error) {
	c.log.Info("source ended", "op", pub.kind.openOp(), "error", err)
	c.closeOwn(pub)
	if !errors.Is(err, io.EOF) {
		c.reportOpenFailed(pub.kind, fail(pub.kind.openOp(), CodeDeviceFailed, err))
	}
}

func (p *publication) start(codec string) error {
	p.outletMu.Lock()
	defer p.outletMu.Unlock()
	p.sending = codec
	return p.startAt(p.outlet.Load(), codec)
}

// startAt begins to send, at the rate that the network carries.
func (p *publication) startAt(o *rtc.Outlet, codec string) error {
	start := p.startCamera
	if p.kind == micKind {
		start = func(o *rtc.Outlet, codec string) error { return o.Start(codec, nil) }
	}
	if err := start(o, codec); err != nil {
		return err
	}
	p.adapt(o, p.source())
	return nil
}

// adapt lets the camera's source follow the network, up to what it was opened for.
func (p *publication) adapt(o *rtc.Outlet, src *openSource) {
	switch {
	case p.kind != cameraKind || src == nil:
	case src.layers != nil:
		o.Watch(true) // the source hears what nobody watches
		p.adaptLayers(o, src)
	default:
		p.adaptSingle(o, src)
	}
}

// adaptSingle is adapt for a source in one size. It cannot be told that nobody watches: its samples are dropped then.
func (p *publication) adaptSingle(o *rtc.Outlet, src *openSource) {
	watched := len(p.wanted) > 0
	switch {
	case src.bitrate <= 0:
	case !watched:
		o.AdaptLayer(0, 0, nil)
	default:
		if told := src.told.Load(); told != 0 && told != int64(src.bitrate) { // on a path that was worse
			p.setBitrate(src.bitrate)
		}
		o.Adapt(src.bitrate, p.setBitrate)
	}
	o.Watch(watched)
}

// adaptNow is adapt for a source that takes the place of another one.
func (p *publication) adaptNow(src *openSource) {
	p.outletMu.Lock()
	defer p.outletMu.Unlock()
	if p.sending != "" {
		p.adapt(p.outlet.Load(), src)
	}
}

// setBitrate comes from the media connection, which must not wait: no source here makes it.
func (p *publication) setBitrate(bps int) {
	if src := p.source(); src != nil {
		src.told.Store(int64(bps))
		src.SetBitrate(bps)
	}
}

func (p *publication) stop() {
	p.outletMu.Lock()
	defer p.outletMu.Unlock()
	p.sending = ""
	if o := p.outlet.Load(); o != nil {
		o.Stop()
	}
}

// move sends by another connection from now on. nil: there is no place on it yet, nor was there before.
func (p *publication) move(to *rtc.Outlet) {
	p.outletMu.Lock()
	defer p.outletMu.Unlock()
	p.outlet.Store(to)
	if p.sending == "" {
		return
	}
	if err := p.startAt(to, p.sending); err != nil { // it was taken before, and the connection is new
		p.room.c.log.Error("sending by a new connection", "op", p.kind.openOp(), "error", err)
	}
}

func (p *publication) source() *openSource {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.src
}

// put puts another source in, nil for good, and returns the one to be closed.
func (p *publication) put(next *openSource) (old *openSource) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.finished {
		return next
	}
	old, p.src, p.finished = p.src, next, next == nil
	return old
}

func (p *publication) closeSource(src *openSource) {
	if src == nil {
		return
	}
	if err := src.Close(); err != nil {
		p.room.c.log.Warn("closing a source", "op", p.kind.closeOp(), "error", err)
	}
}
