package source

import (
	"context"
	"fmt"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/codec"
)

// pcmSource encodes sound as Opus, a frame at a time, at the pace of real time.
type pcmSource struct {
	closer
	pacer   pacer
	format  audio.Format
	fill    func(pcm []int16)
	chain   *audio.Chain
	pcm     []int16
	packet  []byte
	encoder codec.AudioEncoder
}

func newPCM(f audio.Format, chain *audio.Chain, fill func(pcm []int16)) (*pcmSource, error) {
	encoder, err := codec.NewAudioEncoder(codec.Opus, f.Rate, f.Channels, 0)
	if err != nil {
		return nil, err
	}
	return &pcmSource{
		closer: newCloser(encoder.Close), format: f, fill: fill, chain: chain,
		pcm: make([]int16, f.FrameSamples()), packet: make([]byte, codec.MaxAudioPacket), encoder: encoder,
	}, nil
}

// NewPCM returns a source of what fill writes: it is called once a frame, when the frame is due, on the goroutine that
// calls Next. chain may be nil. Without cgo it returns a codec.UnavailableError.
func NewPCM(f audio.Format, chain *audio.Chain, fill func(pcm []int16)) (Source, error) {
	s, err := newPCM(f, chain, fill)
	if err != nil {
		return nil, fmt.Errorf("microphone of the application: %w", err)
	}
	return s, nil
}

func (m *pcmSource) Codec() string { return codec.Opus }

func (m *pcmSource) Next(ctx context.Context) (Sample, error) {
	if err := m.pacer.wait(ctx, m.done, m.format.Frame); err != nil {
		return Sample{}, err
	}
	m.fill(m.pcm)
	power := m.chain.Process(m.pcm, m.format.Rate, m.format.Channels)
	_ = m.encoder.SetDTX(m.chain.Pauses()) // fails after Close only, as what follows does
	n, err := m.encoder.Encode(m.pcm, m.packet)
	if err != nil {
		return Sample{}, m.closed(fmt.Errorf("encode sound: %w", err))
	}
	return Sample{Data: m.packet[:n], Duration: m.format.Frame, Key: true, Power: power, Metered: true}, nil
}

func (m *pcmSource) RequestKeyFrame() {}

func (m *pcmSource) SetBitrate(bps int) { _ = m.encoder.SetBitrate(bps) }

func (m *pcmSource) SetLoss(part float64) { _ = m.encoder.SetLoss(part) }
