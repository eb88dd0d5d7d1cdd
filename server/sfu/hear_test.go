package sfu

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSoundIsForwardedFromWhomIsWanted(t *testing.T) {
	r := newTestRoom(t)
	a, b, c := join(t, r, "a", options{}), join(t, r, "b", options{}), join(t, r, "c", options{audio: 2})
	a.publish(1, a.mic, "audio/opus")
	b.publish(2, b.mic, "audio/opus")
	round := func(from ...uint32) {
		t.Helper()
		had := map[uint32]int{1: len(c.got(1)), 2: len(c.got(2))}
		for range 5 {
			a.mic.send(t, []byte("a"))
			b.mic.send(t, []byte("b"))
		}
		c.await("sound", func() bool {
			for _, num := range from {
				if len(c.of(num)) < had[num]+5 {
					return false
				}
			}
			return true
		})
		for num, n := range had {
			if !slices.Contains(from, num) {
				assert.Len(t, c.got(num), n, "stream %d", num)
			}
		}
	}
	round(1, 2)
	c.peer.SubscribeAudio(func(id string) bool { return id == "a" }, false)
	round(1)
	c.peer.SubscribeAudio(func(id string) bool { return id != "a" }, false)
	round(2)
	c.peer.SubscribeAudio(nil, false)
	round(1, 2)
}
