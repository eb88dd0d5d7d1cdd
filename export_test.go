package crvideo

import (
	"context"
	"time"

	"github.com/pion/transport/v5"
)

// SetPictureTimes lets a test wait less long for a camera without pictures.
func SetPictureTimes(c *Client, first, next time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.firstPictureTime, c.nextPictureTime = first, next
}

// PostEvent runs fn after the handlers of all events so far.
func PostEvent(c *Client, fn func()) { c.events.post(fn) }

// PlugSpeaker is a speaker that came or went.
func PlugSpeaker(c *Client) { c.speakersChanged(true) }

// SetNet gives a client's media a network of its own, before it enters a room.
func SetNet(c *Client, n transport.Net) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.network = n
}

// FakeDevice is a camera or microphone that a test plugs in.
type FakeDevice struct {
	Name string
	Open SourceFunc
}

// Plug makes the machine have these devices and no others.
func Plug(c *Client, cameras, mics []FakeDevice) {
	found := func(devices []FakeDevice) (all []foundDevice) {
		for _, d := range devices {
			all = append(all, foundDevice{d.Name, d.Name, c.apart(d.Open)})
		}
		return all
	}
	c.mu.Lock()
	c.find = func() (_, _ []foundDevice) { return found(cameras), found(mics) }
	c.mu.Unlock()
	c.lookForDevices()
}

// RunAsHandler runs fn where handlers run.
func RunAsHandler(c *Client, fn func()) { c.events.queue.Post(fn) }

// TellNetwork lets a test say how the network is; everything about it has changed then.
func TellNetwork(c *Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tellNetLocked(&netState{}, netState{score: 4, delay: time.Second, up: 0.1, down: 0.2})
}

// AskWithCookie makes a call as those of the mirror are made: its end comes to where handlers run, with the cookie.
func AskWithCookie(c *Client, cookie any, ended func(cookie any, err error)) {
	c.startGetStatus("", func(_ []UserStatus, err error) {
		if !c.events.post(func() { ended(cookie, err) }) {
			go ended(cookie, err)
		}
	})
}

// LeftOf tells what a client still has that must be gone when it is done.
func LeftOf(c *Client) (left []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for what, there := range map[string]bool{
		"the timer that looks for devices": c.poll.Stop(),
		"a login":                          c.login != nil,
		"a room":                           c.room != nil,
		"a microphone":                     len(c.mic.pubs) > 0,
		"a camera":                         len(c.camera.pubs) > 0,
		"a VideoUI":                        len(c.uis) > 0,
		"its life":                         c.life.Err() == nil,
		"a transfer":                       c.underWay.Load() != 0,
		"events that wait":                 c.events.queue.Len() > 0,
	} {
		if there {
			left = append(left, what)
		}
	}
	return left
}

// OpenWhileClosing opens a source at the moment at which Close has begun and the client's life has not ended yet.
func OpenWhileClosing(c *Client, open SourceFunc) (Source, error) {
	set := func(closed bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.closed = closed
	}
	set(true)
	defer set(false)
	return c.apart(open)(context.Background(), SourceFormat{})
}
