package crvideo

import (
	"slices"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/signal"
)

// moveLocked lets what is published go by another connection.
func (c *Client) moveLocked(conn *rtc.Conn) {
	if conn == nil {
		return
	}
	for _, pub := range c.publicationsLocked() {
		pub.move(pub.kind.outlet(conn, pub.place))
	}
}

// republish opens again on the server what was open, or being opened, before its media was made anew. From now on
// requests about devices are sent as usual, unless the server has forgotten us since the renewal of this number.
func (r *room) republish(requests signal.Requests, number int) {
	c := r.c
	c.sending.Lock()
	defer c.sending.Unlock()
	c.mu.Lock()
	pubs := c.publicationsLocked()
	c.mu.Unlock()
	for _, pub := range pubs {
		c.mu.Lock()
		again := c.publisher(pub.kind).has(pub) && pub.room == r && pub.codec != ""
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
	r.locked(func(*Client) {
		if r.renewals == number {
			r.reopening = false
		}
	})
}

// publicationsLocked are all that we publish, or are about to.
func (c *Client) publicationsLocked() []*publication {
	return slices.Concat(c.mic.pubs, c.camera.pubs)
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
