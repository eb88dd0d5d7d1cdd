package crvideo

import (
	"context"
	"errors"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/signal"
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

func (k deviceKind) outlet(conn *rtc.Conn) *rtc.Outlet {
	if k == micKind {
		return conn.Mic()
	}
	return conn.Camera()
}

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
	c.mu.Lock()
	r, err := c.inRoomLocked(k.openOp())
	if err == nil && r.conn == nil {
		err = failf(k.openOp(), CodeNoPlatform, "NoMedia is set")
	}
	if err == nil {
		_, err = c.chooseLocked(k)
	}
	if err == nil && c.publisher(k).pub == nil {
		pub := c.beginLocked(r, k, done)
		c.mu.Unlock()
		return func() { c.closeOwn(pub) }
	}
	c.mu.Unlock()
	done(err) // nil: it is open, or opening, already
	return noAbandon
}

// beginLocked begins a publication in the current room. opened hears of the end of opening.
func (c *Client) beginLocked(r *room, k deviceKind, opened func(error)) *publication {
	p := c.publisher(k)
	pub := &publication{room: r, kind: k, opened: opened, gone: make(chan struct{})}
	pub.outlet.Store(k.outlet(r.conn))
	pub.ctx, pub.cancel = context.WithCancel(r.ctx)
	if k == cameraKind {
		if device := c.devices.defaultCamera(c.params.AllowSynthetic); device != nil {
			pub.device = device.id
		}
		pub.watch = c.watchPictures(pub)
	}
	previous := p.last
	p.pub, p.last = pub, pub.gone
	c.setStatusLocked(k, StatusOpening)
	r.spawnLocked(func() { // the room is current, so it starts
		if previous != nil {
			<-previous
		}
		c.run(pub)
	})
	return pub
}

// askToOpen sends the request to publish, unless the publication has ended already.
func (c *Client) askToOpen(pub *publication, codec string, done func(error)) {
	c.sending.Lock()
	defer c.sending.Unlock()
	c.mu.Lock()
	r := pub.room
	current := c.publisher(pub.kind).pub == pub
	pub.asked, pub.codec, pub.answer = current, codec, done
	told := !current || sameDevices(r.self, c.describeLocked())
	reopening := r.reopening
	c.mu.Unlock()
	switch {
	case !current: // its context has ended, too
		return
	case !told: // the server must know the device
		c.sendDevices(r, func(err error) {
			if err != nil {
				c.log.Warn("telling the devices", "op", pub.kind.openOp(), "error", err)
			}
		})
	}
	if !reopening {
		c.requestOpen(pub, r.login.session().Bound())
	}
}

// requestOpen asks the server to publish. sending is held.
func (c *Client) requestOpen(pub *publication, requests signal.Requests) {
	c.mu.Lock()
	device, codec, done := pub.device, pub.codec, pub.answer
	c.mu.Unlock()
	uid, mid := pub.room.login.uid, pub.outlet.Load().Mid()
	method, params := wire.MethodOpenMic, any(wire.OpenMicParams{UID: uid, Mid: mid, Codec: codec})
	if pub.kind == cameraKind {
		method, params = wire.MethodOpenVideo, wire.OpenVideoParams{UID: uid, VideoID: device, Mid: mid, Codec: codec}
	}
	result := new(wire.OpenResult)
	requests.Go(method, params, answerTo(method, result, func(err error) { // on the read goroutine: in order with notifications
		if CodeOf(toError("", err)) == CodeSessionUnknown {
			return // the server has forgotten us, and will be asked again when we are in the room again
		}
		if err == nil && result.Stream == nil {
			err = wire.Errorf(wire.CodeInvalidData, "the server named no stream")
		}
		c.answered(pub, result.Stream, err)
		done(err)
	}))
}

// answered turns "opening" into "open" and reports it, unless the publication has ended meanwhile.
func (c *Client) answered(pub *publication, stream *wire.Stream, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err != nil:
		pub.asked = undecided(err) // refused: there is nothing to take back
	case c.publisher(pub.kind).pub == pub:
		pub.stream = stream
		c.setStatusLocked(pub.kind, StatusOpen)
		if opened := pub.opened; opened != nil {
			pub.opened = nil
			opened(nil)
		}
	}
}

// ended turns the publication's state to "closed" (or "none", if the device was unplugged) if it is still the current one.
func (c *Client) ended(pub *publication) (current bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.publisher(pub.kind)
	if p.pub != pub {
		return false
	}
	pub.cancel()
	p.pub = nil
	_, err := c.chooseLocked(pub.kind)
	c.setStatusLocked(pub.kind, presence(err == nil))
	return true
}

// closeOwn closes a publication of ours: at once here, then on the server. The channel is closed with the server's answer.
func (c *Client) closeOwn(pub *publication) <-chan struct{} {
	c.sending.Lock()
	defer c.sending.Unlock()
	if pub == nil || !c.ended(pub) {
		return closedChan
	}
	return c.sendClose(pub)
}

// sendClose closes on the server what was opened there. sending is held.
func (c *Client) sendClose(pub *publication) <-chan struct{} {
	c.mu.Lock()
	asked, device := pub.asked && !pub.room.reopening, pub.device
	c.mu.Unlock()
	if !asked {
		return closedChan
	}
	answered := make(chan struct{})
	l := pub.room.login
	ack := func(err error) {
		if err != nil && CodeOf(toError("", err)) != CodeSessionUnknown { // forgotten is closed
			c.log.Warn("closing a device on the server", "op", pub.kind.closeOp(), "error", err)
		}
		close(answered)
	}
	method, params := wire.MethodCloseMic, any(wire.UIDParams{UID: l.uid})
	if pub.kind == cameraKind {
		method, params = wire.MethodCloseVideo, wire.VideoParams{UID: l.uid, VideoID: device}
	}
	l.session().Bound().Go(method, params, answerTo(method, nil, ack))
	return answered
}

// switchCamera lets an open camera give way to the default one: the others see another camera, so it is another stream.
// A camera that is only being opened becomes the right one by itself.
func (c *Client) switchCamera(r *room) {
	c.sending.Lock()
	defer c.sending.Unlock()
	c.mu.Lock()
	old := c.camera.pub
	device := c.devices.defaultCamera(c.params.AllowSynthetic)
	if c.room != r || device == nil || old == nil || old.source() == nil || old.device == device.id {
		c.mu.Unlock()
		return
	}
	opened := old.opened
	old.opened = nil
	if opened == nil { // it was open
		opened = c.opened(cameraKind)
	}
	old.cancel()
	c.camera.pub = nil
	c.setStatusLocked(cameraKind, StatusClosed)
	c.beginLocked(r, cameraKind, opened)
	c.mu.Unlock()
	c.sendClose(old)
}

// opened reports the failure of an opening that nobody waits for.
func (c *Client) opened(k deviceKind) func(error) {
	return func(err error) {
		if err != nil {
			c.reportOpenFailed(k, err)
		}
	}
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
