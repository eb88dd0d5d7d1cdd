//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package capture

import (
	"context"
	"image"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/prop"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/source"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

func withMicrophones(t *testing.T) {
	RegisterMicrophones(func() {})
	t.Cleanup(func() { microphones.Store(nil) })
}

func TestMicrophonesNeedTheirDriver(t *testing.T) {
	register(t, &fakeMicrophone{}, driver.Info{Label: "mic", DeviceType: driver.Microphone})
	assert.Empty(t, Microphones())
	_, err := OpenMicrophone("mic", nil)
	var missing *codec.UnavailableError
	require.ErrorAs(t, err, &missing)
	assert.Contains(t, missing.Error(), "device/microphone")
}

func TestDevicesAreListedInOrderAndNullIsHidden(t *testing.T) {
	withMicrophones(t)
	for _, info := range []driver.Info{
		{Label: "b", Name: "Second"},
		{Label: "00", Name: "NULL Capture Device", Priority: driver.PriorityHigh},
		{Label: "6e756c6c", Name: "Some name"}, // "null"
		{Label: "c", Name: "Discard all samples (playback) or generate zero samples (capture)"},
		{Label: "z", Name: "Default;usb-1", Priority: driver.PriorityHigh},
	} {
		info.DeviceType = driver.Microphone
		register(t, &fakeMicrophone{}, info)
	}
	register(t, &fakeCamera{}, driver.Info{Label: "by-id;video0", Name: ";", DeviceType: driver.Camera})
	register(t, &fakeCamera{}, driver.Info{Label: "screen", DeviceType: driver.Screen})
	assert.Equal(t, []Device{{"z", "Default"}, {"b", "Second"}}, Microphones())
	assert.Equal(t, []Device{{"by-id;video0", "by-id"}}, Cameras())
	_, err := OpenMicrophone("6e756c6c", nil)
	assert.ErrorIs(t, err, ErrNoDevice)
	_, err = OpenCamera("nowhere", codec.VideoParams{})
	assert.ErrorIs(t, err, ErrNoDevice)
}

func TestMicrophoneIsHeard(t *testing.T) {
	withMicrophones(t)
	for _, floats := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			mic := &fakeMicrophone{floats: floats}
			register(t, mic, driver.Info{Label: "mic", DeviceType: driver.Microphone})
			s, err := OpenMicrophone("", nil)
			require.NoError(t, err)
			defer s.Close()
			start := time.Now()
			pcm := hear(t, s, 50)
			assert.Equal(t, time.Second, time.Since(start), "as fast as the device")
			hz, ok := testpattern.DetectTone(pcm[len(pcm)/4:], soundRate)
			require.True(t, ok)
			assert.InDelta(t, 997, hz, 2)
			peak := int16(0)
			for _, v := range pcm[len(pcm)/4:] {
				peak = max(peak, v)
			}
			assert.InEpsilon(t, 10000, peak, 0.25, "as loud as it was")
			require.NoError(t, s.Close())
			assert.False(t, mic.isOpen())
		})
	}
}

func hear(t *testing.T, s source.Source, packets int) (heard []int16) {
	t.Helper()
	decoder, err := codec.NewAudioDecoder(s.Codec(), soundRate, 1)
	require.NoError(t, err)
	defer decoder.Close()
	pcm := make([]int16, codec.MaxAudioSamples)
	for range packets {
		sample, err := s.Next(t.Context())
		require.NoError(t, err)
		n, err := decoder.Decode(sample.Data, pcm)
		require.NoError(t, err)
		heard = append(heard, pcm[:n]...)
	}
	return heard
}

func TestSlowReaderOfAMicrophoneLosesTheOldest(t *testing.T) {
	withMicrophones(t)
	synctest.Test(t, func(t *testing.T) {
		register(t, &fakeMicrophone{}, driver.Info{Label: "mic", DeviceType: driver.Microphone})
		s, err := OpenMicrophone("mic", nil)
		require.NoError(t, err)
		defer s.Close()
		start, length := time.Now(), time.Duration(0)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		for range maxHeld {
			sample, err := s.Next(t.Context())
			require.NoError(t, err)
			length += sample.Duration
		}
		assert.Equal(t, 3*time.Second, time.Since(start), "what was held comes at once")
		assert.Equal(t, 3*time.Second, length, "what was dropped is in the durations")
		_, err = s.Next(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 3020*time.Millisecond, time.Since(start))
	})
}

func TestCameraIsSeenInTheShapeThatWasAskedFor(t *testing.T) {
	for _, p := range []codec.VideoParams{
		{Width: 640, Height: 360, FPS: 30, Bitrate: 600_000},
		{Width: 320, Height: 180, FPS: 15, Bitrate: 200_000},
	} {
		synctest.Test(t, func(t *testing.T) {
			cam := &fakeCamera{modes: []prop.Media{mode(640, 480, 30, frame.FormatYUYV)}}
			register(t, cam, driver.Info{Label: "cam", Name: "Camera", DeviceType: driver.Camera})
			s, err := OpenCamera("", p)
			require.NoError(t, err)
			defer s.Close()
			decoder, err := codec.NewVideoDecoder(s.Codec())
			require.NoError(t, err)
			defer decoder.Close()
			start, length, last := time.Now(), time.Duration(0), uint32(0)
			frames := p.FPS
			for n := range frames {
				if n == frames/2 {
					s.RequestKeyFrame()
				}
				sample, err := s.Next(t.Context())
				require.NoError(t, err)
				length += sample.Duration
				assert.Equal(t, n == 0 || n == frames/2, sample.Key)
				img, err := decoder.Decode(sample.Data)
				require.NoError(t, err)
				assert.Equal(t, image.Pt(p.Width, p.Height), img.Rect.Size())
				member, counter, ok := testpattern.Read(img)
				require.True(t, ok, "frame %d", n)
				assert.EqualValues(t, 8, member)
				if n > 0 {
					assert.EqualValues(t, 30/p.FPS, counter-last)
				}
				last = counter
			}
			assert.InDelta(t, 1, time.Since(start).Seconds(), 0.1)
			assert.InDelta(t, 1, length.Seconds(), 0.1)
			require.NoError(t, s.Close())
			assert.False(t, cam.isOpen())
		})
	}
}

