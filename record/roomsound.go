package record

import (
	"context"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/mux"
)

const (
	mixRate    = 48000 // Hz
	mixBitrate = 64000 // bit/s
	mixFrame   = 20 * time.Millisecond
	mixSamples = int(mixRate * mixFrame / time.Second)
	mixAhead   = 2 * mixRate // samples that are kept
	// slipAfter is how far a member's clock may run away until its sound slips; in between samples follow each other.
	slipAfter = 20 * time.Millisecond
)

// roomSound mixes the sound of everybody.
type roomSound struct {
	c       *crvideo.Client
	encoder codec.AudioEncoder
	mix     mix
}

func (p *roomSound) close() { _ = p.encoder.Close() }

func (p *roomSound) run(ctx context.Context, emit func(sample)) error {
	r := roster{c: p.c, follow: p.follow}
	defer r.close()
	pcm, packet := make([]int16, mixSamples), make([]byte, codec.MaxAudioPacket)
	return steps(ctx, p.c, mixFrame, func() { r.update(ctx) }, func(at time.Time) error {
		p.mix.take(at, pcm)
		n, err := p.encoder.Encode(pcm, packet)
		if err == nil {
			emit(sample{codec: mux.Opus, data: append([]byte(nil), packet[:n]...), key: true, at: at, dur: mixFrame})
		}
		return err
	})
}

// follow adds the sound of one member.
func (p *roomSound) follow(ctx context.Context, uid string) {
	a, err := p.c.Audio(uid)
	if err != nil {
		return // the client is closed
	}
	defer func() { _ = a.Close() }()
	d, err := audio.NewOrdered(audio.Format{Rate: mixRate, Channels: 1, Frame: mixFrame}, new(audio.Counters))
	if err != nil {
		return // there is always one, see package codec
	}
	defer func() { _ = d.Close() }()
	var v voice
	for {
		s, err := a.ReadSample(ctx)
		if err != nil {
			return
		}
		pcm := d.Decode(s.Data, uint32(int64(s.PTS)*mixRate/int64(time.Second)), s.Duration, 0) // wraps
		before := time.Duration(len(pcm))*time.Second/mixRate - s.Duration                      // what of it fills a pause
		p.mix.add(&v, s.Captured.Add(-before), pcm)
	}
}

// mix is a stretch of time into which everybody's sound is added. The zero value is empty.
type mix struct {
	mu    sync.Mutex
	ring  []int32
	taken int64 // samples since zero that were taken
	zero  time.Time
}

// voice is where in a mix the sound of one member goes on.
type voice struct {
	next    int64 // sample since the mix's zero
	started bool
}

// position is how many samples after zero a moment is.
func (m *mix) position(at time.Time) int64 {
	d := at.Sub(m.zero)
	return int64(d/time.Second)*mixRate + int64(d%time.Second)*mixRate/int64(time.Second)
}

// add adds sound that was captured at a time.
func (m *mix) add(v *voice, at time.Time, pcm []int16) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ring == nil {
		return // nothing is taken yet
	}
	pos := m.position(at)
	const slip = int64(slipAfter * mixRate / time.Second)
	if !v.started || pos-v.next > slip || v.next-pos > slip {
		v.started, v.next = true, pos
	}
	for i, s := range pcm {
		if p := v.next + int64(i); p >= m.taken && p < m.taken+mixAhead {
			m.ring[p%mixAhead] += int32(s)
		}
	}
	v.next += int64(len(pcm))
}

// take takes the sound from a time on. Times come in order, each as long after the one before as was taken then, or
// later: what was in between is lost.
func (m *mix) take(at time.Time, pcm []int16) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ring == nil {
		m.ring, m.zero = make([]int32, mixAhead), at
	}
	if gap := m.position(at) - m.taken; gap > int64(len(pcm)) {
		clear(m.ring)
		m.taken += gap
	}
	for i := range pcm {
		p := &m.ring[(m.taken+int64(i))%mixAhead]
		pcm[i] = clip(*p)
		*p = 0
	}
	m.taken += int64(len(pcm))
}

// clip limits a sum of many voices: loud ones are bent, not cut.
func clip(v int32) int16 {
	const knee, top = 24000, 32767
	switch {
	case v > knee:
		over := int64(v - knee)
		return int16(knee + over*(top-knee)/(over+top-knee))
	case v < -knee:
		return -clip(-v)
	}
	return int16(v)
}
