package record

import (
	"image"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// tones is a tone in frames of 20 ms.
func tones(hz float64, frames int) [][]int16 {
	t := testpattern.NewTone(hz, mixRate)
	out := make([][]int16, frames)
	for i := range out {
		out[i] = make([]int16, mixSamples)
		t.Fill(out[i])
	}
	return out
}

func TestMixHoldsEveryVoice(t *testing.T) {
	var m mix
	silent := make([]int16, mixSamples)
	m.take(start, silent)
	var a, b, late voice
	high, low := tones(1500, 100), tones(600, 100)
	var all []int16
	for i := range 100 {
		// a's clock is 500 ppm fast, b's as much slow; both are spoken 100 ms from now
		m.add(&a, after(ms(100+20*i)+time.Duration(i)*10*time.Microsecond), high[i])
		m.add(&b, after(ms(100+20*i)-time.Duration(i)*10*time.Microsecond), low[i])
		m.add(&late, after(-time.Second), high[i])
		pcm := make([]int16, mixSamples)
		m.take(after(ms(20*(i+1))), pcm)
		all = append(all, pcm...)
	}
	onset := 0
	for all[onset] == 0 {
		onset++
	}
	assert.InDelta(t, (80 * time.Millisecond).Seconds(), float64(onset)/mixRate, 0.001, "at its time, nothing late before it")
	assert.Greater(t, testpattern.ToneShare(all[mixRate/2:], mixRate, 1500), 0.3)
	assert.Greater(t, testpattern.ToneShare(all[mixRate/2:], mixRate, 600), 0.3)
	assert.Less(t, testpattern.ToneShare(all[mixRate/2:], mixRate, 1000), 0.01)

	m.take(after(time.Hour), silent) // the machine slept
	for _, s := range silent {
		require.Zero(t, s)
	}
	m.add(&a, after(time.Hour+ms(20)), high[0])
	m.take(after(time.Hour+ms(20)), silent)
	assert.Equal(t, high[0], silent)
}

func TestLoudVoicesAreBent(t *testing.T) {
	last := int16(-32768)
	for v := int32(-400000); v <= 400000; v += 97 {
		got := clip(v)
		require.GreaterOrEqual(t, got, last, "%d", v)
		last = got
	}
	assert.EqualValues(t, 20000, clip(20000))
	assert.EqualValues(t, -20000, clip(-20000))
	assert.Greater(t, clip(1<<30), int16(32000))
}

func TestGrid(t *testing.T) {
	assert.Empty(t, grid(0, 100, 100))
	assert.Equal(t, []image.Rectangle{image.Rect(0, 0, 640, 360)}, grid(1, 640, 360))
	assert.Equal(t, []image.Rectangle{image.Rect(0, 0, 320, 180), image.Rect(320, 0, 640, 180), image.Rect(160, 180, 480, 360)}, grid(3, 640, 360))
	for n := 1; n <= maxShown; n++ {
		places := grid(n, 1280, 720)
		require.Len(t, places, n)
		for i, p := range places {
			assert.True(t, p.In(image.Rect(0, 0, 1280, 720)))
			for _, o := range places[:i] {
				assert.False(t, p.Overlaps(o), "%d: %v %v", n, p, o)
			}
		}
	}
}

func TestWall(t *testing.T) {
	w := newWall(640, 360)
	black := w.draw(start)
	_, _, ok := testpattern.Read(black)
	require.False(t, ok)
	show := func(tile *tile, at time.Duration, member, counter uint32, width, height int) {
		img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
		testpattern.Draw(img, member, counter)
		w.show(tile, crvideo.Frame{Image: img, Captured: after(at)})
	}
	read := func(at time.Duration, x, y, width, height int) [2]uint32 {
		t.Helper()
		member, counter, ok := testpattern.Read(w.draw(after(at)).SubImage(image.Rect(x, y, x+width, y+height)))
		if !ok {
			return [2]uint32{}
		}
		return [2]uint32{member, counter}
	}
	a, b := w.add(), w.add()
	show(a, ms(100), 1, 11, 640, 360)
	show(a, ms(200), 1, 12, 640, 360)
	assert.Equal(t, [2]uint32{}, read(ms(90), 0, 0, 640, 360), "not yet")
	assert.Equal(t, [2]uint32{1, 11}, read(ms(150), 0, 0, 640, 360), "alone")
	show(b, ms(160), 2, 21, 240, 360)
	assert.Equal(t, [2]uint32{1, 11}, read(ms(199), 0, 90, 320, 180))
	assert.Equal(t, [2]uint32{1, 12}, read(ms(210), 0, 90, 320, 180))
	assert.Equal(t, [2]uint32{2, 21}, read(ms(210), 360, 0, 240, 360), "in its shape, in the middle of its place")
	assert.Equal(t, [2]uint32{}, read(ms(10000), 0, 90, 320, 180), "they have no camera any more")
	w.remove(a)
	show(b, ms(10000), 2, 22, 640, 360)
	assert.Equal(t, [2]uint32{2, 22}, read(ms(10010), 0, 0, 640, 360))
}