func TestUnpluggedDevicesEndWithAnError(t *testing.T) {
	withMicrophones(t)
	for name, unplug := range map[string]struct {
		do   func(*fake)
		want error
	}{
		"error":         {func(f *fake) { f.unplug(errUnplugged) }, errUnplugged},
		"end":           {func(f *fake) { f.unplug(nil) }, ErrStopped},
		"without words": {(*fake).hush, ErrStopped},
	} {
		synctest.Test(t, func(t *testing.T) {
			mic, cam := &fakeMicrophone{}, &fakeCamera{modes: []prop.Media{mode(320, 180, 30, frame.FormatI420)}}
			register(t, mic, driver.Info{Label: "mic", Name: "A microphone", DeviceType: driver.Microphone})
			register(t, cam, driver.Info{Label: "cam", Name: "A camera", DeviceType: driver.Camera})
			m, err := OpenMicrophone("mic", nil)
			require.NoError(t, err)
			c, err := OpenCamera("cam", codec.VideoParams{Width: 320, Height: 180})
			require.NoError(t, err)
			for _, d := range []struct {
				name string
				s    source.Source
				f    *fake
			}{{"A microphone", m, &mic.fake}, {"A camera", c, &cam.fake}} {
				_, err := d.s.Next(t.Context())
				require.NoError(t, err)
				unplug.do(d.f)
				for err == nil {
					_, err = d.s.Next(t.Context())
				}
				assert.ErrorIs(t, err, unplug.want, name)
				assert.ErrorContains(t, err, d.name)
				_, err = d.s.Next(t.Context())
				assert.ErrorIs(t, err, unplug.want, "it stays ended")
				require.NoError(t, d.s.Close())
				require.NoError(t, d.s.Close())
				assert.False(t, d.f.isOpen())
				_, err = d.s.Next(t.Context())
				assert.ErrorIs(t, err, source.ErrClosed)
			}
		})
	}
}

func TestCloseEndsNext(t *testing.T) {
	withMicrophones(t)
	synctest.Test(t, func(t *testing.T) {
		mic := &fakeMicrophone{}
		mic.hush()
		register(t, mic, driver.Info{Label: "mic", DeviceType: driver.Microphone})
		s, err := OpenMicrophone("mic", nil)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err = s.Next(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		ended := make(chan error)
		go func() {
			_, err := s.Next(context.Background())
			ended <- err
		}()
		synctest.Wait()
		go s.Close()
		assert.ErrorIs(t, <-ended, source.ErrClosed)
		require.NoError(t, s.Close())
	})
}

func TestDeviceInUseIsRefused(t *testing.T) {
	withMicrophones(t)
	synctest.Test(t, func(t *testing.T) {
		register(t, &fakeMicrophone{}, driver.Info{Label: "mic", DeviceType: driver.Microphone})
		s, err := OpenMicrophone("mic", nil)
		require.NoError(t, err)
		_, err = OpenMicrophone("mic", nil)
		require.Error(t, err)
		require.NoError(t, s.Close())
		s, err = OpenMicrophone("mic", nil)
		require.NoError(t, err, "again after close")
		require.NoError(t, s.Close())
	})
}

func TestBestMode(t *testing.T) {
	modes := []prop.Media{
		mode(320, 240, 30, frame.FormatYUYV), mode(640, 480, 30, frame.FormatMJPEG), mode(640, 480, 30, frame.FormatYUYV),
		mode(1280, 720, 10, frame.FormatYUYV), mode(1280, 720, 30, frame.FormatMJPEG), mode(640, 360, 30, frame.FormatZ16),
	}
	for _, c := range []struct {
		p    codec.VideoParams
		want prop.Media
	}{
		{codec.VideoParams{Width: 640, Height: 360, FPS: 30}, modes[2]},
		{codec.VideoParams{Width: 1280, Height: 720, FPS: 30}, modes[4]},
		{codec.VideoParams{Width: 1280, Height: 720, FPS: 10}, modes[3]},
		{codec.VideoParams{Width: 170, Height: 96, FPS: 15}, modes[0]},
		{codec.VideoParams{Width: 1920, Height: 1080, FPS: 30}, modes[4]},
	} {
		got, ok := bestMode(modes, c.p)
		require.True(t, ok)
		assert.Equal(t, c.want, got, "%+v", c.p)
	}
	_, ok := bestMode(modes[5:], codec.VideoParams{Width: 640, Height: 360, FPS: 30})
	assert.False(t, ok, "depth is no picture")
}
