package crvideo

import (
	"context"
	"errors"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// deviceKind tells microphone and camera apart where they are handled alike.
type deviceKind int

const (
	micKind deviceKind = iota
	cameraKind
)

func (k deviceKind) openOp() string  { return [...]string{"OpenMic", "OpenVideo"}[k] }
func (k deviceKind) closeOp() string { return [...]string{"CloseMic", "CloseVideo"}[k] }

// publisher is one's own microphone or camera: its state, and what is being sent of it. Guarded by Client.mu.
type publisher struct {
	status DeviceStatus
	pub    *publication    // nil: closed
	last   <-chan struct{} // closed when the last publication has let go of device and outlet; nil: there was none
}

// reset begins a stay in a room.
func (p *publisher) reset(present bool) {
	p.pub, p.status = nil, StatusNone
	if present {
		p.status = StatusClosed
	}
}

// drop ends a stay in a room.
func (p *publisher) drop() {
	if p.pub != nil {
		p.pub.cancel()
	}
	p.pub, p.status = nil, StatusUnknown
}

func (c *Client) publisher(k deviceKind) *publisher {
	if k == micKind {
		return &c.mic
	}
	return &c.camera
}

// startOpen opens one's own microphone or camera. done is called once.
func (c *Client) startOpen(k deviceKind, done func(error)) (abandon func()) {
	op := k.openOp()
	c.mu.Lock()
	r, err := c.inRoomLocked(op)
	p := c.publisher(k)
	switch {
	case err != nil:
	case r.conn == nil:
		err = failf(op, CodeNoPlatform, "NoMedia is set")
	case p.pub != nil: // open, or opening: nothing to do
		c.mu.Unlock()
		done(nil)
		return noAbandon
	}
	var device *deviceEntry
	if err == nil {
		device, err = c.chooseLocked(k)
	}
	if err != nil {
		c.mu.Unlock()
		done(toError(op, err))
		return noAbandon
	}
	pub := &publication{room: r, kind: k, device: device.id, outlet: r.conn.Mic(), gone: make(chan struct{})}
	if k == cameraKind {
		pub.outlet = r.conn.Camera()
	}
	pub.ctx, pub.cancel = context.WithCancel(r.ctx)
	previous := p.last
	p.pub, p.last = pub, pub.gone
	c.setStatusLocked(k, StatusOpening)
	r.spawnLocked(func() { // the room is current, so it starts
		defer close(pub.gone)
		if previous != nil {
			<-previous
		}
		c.open(pub, device, done)
	})
	c.mu.Unlock()
	return func() { c.closeOwn(pub) }
}

// open opens the device, asks the server to publish it, and then sends until the publication ends.
func (c *Client) open(pub *publication, device *deviceEntry, done func(error)) {
	op := pub.kind.openOp()
	failed := func(err error) {
		c.ended(pub)
		done(toError(op, err))
	}
	src, err := c.openSource(pub, device)
	if err != nil {
		failed(asDeviceError(op, err))
		return
	}
	defer pub.finish()
	pub.swap(src)
	finished := make(chan struct{})
	stop := context.AfterFunc(pub.ctx, func() { // a Next that does not look at its context returns, too
		defer close(finished)
		pub.finish()
	})
	defer func() {
		if !stop() {
			<-finished
		}
	}()
	if err := pub.outlet.Start(src.Codec(), pub.requestKeyFrame); err != nil {
		failed(fail(op, CodeInternal, err))
		return
	}
	defer pub.outlet.Stop()
	answer := make(chan error, 1)
	if !c.askToOpen(pub, src.Codec(), func(err error) { // on the read goroutine: in order with notifications
		if err == nil {
			err = c.confirmOpen(pub, done)
		}
		answer <- err
	}) {
		failed(fail(op, CodeLoginState, context.Canceled))
		return
	}
	if err := <-answer; err != nil {
		failed(err)
		return
	}
	c.send(pub)
}

// askToOpen sends the request to publish. It reports false, and sends nothing, if the publication has ended already.
func (c *Client) askToOpen(pub *publication, codec string, done func(error)) bool {
	c.sending.Lock()
	defer c.sending.Unlock()
	c.mu.Lock()
	current := c.publisher(pub.kind).pub == pub
	pub.asked = current
	device := pub.device
	c.mu.Unlock()
	if !current {
		return false
	}
	l := pub.room.login
	result := new(wire.OpenResult)
	answered := func(err error) {
		if err == nil && result.Stream == nil {
			err = wire.Errorf(wire.CodeInvalidData, "the server named no stream")
		}
		if err == nil {
			c.mu.Lock()
			pub.stream = result.Stream
			c.mu.Unlock()
		}
		done(err)
	}
	if pub.kind == micKind {
		l.request(wire.MethodOpenMic, wire.OpenMicParams{UID: l.uid, Mid: pub.outlet.Mid(), Codec: codec}, result, answered)
	} else {
		l.request(wire.MethodOpenVideo, wire.OpenVideoParams{UID: l.uid, VideoID: device, Mid: pub.outlet.Mid(), Codec: codec}, result, answered)
	}
	return true
}

// confirmOpen turns "opening" into "open" and reports it, unless the publication has ended meanwhile.
func (c *Client) confirmOpen(pub *publication, done func(error)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.publisher(pub.kind).pub != pub {
		return context.Canceled
	}
	c.setStatusLocked(pub.kind, StatusOpen)
	done(nil)
	return nil
}

// ended turns the publication's state to "closed" if it is still the current one.
func (c *Client) ended(pub *publication) (current bool) {
	pub.cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.publisher(pub.kind)
	if p.pub != pub {
		return false
	}
	p.pub = nil
	c.setStatusLocked(pub.kind, StatusClosed)
	return true
}

// closeOwn closes a publication of ours: at once here, then on the server. The channel is closed with the server's answer.
func (c *Client) closeOwn(pub *publication) <-chan struct{} {
	c.sending.Lock()
	defer c.sending.Unlock()
	if pub == nil || !c.ended(pub) {
		return closedChan
	}
	c.mu.Lock()
	asked, device := pub.asked, pub.device
	c.mu.Unlock()
	if !asked {
		return closedChan
	}
	answered := make(chan struct{})
	l := pub.room.login
	ack := func(err error) {
		if err != nil {
			c.log.Warn("closing a device on the server", "op", pub.kind.closeOp(), "error", err)
		}
		close(answered)
	}
	if pub.kind == micKind {
		l.request(wire.MethodCloseMic, wire.UIDParams{UID: l.uid}, nil, ack)
	} else {
		l.request(wire.MethodCloseVideo, wire.VideoParams{UID: l.uid, VideoID: device}, nil, ack)
	}
	return answered
}

// closedByOther follows another member's closing of our device. The server has closed it already. A publication that
// the server has not confirmed yet is a later one, which that closing does not mean.
func (c *Client) closedByOther(r *room, k deviceKind) {
	c.mu.Lock()
	pub := c.publisher(k).pub
	ours := pub != nil && pub.room == r && pub.stream != nil
	c.mu.Unlock()
	if ours {
		c.ended(pub)
	}
}

// setStatusLocked changes the state of one's own device and tells it. Events are queued under the lock, so that their
// order is the order of the changes.
func (c *Client) setStatusLocked(k deviceKind, now DeviceStatus) {
	p := c.publisher(k)
	old := p.status
	p.status = now
	switch {
	case old == now || c.login == nil:
	case k == micKind:
		emit(c, &c.on.audioStatus, AudioStatusChanged{c.login.uid, old, now})
	default:
		emit(c, &c.on.videoStatus, VideoStatusChanged{c.login.uid, old, now})
	}
}

func (c *Client) reportOpenFailed(k deviceKind, err error) {
	if k == micKind {
		emit(c, &c.on.openMicFailed, OpenMicFailed{CodeOf(err), err.Error()})
	} else {
		emit(c, &c.on.openVideoFailed, OpenVideoFailed{CodeOf(err), err.Error()})
	}
}

// asDeviceError gives a failing device its code unless it brings one along.
func asDeviceError(op string, err error) error {
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	return fail(op, CodeDeviceFailed, err)
}
