package server

import "time"

// clock is the time of what is tested in hours.
type clock interface {
	Now() time.Time
	AfterFunc(d time.Duration, fn func()) timer
}

type timer interface{ Stop() bool }

// systemClock is the real one.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) AfterFunc(d time.Duration, fn func()) timer { return time.AfterFunc(d, fn) }
