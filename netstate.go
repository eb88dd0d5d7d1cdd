package crvideo

import (
	"math"
	"time"

	"github.com/crvideo/crvideo-go/internal/rtc"
	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

// How the network is looked at, and what counts as a change.
const (
	netInterval   = 2 * time.Second
	scoreStep     = 0.5
	delayStep     = 10 * time.Millisecond
	delayPart     = 5 // a fifth
	lossStep      = 0.01
	fewestPackets = 10 // in netInterval, to say anything about loss
)

// lossAbove are the parts of packets lost from which each point less is given, from 10 down.
var lossAbove = [10]float64{0.03, 0.08, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40, 0.45, 0.50}

// netState is how good the network is. Guarded by Client.mu.
type netState struct {
	known    bool
	score    float64
	delay    time.Duration
	up, down float64 // part that is lost

	conn             *rtc.Conn // that the counts are of
	upSeen, downSeen rtpkit.Counted
}

// lookLocked looks at the network and tells what has changed.
func (r *room) lookLocked() {
	c := r.c
	n, conn := &r.net, r.conn
	up, down := conn.Counted()
	if n.conn != conn {
		n.conn, n.upSeen, n.downSeen = conn, rtpkit.Counted{}, rtpkit.Counted{}
	}
	next := netState{delay: conn.RTT(), up: lossSince(n.upSeen, up, n.up), down: lossSince(n.downSeen, down, n.down)}
	n.upSeen, n.downSeen = up, down
	if conn.State() == rtc.StateConnected {
		next.score = score(max(next.up, next.down))
	}
	c.tellNetLocked(n, next)
}

// tellNetLocked queues the events of what has changed enough.
func (c *Client) tellNetLocked(n *netState, next netState) {
	if !n.known || math.Abs(next.score-n.score) >= scoreStep {
		n.score = next.score
		emit(c, &c.on.netState, NetStateChanged{next.score})
	}
	if d := (next.delay - n.delay).Abs(); next.delay > 0 && d >= delayStep && d >= n.delay/delayPart || n.delay == 0 && next.delay > 0 {
		n.delay = next.delay
		emit(c, &c.on.netDelay, NotifyNetworkDelay{next.delay})
	}
	if math.Abs(next.up-n.up) >= lossStep {
		n.up = next.up
		emit(c, &c.on.upLoss, NotifyPacketsUploadLostRate{next.up})
	}
	if math.Abs(next.down-n.down) >= lossStep {
		n.down = next.down
		emit(c, &c.on.downLoss, NotifyPacketsDownloadLostRate{next.down})
	}
	n.known = true
}

// lossSince is the part that was lost since an earlier count; as before if there were too few packets.
func lossSince(seen, now rtpkit.Counted, before float64) float64 {
	sent, arrived := now.Sent-seen.Sent, now.Arrived-seen.Arrived
	switch {
	case sent == 0:
		return 0
	case sent < fewestPackets:
		return before
	}
	return 1 - float64(arrived)/float64(sent)
}

// score is 0 to 10, by the part of the packets that is lost.
func score(loss float64) float64 {
	points := len(lossAbove)
	for points > 0 && loss >= lossAbove[len(lossAbove)-points] {
		points--
	}
	return float64(points)
}
