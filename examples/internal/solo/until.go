package solo

import (
	"bytes"
	"strings"
	"sync"
)

// Until keeps what an example writes, and calls Stop when a line has What: a test's way to end it.
type Until struct {
	What string
	Stop func()

	mu sync.Mutex
	b  bytes.Buffer
}

// Write takes a line.
func (u *Until) Write(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if strings.Contains(string(p), u.What) {
		u.Stop()
	}
	return u.b.Write(p)
}

// String is all that was written.
func (u *Until) String() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.b.String()
}
