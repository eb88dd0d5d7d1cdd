package audio

import (
	"github.com/crvideo/crvideo-go/internal/codec"
)

// Decoder decodes the packets of one Opus stream and makes up for those that are missing.
type Decoder struct {
	format Format
	engine codec.AudioDecoder
	count  *Counters
}

// maxGuess is how much is guessed for one loss, in ticks: after that it would be a hum. The rest is silence.
const maxGuess = Clock / 10

// maxPause is how long a pause is filled without a packet, in ticks: encoders send one every 400 ms.
const maxPause = Clock

// NewDecoder returns a decoder to a format. count may be shared with others.
func NewDecoder(f Format, count *Counters) (*Decoder, error) {
	engine, err := codec.NewAudioDecoder(codec.Opus, f.Rate, f.Channels)
	if err != nil {
		return nil, err
	}
	return &Decoder{format: f, engine: engine, count: count}, nil
}

// MaxSamples is how many values one call may write.
func (d *Decoder) MaxSamples() int { return d.format.values(codec.MaxAudioSamples) }

// Decode decodes one packet into pcm and returns the number of values.
func (d *Decoder) Decode(packet []byte, pcm []int16) (int, error) {
	n, err := d.engine.Decode(packet, pcm)
	return n * d.format.Channels, err
}

// Conceal makes up for a loss of so many ticks, at most 120 ms, and returns the number of values.
func (d *Decoder) Conceal(ticks int64, pcm []int16) int {
	n := d.Comfort(ticks, pcm)
	d.count.concealed.Add(d.format.ticks(n))
	return n
}

// Comfort continues a pause for so many ticks, at most 120 ms, with noise like that of before, and returns the number of values.
func (d *Decoder) Comfort(ticks int64, pcm []int16) int {
	pcm = pcm[:d.format.values(min(ticks, codec.MaxAudioSamples))]
	if n, err := d.engine.Conceal(pcm); err != nil || n*d.format.Channels != len(pcm) {
		clear(pcm)
	}
	return len(pcm)
}

// Recover rebuilds the last packet before next, which lasted for so many ticks, if next has what it takes, else it conceals.
func (d *Decoder) Recover(next []byte, ticks int64, pcm []int16) int {
	pcm = pcm[:d.format.values(min(ticks, codec.MaxAudioSamples))]
	n, recovered, err := d.engine.Recover(next, pcm)
	switch {
	case err != nil || n*d.format.Channels != len(pcm):
		clear(pcm)
		fallthrough
	case !recovered:
		d.count.concealed.Add(d.format.ticks(len(pcm)))
	default:
		d.count.recovered.Add(d.format.ticks(len(pcm)))
	}
	return len(pcm)
}

// Close frees the decoder.
func (d *Decoder) Close() error { return d.engine.Close() }
