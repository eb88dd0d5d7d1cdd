package crvideotest

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// MediaFaults are what happens to the datagrams of media in one direction. The zero value lets them pass unhurt.
// Every datagram counts: sound, pictures, feedback and connectivity checks alike.
type MediaFaults struct {
	Blackhole  bool          // everything vanishes
	Loss       float64       // fraction that vanishes, 0 to 1
	Burst      float64       // mean number of datagrams that vanish in a row; up to 1: independently of each other
	Duplicate  float64       // fraction that comes twice
	Reorder    float64       // fraction that comes late, after others that were sent later
	ReorderLag time.Duration // how late; default 30 ms
	Delay      time.Duration // of every datagram
	Jitter     time.Duration // up to so much more Delay, different for each datagram, without reordering
	Rate       int           // bit/s that pass, UDP and IP headers included; 0: any. What has to wait longer than Queue vanishes
	Queue      time.Duration // default 500 ms
}

// Media sets what happens to media in the directions given, in place of what was set for them before. What is set
// for a user goes before what is set for everybody; MediaFaults{} for everybody takes back what was set for users.
// UDP only. Which datagrams are hit depends on Seed alone: it is the same ones in each run.
func (n *Network) Media(d Direction, f MediaFaults, uids ...string) {
	n.media.mu.Lock()
	defer n.media.mu.Unlock()
	for i, way := range ways {
		if d&way == 0 {
			continue
		}
		if len(uids) == 0 && f == (MediaFaults{}) {
			clear(n.media.faults[i])
		}
		for _, uid := range orEverybody(uids) {
			n.media.faults[i][uid] = f
		}
	}
}

// BlackholeUDP makes all media over UDP vanish, in the directions given; until Media or Heal.
func (n *Network) BlackholeUDP(d Direction, uids ...string) {
	n.Media(d, MediaFaults{Blackhole: true}, uids...)
}

// Seed sets where the chance of Media starts, for clients whose media begins later; it is 1 unless set.
func (n *Network) Seed(seed uint64) {
	n.media.mu.Lock()
	defer n.media.mu.Unlock()
	n.media.seed = seed
}

// MediaCount tells how many datagrams came to the relay, and what became of them.
type MediaCount struct{ Datagrams, Lost, Duplicated, Reordered int }

// MediaCount counts the datagrams of a single direction since the beginning.
func (n *Network) MediaCount(d Direction) MediaCount {
	n.media.mu.Lock()
	defer n.media.mu.Unlock()
	return n.media.counts[d.index()]
}

// ChangePath gives clients' media another address, as the server sees it, as when a NAT forgets them or a telephone
// changes networks, and returns how many flows that concerned. What the server sends to the old address is lost.
func (n *Network) ChangePath(uids ...string) int {
	n.media.mu.Lock()
	var flows []*flow
	for _, p := range n.media.ports {
		for _, f := range p.flows {
			if len(uids) == 0 || slices.Contains(uids, f.uid) {
				flows = append(flows, f)
			}
		}
	}
	n.media.mu.Unlock()
	changed := 0
	for _, f := range flows {
		if err := f.connect(); err == nil {
			changed++
		} else if !errors.Is(err, net.ErrClosed) {
			n.tb.Errorf("crvideotest: another path: %v", err)
		}
	}
	return changed
}

// ForgetPaths forgets the paths that media took so far, as if a NAT had been restarted, and returns how many there were.
// Otherwise one that is not used is kept for a minute. A client that sends again gets another one, as with ChangePath.
func (n *Network) ForgetPaths() int {
	n.media.mu.Lock()
	var flows []*flow
	for _, p := range n.media.ports {
		for _, f := range p.flows {
			flows = append(flows, f)
		}
		clear(p.flows)
	}
	n.media.mu.Unlock()
	for _, f := range flows {
		f.close()
	}
	return len(flows)
}

// mediaRelay is the part of the Network that relays media.
type mediaRelay struct {
	net  *Network
	post postman

	mu     sync.Mutex
	closed bool
	seed   uint64
	faults [2]map[string]MediaFaults // by direction and UID, "" is everybody
	counts [2]MediaCount
	users  map[string]string // ICE user fragment -> UID
	flown  map[string]int    // flows that a user has had
	ports  map[netip.AddrPort]*mediaPort
	tcps   map[netip.AddrPort]*gateway
}

func (r *mediaRelay) init(n *Network) {
	r.net, r.seed = n, 1
	r.faults = [2]map[string]MediaFaults{{}, {}}
	r.users, r.flown = map[string]string{}, map[string]int{}
	r.ports, r.tcps = map[netip.AddrPort]*mediaPort{}, map[netip.AddrPort]*gateway{}
	r.post.start(n)
}

func (r *mediaRelay) heal() {
	r.net.Media(BothWays, MediaFaults{})
}

// silent tells whether the server is not there at all.
func (n *Network) silent() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.frozen || n.down
}

func (r *mediaRelay) close() {
	r.mu.Lock()
	r.closed = true
	for _, p := range r.ports {
		_ = p.sock.Close()
		for _, f := range p.flows {
			f.close()
		}
	}
	gateways := make([]*gateway, 0, len(r.tcps))
	for _, g := range r.tcps {
		gateways = append(gateways, g)
	}
	r.mu.Unlock()
	for _, g := range gateways {
		g.shut()
	}
}

func (r *mediaRelay) gateways() []*gateway {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]*gateway, 0, len(r.tcps))
	for _, g := range r.tcps {
		all = append(all, g)
	}
	return all
}
