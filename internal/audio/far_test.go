package audio

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const farFrame = 960

// counting gives samples that tell their place in the stream, in both channels.
type counting struct{ n int16 }

func (c *counting) next(frames int) []int16 {
	var out []int16
	for range frames * farFrame {
		c.n++
		out = append(out, c.n, c.n)
	}
	return out
}

func TestFarKeepsStep(t *testing.T) {
	var f far
	var c counting
	assert.Nil(t, f.take(farFrame), "nothing is played")
	f.put(c.next(1), 2)
	require.Equal(t, int16(1), f.take(farFrame)[0])
	for i := range 20 { // one in, one out
		f.put(c.next(1), 2)
		require.Equal(t, int16((i+1)*farFrame+1), f.take(farFrame)[0])
	}
	zeros := f.take(farFrame) // the speaker is late: it plays silence
	require.NotNil(t, zeros)
	assert.Zero(t, zeros[0])
	f.put(c.next(1), 2)
	assert.Equal(t, int16(21*farFrame+1), f.take(farFrame)[0], "then it goes on")
}

// A speaker that was unpunctual only, and makes up for it, does not put the two out of step for long.
func TestFarDropsWhatIsTooMuch(t *testing.T) {
	var f far
	c := counting{}
	f.put(c.next(1), 2)
	for range 5 {
		f.take(farFrame)
	}
	f.put(c.next(6), 2)
	for range 2 * farLook {
		c.n = 0 // only the number matters here
		f.take(farFrame)
		f.put(c.next(1), 2)
	}
	assert.LessOrEqual(t, len(f.held), 3*farFrame)
	f.put(c.next(15), 2)
	assert.LessOrEqual(t, len(f.held), maxFar)
	for range farIdle {
		f.take(farFrame)
	}
	assert.Nil(t, f.take(farFrame), "the speaker is silent")
}
