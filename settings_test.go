package crvideo_test

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// A microphone that is chosen while another one is being opened is the one that is used.
func TestMicChosenWhileAnotherIsBeingOpened(t *testing.T) {
	c, conn := scripted(t)
	hold, opening, first := make(chan struct{}), make(chan struct{}, 1), newSilentSource("audio/opus")
	_, err := c.AddMic(testContext(t), "a", func(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
		opening <- struct{}{}
		<-hold
		return first, nil
	})
	require.NoError(t, err)
	var used atomic.Bool
	b, err := c.AddMic(testContext(t), "b", func(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
		used.Store(true)
		return newSilentSource("audio/opus"), nil
	})
	require.NoError(t, err)
	enterWithBob(t, c, conn)
	opened := inBackground(func() error { return c.OpenMic(testContext(t), "") })
	receive(t, opening)
	cfg := c.GetAudioCfg()
	cfg.MicID = b
	set := inBackground(func() error { return c.SetAudioCfg(testContext(t), cfg) })
	conn.Expect(testContext(t), wire.MethodSetDevices).Reply(nil)
	require.NoError(t, receive(t, set))
	close(hold)
	conn.Expect(testContext(t), wire.MethodOpenMic).Reply(streamOf("audio/opus"))
	require.NoError(t, receive(t, opened))
	assert.True(t, used.Load())
	wait(t, "closing of the other one", first.closed)
}

// readSource notes the format of the source that is read from.
type readSource struct {
	*silentSource
	format crvideo.SourceFormat
	last   *atomic.Pointer[crvideo.SourceFormat]
}

func (s *readSource) Next(ctx context.Context) (crvideo.Sample, error) {
	s.last.Store(&s.format)
	return s.silentSource.Next(ctx)
}

// Whatever the order in which two changes complete, the camera has the settings that GetVideoCfg tells.
func TestConcurrentVideoSettings(t *testing.T) {
	c, conn := scripted(t)
	var last atomic.Pointer[crvideo.SourceFormat]
	hold, opening := make(chan struct{}), make(chan struct{}, 1)
	_, err := c.AddCamera(testContext(t), "a", func(_ context.Context, f crvideo.SourceFormat) (crvideo.Source, error) {
		if f.FPS == 11 {
			opening <- struct{}{}
			<-hold
		}
		return &readSource{newSilentSource("video/H264"), f, &last}, nil
	})
	require.NoError(t, err)
	enterWithBob(t, c, conn)
	openScripted(t, c, conn)
	first := inBackground(func() error { return c.SetVideoCfg(testContext(t), crvideo.VideoCfg{FPS: 11}) })
	receive(t, opening)
	require.NoError(t, c.SetVideoCfg(testContext(t), crvideo.VideoCfg{FPS: 12}))
	close(hold)
	require.NoError(t, receive(t, first))
	eventually(t, "the camera as it is set", func() bool { return last.Load().FPS == c.GetVideoCfg().FPS })
}

// A camera that cannot do what it is asked for goes on as it was, and so do the settings.
func TestRefusedVideoSettings(t *testing.T) {
	c, conn := scripted(t)
	var last atomic.Pointer[crvideo.SourceFormat]
	refused := errors.New("too big")
	_, err := c.AddCamera(testContext(t), "a", func(_ context.Context, f crvideo.SourceFormat) (crvideo.Source, error) {
		if f.Height > 480 {
			return nil, refused
		}
		return &readSource{newSilentSource("video/H264"), f, &last}, nil
	})
	require.NoError(t, err)
	enterWithBob(t, c, conn)
	openScripted(t, c, conn)
	old := c.GetVideoCfg()
	err = c.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 3})
	require.ErrorIs(t, err, crvideo.CodeDeviceFailed)
	require.ErrorIs(t, err, refused)
	assert.Equal(t, old, c.GetVideoCfg())
	assert.Equal(t, crvideo.StatusOpen, c.GetVideoStatus(""))
	eventually(t, "the camera as it was", func() bool { f := last.Load(); return f != nil && f.Height == 480 })
}

// Every size and shape is taken while the camera is open, by the source alone: the server hears nothing of it.
func TestEverySizeWhileOpen(t *testing.T) {
	heights := map[int]int{
		1: 360, 2: 480, 3: 720, 4: 1080, 5: 96, 6: 128, 7: 160, 8: 192, 9: 256, 10: 288, 11: 320, 12: 400, 13: 576, 14: 1440, 15: 2160,
	}
	ratios := map[int]float64{1: 16.0 / 9, 2: 4.0 / 3, 3: 1, 4: 3.0 / 4, 5: 9.0 / 16}
	c, conn := scripted(t)
	var opened atomic.Pointer[atomic.Pointer[crvideo.SourceFormat]] // by the last source; the one before may be read once more
	_, err := c.AddCamera(testContext(t), "a", func(_ context.Context, f crvideo.SourceFormat) (crvideo.Source, error) {
		read := new(atomic.Pointer[crvideo.SourceFormat])
		opened.Store(read)
		return &readSource{newSilentSource("video/H264"), f, read}, nil
	})
	require.NoError(t, err)
	enterWithBob(t, c, conn)
	openScripted(t, c, conn)
	for size, height := range heights {
		for ratio, aspect := range ratios {
			cfg := crvideo.VideoCfg{Size: size, FPS: 1 + size%30, Ratio: ratio}
			require.NoError(t, c.SetVideoCfg(testContext(t), cfg))
			require.Equal(t, cfg, c.GetVideoCfg())
			eventually(t, "a source as it was asked for", func() bool {
				f := opened.Load().Load()
				return f != nil && f.Height == height && f.FPS == cfg.FPS && math.Abs(float64(height)*aspect-float64(f.Width)) < 8
			})
			f := opened.Load().Load()
			require.Zero(t, f.Width%8, "%+v", cfg)
			require.Positive(t, f.Bitrate, "%+v", cfg)
			require.LessOrEqual(t, f.Bitrate, 2048000, "the bound of SDKParams, %+v", cfg)
		}
	}
	assert.Equal(t, crvideo.StatusOpen, c.GetVideoStatus(""))
	requireNext(t, c, conn)
}
