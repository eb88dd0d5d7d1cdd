//go:build netns

package crvideo_test

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// The tests of a bad network with the kernel's own: rate by tc and loss by nft, on the loopback interface of a network
// namespace that the test must be alone in (`unshare -n`). The gate does that.

// kernelPath is loopback, where the server's media port tells which way a packet goes.
type kernelPath struct {
	t    *testing.T
	port int
}

func newKernelPath(t *testing.T, srv *crvideotest.Server) *kernelPath {
	t.Helper()
	interfaces, err := net.Interfaces()
	require.NoError(t, err)
	require.Len(t, interfaces, 1, "the network must be the test's own: unshare -n")
	p := &kernelPath{t: t, port: srv.MediaAddr().(*net.UDPAddr).Port}
	p.run("ip link set lo up")
	p.run("tc qdisc replace dev lo root handle 1: htb default 10")
	p.run("tc class replace dev lo parent 1: classid 1:10 htb rate 10gbit quantum 60000")
	t.Cleanup(func() {
		p.run("tc qdisc del dev lo root")
		p.run("nft flush ruleset")
	})
	return p
}

func (p *kernelPath) run(command string) {
	p.t.Helper()
	f := strings.Fields(command)
	out, err := exec.Command(f[0], f[1:]...).CombinedOutput()
	require.NoError(p.t, err, "%s: %s", command, out)
}

// limit puts a queue of half a second before everything that the server sends, as a cheap router does.
func (p *kernelPath) limit(bps int) {
	p.run(fmt.Sprintf("tc class replace dev lo parent 1: classid 1:20 htb rate %dbit burst 4kb cburst 4kb quantum 1500", bps))
	p.run(fmt.Sprintf("tc qdisc replace dev lo parent 1:20 handle 20: bfifo limit %d", bps/8/2))
	p.run("tc filter del dev lo parent 1:")
	p.run(fmt.Sprintf("tc filter add dev lo parent 1: protocol ip u32 match ip sport %d 0xffff flowid 1:20", p.port))
}

func (p *kernelPath) lose(part float64, toServer bool) {
	p.run("nft add table inet bad")
	p.run("nft add chain inet bad in { type filter hook input priority 0 ; }")
	p.run(fmt.Sprintf("nft add rule inet bad in udp sport %d numgen random mod 100 < %d drop", p.port, int(100*part)))
	if toServer {
		p.run(fmt.Sprintf("nft add rule inet bad in udp dport %d numgen random mod 100 < %d drop", p.port, int(100*part)))
	}
}

func loopbackUp() {
	exec.Command("ip", "link", "set", "lo", "up").Run() //nolint:errcheck // told by what comes next
}

func TestKernelNetwork(t *testing.T) {
	for name, test := range map[string]func(*testing.T, badPath, *crvideo.Client, *crvideo.Client){
		"path falls and returns": pathFallsAndReturns, "loss of 10 %": picturesMoveAtLoss, "loss of 30 %": toneAtLoss,
		"loss of 30 % at both": toneAtLossEverywhere,
	} {
		t.Run(name, func(t *testing.T) {
			loopbackUp()
			srv := newServer(t)
			path := newKernelPath(t, srv)
			alice, bob := pair(t, srv)
			test(t, path, alice, bob)
		})
	}
}

// toneAtLossEverywhere loses as many on the way of who speaks, too: half of all packets do not arrive at first.
func toneAtLossEverywhere(t *testing.T, path badPath, alice, bob *crvideo.Client) {
	path.lose(0.3, true)
	toneGoesOn(t, alice, bob, 0.05)
}
