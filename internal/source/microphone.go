package source

import (
	"fmt"
	"time"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

var syntheticFormat = audio.Format{Rate: 48000, Channels: 1, Frame: 20 * time.Millisecond}

// NewSyntheticMicrophone returns a microphone that hears the tone of a member (testpattern.ToneFrequency), as Opus, mono, in
// packets of 20 ms at 32 kbit/s. chain may be nil. Without cgo it returns a codec.UnavailableError.
func NewSyntheticMicrophone(member uint32, chain *audio.Chain) (Source, error) {
	tone := testpattern.NewTone(testpattern.ToneFrequency(member), syntheticFormat.Rate)
	s, err := newPCM(syntheticFormat, chain, tone.Fill)
	if err != nil {
		return nil, fmt.Errorf("synthetic microphone: %w", err)
	}
	return s, nil
}
