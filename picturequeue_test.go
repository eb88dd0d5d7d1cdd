package crvideo_test

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

// pattern is the test picture of member 77.
func pattern(w, h int, counter uint32) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	testpattern.Draw(img, 77, counter)
	return img
}

// rgba is the same picture as package image has it.
func rgba(img *image.YCbCr) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	draw.Draw(out, out.Rect, img, img.Rect.Min, draw.Src)
	return out
}

// write writes pictures of changing kinds and sizes until the test ends.
func write(t *testing.T, q *crvideo.PictureQueue, next func(counter uint32) image.Image) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := uint32(0); ; n++ {
			if err := q.WriteImage(ctx, next(n)); err != nil {
				assert.ErrorIs(t, err, context.Canceled)
				return
			}
		}
	})
	return func() { cancel(); wg.Wait() }
}

func TestPictureQueue(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	var q crvideo.PictureQueue
	id, err := alice.AddCamera(testContext(t), "pictures", q.Open)
	require.NoError(t, err)
	require.NoError(t, alice.SetDefaultVideo(testContext(t), "", id))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	v, err := bob.Video("alice", id)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	read := func(size image.Point) uint32 {
		t.Helper()
		for range 200 {
			f, err := v.ReadFrame(testContext(t))
			require.NoError(t, err)
			if f.Image.Rect.Size() != size {
				continue // of before
			}
			member, counter, ok := crvideotest.ReadPattern(f.Image)
			require.True(t, ok)
			require.EqualValues(t, 77, member)
			return counter
		}
		require.FailNow(t, "no picture of that size", "%v", size)
		return 0
	}

	stop := write(t, &q, func(n uint32) image.Image { return rgba(pattern(640, 360, n)) })
	first := read(image.Pt(284, 160)) // made smaller to the height of size 7
	assert.Greater(t, read(image.Pt(284, 160)), first)
	stop()
	stop = write(t, &q, func(n uint32) image.Image { return pattern(200, 150, n) })
	read(image.Pt(200, 150)) // as it is
	stop()

	// a picture that stands still: who comes later sees it, too
	require.NoError(t, q.WriteImage(testContext(t), pattern(240, 136, 4711)))
	assert.EqualValues(t, 4711, read(image.Pt(240, 136)))
	room := alice.GetMeetInfo().ID
	carol := entered(t, srv, "carol", room)
	late, err := carol.Video("alice", id)
	require.NoError(t, err)
	defer func() { require.NoError(t, late.Close()) }()
	f, err := late.ReadFrame(testContext(t))
	require.NoError(t, err)
	_, counter, ok := crvideotest.ReadPattern(f.Image)
	assert.True(t, ok)
	assert.EqualValues(t, 4711, counter)

	// other settings while it is open
	require.NoError(t, alice.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 6, FPS: 30}))
	stop = write(t, &q, func(n uint32) image.Image { return pattern(640, 360, n) })
	read(image.Pt(224, 126))
	stop()
	require.NoError(t, alice.CloseVideo(testContext(t), ""))
	assert.NoError(t, q.WriteImage(testContext(t), pattern(64, 64, 1)), "discarded")
	assert.ErrorIs(t, q.WriteImage(testContext(t), image.NewRGBA(image.Rectangle{})), crvideo.CodeBadParameter)
}

func TestPictureQueueIsPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q crvideo.PictureQueue
		img := image.NewUniform(color.Black)
		small := image.NewRGBA(image.Rect(0, 0, 2, 2))
		draw.Draw(small, small.Rect, img, image.Point{}, draw.Src)
		from := time.Now()
		for range 16 {
			require.NoError(t, q.WriteImage(t.Context(), small))
		}
		assert.InDelta(t, 1, time.Since(from).Seconds(), 0.001, "15 a second while no camera is open")
		time.Sleep(time.Minute) // fake time; what was not written is not caught up
		from = time.Now()
		for range 16 {
			require.NoError(t, q.WriteImage(t.Context(), small))
		}
		assert.InDelta(t, 1, time.Since(from).Seconds(), 0.001)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		assert.ErrorIs(t, q.WriteImage(ctx, small), context.Canceled)
	})
}

// The bitrate that the network carries is obeyed, and a key frame comes when it is asked for.
func TestPictureQueueObeysTheNetwork(t *testing.T) {
	var q crvideo.PictureQueue
	_, err := q.Open(t.Context(), crvideo.SourceFormat{Width: 320, Height: 180, FPS: 120})
	assert.ErrorIs(t, err, crvideo.CodeDeviceFailed, "no encoder for it")
	src, err := q.Open(t.Context(), crvideo.SourceFormat{Width: 320, Height: 180, FPS: 60, Bitrate: 1_000_000})
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 1))
	stop := write(t, &q, func(n uint32) image.Image {
		img := pattern(320, 180, n)
		for i := range img.Y[:len(img.Y)/2] {
			img.Y[i] = uint8(r.IntN(256))
		}
		return img
	})
	defer stop()
	second := func() (bytes, keys int) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for {
			s, err := src.Next(ctx)
			if err != nil {
				require.ErrorIs(t, err, context.DeadlineExceeded)
				return bytes, keys
			}
			bytes += len(s.Data)
			if s.Key {
				keys++
			}
		}
	}
	second()
	much, keys := second()
	assert.Zero(t, keys)
	src.SetBitrate(150_000)
	src.RequestKeyFrame()
	_, keys = second()
	assert.Equal(t, 1, keys)
	little, _ := second()
	assert.Less(t, little*2, much)
	require.NoError(t, src.Close())
	require.NoError(t, src.Close())
	_, err = src.Next(testContext(t))
	assert.Error(t, err)
}
