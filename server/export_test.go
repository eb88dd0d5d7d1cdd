package server

import "time"

// HandClock goes only when the test says so.
type HandClock = handClock

// NewHandClock makes one.
func NewHandClock() *HandClock { return newHandClock() }

// UseClock makes it the time of a server's queues.
func UseClock(cfg *Config, c *HandClock) { cfg.clock = c }

// After runs fn on the goroutine that lets time pass.
func (c *handClock) After(d time.Duration, fn func()) { c.AfterFunc(d, fn) }

// Step lets time pass until the next thing is due, and has it happen. False: nothing is due by then.
func (c *handClock) Step(until time.Time) bool {
	t := c.first(until)
	if t != nil {
		t.fn()
	}
	return t != nil
}

// Unanswered lists the agents of an app that have a customer without an answered call.
func (s *Server) Unanswered(app string) []string {
	s.queues.mu.Lock()
	defer s.queues.mu.Unlock()
	return s.queues.centre(app).engine.Unanswered()
}
