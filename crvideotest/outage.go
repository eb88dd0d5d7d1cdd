package crvideotest

import "time"

// restartPause is how often an unreachable server's socket is looked at again.
const restartPause = 10 * time.Millisecond

// Down makes the server vanish as a killed process does: all connections are reset, new ones are refused, media gets
// no answer. The server itself keeps what it knows.
func (n *Network) Down() {
	n.change(func() { n.down = true })
	n.setPorts()
	n.Cut()
}

// Up ends Down. Clients find the same addresses.
func (n *Network) Up() {
	n.change(func() { n.down = false })
	n.setPorts()
}

// Restart is a restart of a server that remembers its sessions and rooms: Down for so long, and Up. It returns then.
func (n *Network) Restart(down time.Duration) {
	n.Down()
	n.pause(down)
	n.Up()
}

// RestartFresh is a crash and a new start without memory, except for the regular rooms in the server's store: it is
// Down for so long, and another server takes its place at the same ports. It returns when that one serves.
func (n *Network) RestartFresh(down time.Duration) {
	back := time.Now().Add(down)
	n.Down()
	n.srv.Restart(0)
	n.pause(time.Until(back))
	n.Up()
}

func (n *Network) pause(d time.Duration) { pause(n.end, d) }

func pause(end <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-end:
	}
}

// patient waits a moment, and tells whether the test still runs.
func (n *Network) patient() bool {
	n.pause(restartPause)
	return !n.ended()
}
