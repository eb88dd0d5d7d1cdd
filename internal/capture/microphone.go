//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

package capture

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	mediaaudio "github.com/pion/mediadevices/pkg/io/audio"
	"github.com/pion/mediadevices/pkg/prop"
	"github.com/pion/mediadevices/pkg/wave"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/source"
)

const (
	soundRate    = 48000 // Hz
	frameLength  = 20 * time.Millisecond
	frameSamples = int(soundRate * frameLength / time.Second)
	// maxHeld is how much sound waits for a slow reader, in frames: 200 ms. The oldest is dropped.
	maxHeld = 10
	// micSilence: a microphone gives something every 20 ms, even when nobody speaks, but some need seconds to wake up.
	micSilence = 5 * time.Second
)

type microphone struct {
	*device
	encoder codec.AudioEncoder
	packet  []byte
	frame   []int16
	chain   *audio.Chain

	mu      sync.Mutex
	held    []int16 // mono
	dropped int     // frames dropped since the last one that was fetched
}

func openMicrophone(id string, chain *audio.Chain) (source.Source, error) {
	d, err := findDriver("microphone", id, microphoneDrivers())
	if err != nil {
		return nil, err
	}
	return startMicrophone(d, micSilence, chain)
}

func startMicrophone(d driver.Driver, silence time.Duration, chain *audio.Chain) (source.Source, error) {
	encoder, err := codec.NewAudioEncoder(codec.Opus, soundRate, 1, 0)
	if err != nil {
		return nil, fmt.Errorf("open microphone %s: %w", deviceName(d), err)
	}
	reader, err := record(d)
	if err != nil {
		_ = encoder.Close()
		return nil, fmt.Errorf("open microphone %s: %w", deviceName(d), err)
	}
	m := &microphone{
		device: newDevice(d, silence), encoder: encoder,
		packet: make([]byte, codec.MaxAudioPacket), frame: make([]int16, frameSamples), chain: chain,
	}
	go m.run(func() error { return m.read(reader) })
	return m, nil
}

// record starts the driver. It converts by itself to what it is asked for.
func record(d driver.Driver) (mediaaudio.Reader, error) {
	if err := d.Open(); err != nil {
		return nil, err
	}
	return d.(driver.AudioRecorder).AudioRecord(prop.Media{DeviceID: d.ID(), Audio: prop.Audio{ // closes d on failure
		ChannelCount: 1, SampleRate: soundRate, SampleSize: 2, IsInterleaved: true, Latency: frameLength,
	}})
}

func (m *microphone) read(r mediaaudio.Reader) error {
	chunk, release, err := r.Read()
	if err != nil {
		return err
	}
	defer release()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held, err = appendMono(m.held, chunk); err != nil {
		return err
	}
	if extra := len(m.held)/frameSamples - maxHeld; extra > 0 {
		m.held = m.held[:copy(m.held, m.held[extra*frameSamples:])]
		m.dropped += extra
	}
	if len(m.held) >= frameSamples {
		m.notify()
	}
	return nil
}

// appendMono mixes the channels of a chunk into one.
func appendMono(out []int16, chunk wave.Audio) ([]int16, error) {
	channels := chunk.ChunkInfo().Channels
	if channels < 1 {
		return out, fmt.Errorf("sound with %d channels", channels)
	}
	switch c := chunk.(type) {
	case *wave.Int16Interleaved:
		for frame := range slices.Chunk(c.Data, channels) {
			sum := 0
			for _, s := range frame {
				sum += int(s)
			}
			out = append(out, int16(sum/channels))
		}
	case *wave.Float32Interleaved:
		for frame := range slices.Chunk(c.Data, channels) {
			sum := float32(0)
			for _, s := range frame {
				sum += s
			}
			out = append(out, int16(max(-1, min(1, sum/float32(channels)))*math.MaxInt16))
		}
	default:
		return out, fmt.Errorf("sound as %T", chunk)
	}
	return out, nil
}

func (m *microphone) Codec() string { return codec.Opus }

func (m *microphone) Next(ctx context.Context) (source.Sample, error) {
	for {
		missed, ok := m.fetch()
		if !ok {
			if err := m.wait(ctx); err != nil {
				return source.Sample{}, err
			}
			continue
		}
		power := m.chain.ProcessVoice(m.frame, soundRate)
		_ = m.encoder.SetDTX(m.chain.Pauses()) // fails after Close only, as what follows does
		n, err := m.encoder.Encode(m.frame, m.packet)
		if err != nil {
			select {
			case <-m.closed:
				return source.Sample{}, source.ErrClosed
			default:
				return source.Sample{}, fmt.Errorf("%s: %w", m.name, err)
			}
		}
		return source.Sample{
			Data: m.packet[:n], Duration: frameLength * time.Duration(1+missed), Key: true, Power: power, Metered: true,
		}, nil
	}
}

// fetch takes the oldest frame.
func (m *microphone) fetch() (missed int, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.held) < frameSamples {
		return 0, false
	}
	copy(m.frame, m.held)
	m.held = m.held[:copy(m.held, m.held[frameSamples:])]
	missed, m.dropped = m.dropped, 0
	return missed, true
}

func (m *microphone) RequestKeyFrame() {}

func (m *microphone) SetBitrate(bps int) { _ = m.encoder.SetBitrate(bps) }

func (m *microphone) SetLoss(part float64) { _ = m.encoder.SetLoss(part) }

func (m *microphone) Close() error {
	m.close()
	return m.encoder.Close()
}
