//go:build cgo

package codec

import (
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// layersRun encodes pictures in layers and decodes each of them.
type layersRun struct {
	layers   *Layers
	decoders []VideoDecoder
	img      *image.YCbCr
	counter  uint32
}

func newLayersRun(tb testing.TB, p VideoParams) *layersRun {
	l, err := NewLayers(H264, p)
	require.NoError(tb, err)
	r := &layersRun{layers: l, img: image.NewYCbCr(image.Rect(0, 0, p.Width, p.Height), image.YCbCrSubsampleRatio420)}
	tb.Cleanup(func() { require.NoError(tb, l.Close()) })
	for range l.Params() {
		d, err := NewVideoDecoder(H264)
		require.NoError(tb, err)
		tb.Cleanup(func() { require.NoError(tb, d.Close()) })
		r.decoders = append(r.decoders, d)
	}
	return r
}

// next encodes a picture, and returns the layers that are in it and those that are key frames. What is in is decoded and read.
func (r *layersRun) next(t *testing.T) (there, keys []int) {
	t.Helper()
	r.counter++
	testpattern.Draw(r.img, 3, r.counter)
	out, err := r.layers.Encode(r.img)
	require.NoError(t, err)
	for i, layer := range out {
		if len(layer.Data) == 0 {
			continue
		}
		there = append(there, i)
		if layer.Key {
			keys = append(keys, i)
		}
		img, err := r.decoders[i].Decode(layer.Data)
		require.NoError(t, err)
		p := r.layers.Params()[i]
		require.Equal(t, image.Pt(p.Width, p.Height), img.Rect.Size())
		member, counter, ok := testpattern.Read(img)
		require.True(t, ok, "layer %d cannot be read", i)
		require.EqualValues(t, 3, member)
		require.Equal(t, r.counter, counter)
	}
	return there, keys
}

func TestLayersAreEncodedOnlyWhileTheyAreOn(t *testing.T) {
	r := newLayersRun(t, VideoParams{Width: 848, Height: 480, FPS: 30, Bitrate: 600_000})
	require.Len(t, r.layers.Params(), 3)
	there, keys := r.next(t)
	require.Equal(t, []int{0}, there, "in the beginning the largest one")
	require.Equal(t, []int{0}, keys)

	r.layers.SetBitrate(2, r.layers.Params()[2].Bitrate)
	there, keys = r.next(t)
	require.Equal(t, []int{0, 2}, there)
	require.Equal(t, []int{2}, keys, "begins with a key frame")

	r.layers.SetBitrate(0, 0)
	before := r.layers.Encoded(0)
	for range 5 {
		there, _ = r.next(t)
		require.NotContains(t, there, 0)
	}
	require.Equal(t, before, r.layers.Encoded(0), "an encoder that is off encodes nothing")

	r.layers.SetBitrate(0, 600_000)
	r.layers.SetBitrate(1, 180_000)
	there, keys = r.next(t)
	require.Equal(t, []int{0, 1, 2}, there)
	require.Equal(t, []int{0, 1}, keys)

	r.layers.ForceKeyFrame(2)
	for keys = nil; len(keys) == 0 && r.counter < 50; { // rate control may leave pictures out
		_, keys = r.next(t)
	}
	require.Equal(t, []int{2}, keys)

	for i := range 3 {
		r.layers.SetBitrate(i, 0)
	}
	there, _ = r.next(t)
	require.Empty(t, there)
	r.layers.SetBitrate(7, 1) // there is none
	r.layers.ForceKeyFrame(-1)
}

func TestLayerSizes(t *testing.T) {
	sizes := func(w, h int) (out []image.Point) {
		for _, p := range LayerSizes(VideoParams{Width: w, Height: h}) {
			out = append(out, image.Pt(p.Width, p.Height))
		}
		return out
	}
	require.Equal(t, []image.Point{{1280, 720}, {640, 360}, {320, 180}}, sizes(1280, 720))
	require.Equal(t, []image.Point{{640, 360}, {320, 180}, {160, 90}}, sizes(640, 360))
	require.Equal(t, []image.Point{{128, 80}}, sizes(128, 80))
	require.Empty(t, sizes(0, 0))
}

// BenchmarkLayers tells what pictures cost while everybody, somebody and nobody watches.
func BenchmarkLayers(b *testing.B) {
	for name, on := range map[string][]int{"all": {0, 1, 2}, "large": {0}, "small": {2}, "nobody": nil} {
		b.Run(name, func(b *testing.B) {
			r := newLayersRun(b, VideoParams{Width: 1280, Height: 720, FPS: 30, Bitrate: 1_500_000})
			r.layers.SetBitrate(0, 0)
			for _, i := range on {
				r.layers.SetBitrate(i, r.layers.Params()[i].Bitrate)
			}
			for i := range b.N {
				testpattern.Draw(r.img, 3, uint32(i)) // small
				if _, err := r.layers.Encode(r.img); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
