package source

import (
	"context"
	"time"
)

// maxLate is how far a pacer may be behind before it gives up catching up. What is due within it comes at once.
const maxLate = 100 * time.Millisecond

// pacer tells when samples are due: each one the duration of its predecessor after it, counted from the first and not from
// when somebody woke up, so that delays do not add up.
type pacer struct {
	due   time.Time // of the next sample; zero before the first
	timer *time.Timer
}

// wait returns when the next sample is due, and notes that it will last for d.
func (p *pacer) wait(ctx context.Context, done <-chan struct{}, d time.Duration) error {
	select {
	case <-done:
		return ErrClosed
	default:
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	now := time.Now()
	if p.due.IsZero() || now.Sub(p.due) > maxLate {
		p.due = now
	}
	if delay := p.due.Sub(now); delay > 0 {
		if p.timer == nil {
			p.timer = time.NewTimer(delay)
		} else {
			p.timer.Reset(delay)
		}
		defer p.timer.Stop()
		select {
		case <-p.timer.C:
		case <-done:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p.due = p.due.Add(d)
	return nil
}

// frameDuration is the length of frame n at fps frames a second; the sum of the first fps lengths is a second exactly.
func frameDuration(n int64, fps int) time.Duration {
	at := func(n int64) time.Duration {
		return time.Duration(n/int64(fps))*time.Second + time.Duration(n%int64(fps))*time.Second/time.Duration(fps)
	}
	return at(n+1) - at(n)
}
