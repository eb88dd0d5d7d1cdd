package source

import (
	"context"
	"fmt"
	"time"

	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

const (
	soundRate  = 48000 // Hz
	soundFrame = 20 * time.Millisecond
)

type syntheticMicrophone struct {
	closer
	pacer   pacer
	tone    *testpattern.Tone
	pcm     []int16
	packet  []byte
	encoder codec.AudioEncoder
}

// NewSyntheticMicrophone returns a microphone that hears the tone of a member (testpattern.ToneFrequency), as Opus, mono, in
// packets of 20 ms at 32 kbit/s. Without cgo it returns a codec.UnavailableError.
func NewSyntheticMicrophone(member uint32) (Source, error) {
	encoder, err := codec.NewAudioEncoder(codec.Opus, soundRate, 1, 0)
	if err != nil {
		return nil, fmt.Errorf("synthetic microphone: %w", err)
	}
	return &syntheticMicrophone{
		closer:  newCloser(encoder.Close),
		tone:    testpattern.NewTone(testpattern.ToneFrequency(member), soundRate),
		pcm:     make([]int16, soundRate*soundFrame/time.Second),
		packet:  make([]byte, codec.MaxAudioPacket),
		encoder: encoder,
	}, nil
}

func (m *syntheticMicrophone) Codec() string { return codec.Opus }

func (m *syntheticMicrophone) Next(ctx context.Context) (Sample, error) {
	if err := m.pacer.wait(ctx, m.done, soundFrame); err != nil {
		return Sample{}, err
	}
	m.tone.Fill(m.pcm)
	n, err := m.encoder.Encode(m.pcm, m.packet)
	if err != nil {
		return Sample{}, m.closed(fmt.Errorf("synthetic microphone: %w", err))
	}
	return Sample{Data: m.packet[:n], Duration: soundFrame, Key: true}, nil
}

func (m *syntheticMicrophone) RequestKeyFrame() {}

func (m *syntheticMicrophone) SetBitrate(bps int) { _ = m.encoder.SetBitrate(bps) }
