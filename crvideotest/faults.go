package crvideotest

import (
	"slices"
	"time"
)

// Cut resets connections (TCP RST on both sides) and returns how many. New ones can be made.
func (n *Network) Cut(uids ...string) int {
	cut := n.connections(uids)
	for _, c := range cut {
		c.reset()
	}
	return len(cut)
}

// HalfOpen makes the connections that there are half open, and returns how many: whatever is sent on them vanishes in
// both directions, and neither side learns that the other one has closed. New connections are as usual.
func (n *Network) HalfOpen(uids ...string) int {
	half := n.connections(uids)
	n.change(func() {
		for _, c := range half {
			c.halfOpen = true
		}
	})
	return len(half)
}

// connections are those of these users, or all.
func (n *Network) connections(uids []string) []*conn {
	n.mu.Lock()
	defer n.mu.Unlock()
	var found []*conn
	for c := range n.conns {
		if len(uids) == 0 || !c.media && slices.Contains(uids, c.uid) {
			found = append(found, c)
		}
	}
	return found
}

// Stall lets nothing more pass on present and new connections until Resume; then everything does. Who sends feels it
// when a window (256 KiB) is full. UDP is not touched.
func (n *Network) Stall(d Direction, uids ...string) {
	n.change(func() {
		for _, uid := range orEverybody(uids) {
			n.stalled[uid] |= d
		}
	})
}

// Resume ends Stall, in both directions.
func (n *Network) Resume(uids ...string) {
	n.change(func() {
		if len(uids) == 0 {
			clear(n.stalled)
		}
		for _, uid := range uids {
			delete(n.stalled, uid)
		}
	})
}

func orEverybody(uids []string) []string {
	if len(uids) == 0 {
		return []string{""}
	}
	return uids
}

// Delay keeps everything that is sent from now on under way for so long, in each of the directions given, in order.
func (n *Network) Delay(d Direction, delay time.Duration) {
	n.change(func() {
		for i, way := range ways {
			if d&way != 0 {
				n.delays[i] = delay
			}
		}
	})
}

func (n *Network) delay(d Direction) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.delays[d.index()]
}

// pass waits until something may pass on the connection, and tells whether the connection is still there.
func (n *Network) pass(c *conn, d Direction) bool {
	return n.wait(c.end, func() bool {
		return !n.frozen && n.stalled[""]&d == 0 && (c.uid == "" || n.stalled[c.uid]&d == 0)
	})
}

// Freeze makes the server's whole path silent, as if its machine had stopped: TCP is stalled and UDP vanishes.
func (n *Network) Freeze() { n.change(func() { n.frozen = true }) }

// Thaw ends Freeze. What was sent by TCP meanwhile arrives now.
func (n *Network) Thaw() { n.change(func() { n.frozen = false }) }

// RefuseUpgrades answers every new WebSocket with an HTTP status, for example 401, 403, 429 or 503; 0 ends that.
func (n *Network) RefuseUpgrades(status int) { n.change(func() { n.status = status }) }

func (n *Network) upgradeStatus() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.status
}

// RefuseConnections closes the ports to connect to (or opens them again): connecting fails at once. Present
// connections stay.
func (n *Network) RefuseConnections(refuse bool) {
	n.change(func() { n.refusing = refuse })
	n.setPorts()
}

// setPorts opens or closes the TCP ports as the state wants it.
func (n *Network) setPorts() {
	n.mu.Lock()
	shut := n.refusing || n.down
	n.mu.Unlock()
	for _, g := range append(n.media.gateways(), n.plain, n.secure) {
		if shut {
			g.shut()
			continue
		}
		if err := g.open(); err != nil {
			n.tb.Errorf("crvideotest: %v", err)
		}
	}
}
