package crvideo

import (
	"context"
	"io"
	"sync"
	"time"
)

// mixLag is how far the reader of a Mix may be behind before what it missed is left out.
const mixLag = 200 * time.Millisecond

// Mix is the sound of the whole room, or of some members, as one even stream at the pace of the clock: silence when
// nobody speaks, when nobody is there and out of rooms. Each member goes through a jitter buffer of its own, losses are
// concealed, and the sum gets softer where it would clip. One's own sound is not in it. Close must be called at its end.
type Mix struct {
	c    *Client
	down *mixdown
	once sync.Once
	stop chan struct{}

	reading sync.Mutex // guards what follows
	due     time.Time  // of the next frame
	frame   []int16
	rest    []int16 // of the frame
}

// Mix begins to mix the others' sound, in the form that options set (48 kHz mono in frames of 20 ms), of all members
// unless WithMembers names some. Errors: 5 impossible form, 11 client closed.
func (c *Client) Mix(options ...PCMOption) (*Mix, error) {
	const op = "Mix"
	if err := c.notClosed(op); err != nil {
		return nil, err
	}
	o, err := pcmOptionsOf(op, options)
	if err != nil {
		return nil, err
	}
	return c.newMix(&o), nil
}

func (c *Client) newMix(o *pcmOptions) *Mix {
	return &Mix{c: c, down: newMixdown(c, o), stop: make(chan struct{}), frame: make([]int16, o.format.FrameSamples())}
}

// ReadPCM waits until the next frame is due and reads it into pcm, or as much of it as there is room for; the rest comes
// with the next call. It returns the number of values. A reader that falls behind by more than 200 ms misses something.
// After Close, or when the client ends, it returns io.EOF.
func (m *Mix) ReadPCM(ctx context.Context, pcm []int16) (int, error) {
	m.reading.Lock()
	defer m.reading.Unlock()
	if len(m.rest) == 0 {
		if err := m.wait(ctx); err != nil {
			return 0, err
		}
		m.down.fill(m.frame, time.Now())
		m.rest = m.frame
	}
	n := copy(pcm, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// wait returns when a frame is due.
func (m *Mix) wait(ctx context.Context) error {
	now := time.Now()
	if m.due.IsZero() || now.Sub(m.due) > mixLag {
		m.due = now
	}
	timer := time.NewTimer(m.due.Sub(now))
	defer timer.Stop()
	select {
	case <-m.stop:
		return io.EOF
	default:
	}
	select {
	case <-timer.C:
	case <-m.stop:
		return io.EOF
	case <-m.c.life.Done():
		return io.EOF
	case <-ctx.Done():
		return ctx.Err()
	}
	m.due = m.due.Add(m.down.format.Frame)
	return nil
}

// Close ends the mix; a waiting call returns io.EOF.
func (m *Mix) Close() error {
	m.once.Do(func() {
		close(m.stop)
		m.down.close()
	})
	return nil
}
