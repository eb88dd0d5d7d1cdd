package signal

import (
	"sync"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// pinger keeps one connection alive and measures its round trip. It has no goroutine while it waits.
type pinger struct {
	mu      sync.Mutex
	timer   *time.Timer
	stopped bool
	id      uint64 // of the ping that is being measured; 0: none
	sent    time.Time
}

func (p *pinger) start(interval time.Duration, ping func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped {
		p.timer = time.AfterFunc(interval, ping)
	}
}

func (p *pinger) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	if p.timer != nil {
		p.timer.Stop()
	}
}

// next arms the timer again and starts a measurement, unless the last one is still under way: a round trip may be
// longer than the interval.
func (p *pinger) next(id uint64, interval time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return
	}
	p.timer.Reset(interval)
	if p.id == 0 {
		p.id, p.sent = id, time.Now()
	}
}

// answered tells the round trip if id is the ping that is being measured.
func (p *pinger) answered(id uint64) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if id == 0 || id != p.id {
		return 0, false
	}
	p.id = 0
	return time.Since(p.sent), true
}

// ping sends one on link l. It is no call: nobody waits for its answer, and it is not repeated on another connection.
func (s *Session) ping(l *link) {
	s.mu.Lock()
	if s.link != l {
		s.mu.Unlock()
		return
	}
	s.lastID++
	id := s.lastID
	data, err := wire.Encode(&wire.Message{ID: id, Method: wire.MethodPing})
	if err != nil {
		s.mu.Unlock()
		l.fail(err)
		return
	}
	l.ping.next(id, s.cfg.PingInterval)
	l.push(data)
	s.mu.Unlock()
	l.flush()
}
