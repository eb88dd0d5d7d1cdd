package crvideo

import (
	"sync"
	"sync/atomic"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/voice"
)

// micSound is what is known of one's own sound while it is sent.
type micSound struct {
	chain *audio.Chain // between microphone and encoder
	meter audio.Meter

	// decoder tells how loud packets are of which only the encoded form is known. It belongs to the goroutine that sends.
	decoder *audio.Ordered
	spoilt  audio.Counters // of the decoder; nobody wants to know
	pausing bool           // the receivers were told of a pause; as decoder

	redundancy atomic.Int32 // AudioCfg.Redundancy

	mu   sync.Mutex
	taps map[*micTap]struct{}
}

// micTap gets every packet that is sent. Its function must be quick.
type micTap struct{ fn func(s Sample) }

// meterFormat is enough to tell how loud something is.
var meterFormat = audio.Format{Rate: 8000, Channels: 1, Frame: pcmFrame}

// sending takes note of a packet that is about to be sent, and says how loud it is.
func (m *micSound) sending(s *Sample, out *rtc.Sample) {
	power := s.power
	if !s.metered {
		if m.decoder == nil {
			var err error
			if m.decoder, err = audio.NewOrdered(meterFormat, &m.spoilt); err != nil {
				return
			}
		}
		power = audio.Power(m.decoder.Decode(s.Data, 0, 0, 0))
	}
	m.meter.Add(power)
	out.Level, out.Leveled, out.Redundancy = audio.Level(power), true, int(m.redundancy.Load())
	pause := codec.IsPause(s.Data) && m.chain.Pauses()
	if pause && m.pausing { // the first packet of a pause is sent, lest receivers wait for what does not come
		out.Data = nil
	}
	m.pausing = pause
	m.mu.Lock()
	defer m.mu.Unlock()
	for tap := range m.taps {
		tap.fn(*s)
	}
}

// ended frees what only sending needs.
func (m *micSound) ended() {
	m.chain.Release()
	m.pausing = false
	if m.decoder != nil {
		_ = m.decoder.Close()
		m.decoder = nil
	}
}

// listen gives every packet that is sent to fn, until stop is called.
func (m *micSound) listen(fn func(Sample)) (stop func()) {
	t := &micTap{fn}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.taps == nil {
		m.taps = map[*micTap]struct{}{}
	}
	m.taps[t] = struct{}{}
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.taps, t)
	}
}

// apply makes the settings hold for what is heard from now on.
func (m *micSound) apply(a *AudioCfg) {
	m.chain.SetGain(a.gainOf())
	m.chain.SetPauses(!a.SendSilence)
	m.redundancy.Store(int32(a.Redundancy)) // 0 to 2
	m.chain.SetVoice(voice.Settings{Noise: a.NoiseSuppression, Gain: a.AutoGainControl, Echo: a.EchoCancellation})
}

// AudioFeatures tells which wishes of AudioCfg this machine can fulfil: nil means yes, an error (code 8005) says what is
// missing and what helps. They are for real microphones (device/microphone): one's own PCM, files and the synthetic
// microphone are sent as they are.
type AudioFeatures struct {
	AutoGainControl  error
	EchoCancellation error // of what this client's PlaySpeaker plays
	NoiseSuppression error
}

// GetAudioFeatures tells which wishes of AudioCfg this machine can fulfil.
func GetAudioFeatures() AudioFeatures {
	err := voice.Available()
	if err != nil {
		err = fail("GetAudioFeatures", CodeNoPlatform, err)
	}
	return AudioFeatures{err, err, err}
}

// gainOf is what MicVolume means for the sound: other values than 0 and 100 only count without gain control.
func (a *AudioCfg) gainOf() float64 {
	if a.AutoGainControl && a.MicVolume != 0 {
		return 1
	}
	return float64(a.MicVolume) / 100
}
