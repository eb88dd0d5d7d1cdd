package crvideo

import (
	"sync/atomic"
	"time"
)

// How long a camera may give no picture before the application is told: after it was to be opened, and after the last.
const (
	firstPictureTime = 10 * time.Second
	nextPictureTime  = 30 * time.Second
)

// pictureWatch tells of a camera that gives no pictures. It has no goroutine. A nil one watches nothing.
type pictureWatch struct {
	timer *time.Timer
	next  time.Duration
	begun atomic.Bool // there was a picture
}

func (c *Client) watchPictures(pub *publication) *pictureWatch {
	w := &pictureWatch{next: c.nextPictureTime}
	w.timer = time.AfterFunc(c.firstPictureTime, func() { c.pictureMissing(pub, w) })
	return w
}

func (c *Client) pictureMissing(pub *publication, w *pictureWatch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.camera.has(pub):
	case w.begun.Load():
		emit(c, &c.on.encodeException, VideoEncodeException{pub.device})
	default:
		emit(c, &c.on.openVideoTimeout, OpenVideoTimeout{pub.device})
	}
}

// picture notes that there was one. The goroutine that calls it calls stop, too.
func (w *pictureWatch) picture() {
	if w != nil {
		w.begun.Store(true)
		w.timer.Reset(w.next)
	}
}

func (w *pictureWatch) stop() {
	if w != nil {
		w.timer.Stop()
	}
}
