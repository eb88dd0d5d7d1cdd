package crvideo

import (
	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/signal"
)

// moveLocked lets what is published go by another connection.
func (c *Client) moveLocked(conn *rtc.Conn) {
	for _, k := range []deviceKind{micKind, cameraKind} {
		if pub := c.publisher(k).pub; pub != nil && conn != nil {
			pub.move(k.outlet(conn))
		}
	}
}

// republish opens again on the server what was open, or being opened, before its media was made anew. From now on
// requests about devices are sent as usual.
func (r *room) republish(requests signal.Requests) {
	c := r.c
	c.sending.Lock()
	defer c.sending.Unlock()
	for _, k := range []deviceKind{micKind, cameraKind} {
		c.mu.Lock()
		pub := c.publisher(k).pub
		again := pub != nil && pub.room == r && pub.codec != ""
		if again {
			pub.asked = true
			if pub.stream != nil { // it was open, and nobody waits for the answer
				pub.answer = func(err error) { c.reopened(pub, err) }
			}
		}
		c.mu.Unlock()
		if again {
			c.requestOpen(pub, requests)
		}
	}
	r.locked(func(*Client) { r.reopening = false })
}

// reopened hears whether a device that was open is so again.
func (c *Client) reopened(pub *publication, err error) {
	if err == nil {
		return
	}
	c.spawn(func() { // not on the session's read goroutine
		c.closeOwn(pub)
		c.reportOpenFailed(pub.kind, toError(pub.kind.openOp(), err))
	})
}
