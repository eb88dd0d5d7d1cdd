//go:build cgo && !nomicrophone && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package microphone

import (
	"errors"
	"io"
	"sync"

	"github.com/pion/mediadevices/pkg/io/audio"
	"github.com/pion/mediadevices/pkg/prop"
	"github.com/pion/mediadevices/pkg/wave"

	"github.com/crvideo/crvideo-go/internal/miniaudio"
)

// held is how much sound waits for whoever reads, in pieces of the device. The oldest is dropped.
const held = 16

// microphone is a driver of mediadevices for one microphone.
type microphone struct {
	id string

	mu      sync.Mutex
	current *recording
}

// recording is the time from AudioRecord to Close.
type recording struct {
	device  *miniaudio.Device
	rate    int
	chans   int
	ready   chan struct{} // capacity 1
	stopped chan struct{} // it was closed or unplugged
	once    sync.Once

	mu     sync.Mutex
	heard  []int16 // not read yet
	spare  []int16 // what was read last, to be filled again
	pieces int     // in heard
}

// Open implements driver.Adapter. The device is opened by AudioRecord.
func (m *microphone) Open() error { return nil }

// Close implements driver.Adapter.
func (m *microphone) Close() error {
	m.mu.Lock()
	r := m.current
	m.current = nil
	m.mu.Unlock()
	if r == nil {
		return nil
	}
	r.stop()
	return r.device.Close()
}

// Properties implements driver.Adapter: the device converts to whatever it is asked for.
func (m *microphone) Properties() []prop.Media {
	return []prop.Media{{Audio: prop.Audio{ChannelCount: 1, SampleRate: 48000, SampleSize: 2, IsInterleaved: true}}}
}

// AudioRecord implements driver.AudioRecorder.
func (m *microphone) AudioRecord(p prop.Media) (audio.Reader, error) {
	if p.SampleSize != 2 || p.IsFloat || !p.IsInterleaved {
		return nil, errors.New("only 16 bit, interleaved")
	}
	r := &recording{rate: p.SampleRate, chans: p.ChannelCount, ready: make(chan struct{}, 1), stopped: make(chan struct{})}
	device, err := miniaudio.Start(miniaudio.Microphones, m.id, miniaudio.Config{
		Rate: p.SampleRate, Channels: p.ChannelCount, Period: p.Latency, Push: r.push, Stopped: r.stop,
	})
	if err != nil {
		return nil, err
	}
	r.device = device
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current = r
	return audio.ReaderFunc(r.read), nil
}

func (r *recording) stop() { r.once.Do(func() { close(r.stopped) }) }

// push takes a piece from the device, which must not be made to wait.
func (r *recording) push(pcm []int16) {
	r.mu.Lock()
	if r.pieces >= held {
		r.heard, r.pieces = r.heard[:0], 0
	}
	r.heard = append(r.heard, pcm...)
	r.pieces++
	r.mu.Unlock()
	select {
	case r.ready <- struct{}{}:
	default:
	}
}

// read gives everything that was heard since the last time; io.EOF when the device is gone.
func (r *recording) read() (wave.Audio, func(), error) {
	select {
	case <-r.ready:
	case <-r.stopped:
		return nil, func() {}, io.EOF
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	data := r.heard
	r.heard, r.spare, r.pieces = r.spare[:0], data, 0
	return &wave.Int16Interleaved{
		Data: data, Size: wave.ChunkInfo{Len: len(data) / r.chans, Channels: r.chans, SamplingRate: r.rate},
	}, func() {}, nil
}
