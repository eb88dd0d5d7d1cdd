//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package capture

import (
	"errors"
	"image"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/audio"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"
	"github.com/pion/mediadevices/pkg/wave"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/picture"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

var errUnplugged = errors.New("no such device any more")

// fake is what a driver's adapter does for cameras and microphones alike: it can be unplugged, with an error or without a
// word, and counts how often it is open.
type fake struct {
	mu      sync.Mutex
	stop    chan struct{}
	failure error
	silent  bool
	open    int
}

func (f *fake) Open() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stop = make(chan struct{})
	f.open++
	return nil
}

func (f *fake) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open--
	f.end(nil)
	return nil
}

// end makes reads fail. The caller holds mu.
func (f *fake) end(err error) {
	select {
	case <-f.stop:
	default:
		f.failure = err
		close(f.stop)
	}
}

func (f *fake) unplug(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end(err)
}

func (f *fake) hush() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.silent = true
}

func (f *fake) isOpen() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open > 0
}

// pace waits for d, or until the device ends. A silent device waits for its end only.
func (f *fake) pace(d time.Duration) error {
	f.mu.Lock()
	stop, silent := f.stop, f.silent
	f.mu.Unlock()
	var due <-chan time.Time
	if !silent {
		timer := time.NewTimer(d)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
		return nil
	case <-stop:
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.failure != nil {
			return f.failure
		}
		return io.EOF
	}
}

type fakeMicrophone struct {
	fake
	floats bool
}

func (f *fakeMicrophone) Properties() []prop.Media { return nil }

func (f *fakeMicrophone) AudioRecord(p prop.Media) (audio.Reader, error) {
	tone := testpattern.NewTone(997, p.SampleRate)
	const samples = 480 // 10 ms: two of them make a packet
	mono := make([]int16, samples)
	return audio.ReaderFunc(func() (wave.Audio, func(), error) {
		if err := f.pace(10 * time.Millisecond); err != nil {
			return nil, func() {}, err
		}
		tone.Fill(mono)
		info := wave.ChunkInfo{Len: samples, Channels: 2, SamplingRate: p.SampleRate} // although it was asked for mono
		if f.floats {
			out := wave.NewFloat32Interleaved(info)
			for i, s := range mono {
				out.Data[2*i], out.Data[2*i+1] = float32(s)/32768, float32(s)/32768
			}
			return out, func() {}, nil
		}
		out := wave.NewInt16Interleaved(info)
		for i, s := range mono {
			out.Data[2*i], out.Data[2*i+1] = s, s
		}
		return out, func() {}, nil
	}), nil
}

type fakeCamera struct {
	fake
	modes []prop.Media
	mode  prop.Media // that was chosen
}

func mode(w, h int, fps float32, format frame.Format) prop.Media {
	return prop.Media{Video: prop.Video{Width: w, Height: h, FrameRate: fps, FrameFormat: format}}
}

func (f *fakeCamera) Properties() []prop.Media { return f.modes }

func (f *fakeCamera) VideoRecord(p prop.Media) (video.Reader, error) {
	f.mode = p
	counter := uint32(0)
	img := image.NewYCbCr(image.Rect(0, 0, p.Width, p.Height), image.YCbCrSubsampleRatio420)
	wide := image.NewYCbCr(img.Rect, image.YCbCrSubsampleRatio422)
	return video.ReaderFunc(func() (image.Image, func(), error) {
		if err := f.pace(time.Duration(float32(time.Second) / p.FrameRate)); err != nil {
			return nil, func() {}, err
		}
		testpattern.Draw(img.SubImage(picture.Middle(img.Rect, 16, 9)).(*image.YCbCr), 8, counter)
		counter++
		copy(wide.Y, img.Y)
		for y := range p.Height {
			copy(wide.Cb[y*wide.CStride:][:p.Width/2], img.Cb[y/2*img.CStride:])
			copy(wide.Cr[y*wide.CStride:][:p.Width/2], img.Cr[y/2*img.CStride:])
		}
		return wide, func() {}, nil
	}), nil
}

// register offers a fake device for the length of a test.
func register(t *testing.T, a driver.Adapter, info driver.Info) {
	t.Helper()
	known := map[string]bool{}
	all := func(driver.Driver) bool { return true }
	for _, d := range driver.GetManager().Query(all) {
		known[d.ID()] = true
	}
	require.NoError(t, driver.GetManager().Register(a, info))
	for _, d := range driver.GetManager().Query(all) {
		if !known[d.ID()] {
			t.Cleanup(func() { driver.GetManager().Delete(d.ID()) })
		}
	}
}
