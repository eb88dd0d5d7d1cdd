package crvideo

import "time"

// SetPictureTimes lets a test wait less long for a camera without pictures.
func SetPictureTimes(c *Client, first, next time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.firstPictureTime, c.nextPictureTime = first, next
}

// PlugSpeaker is a speaker that came or went.
func PlugSpeaker(c *Client) { c.speakersChanged(true) }
