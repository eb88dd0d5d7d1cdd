package crvideotest

import (
	"bufio"
	"net"
	"net/netip"
	"sync"
)

// tcp returns the relay's own address for a TCP address at which the server takes media.
func (r *mediaRelay) tcp(server netip.AddrPort) (netip.AddrPort, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return netip.AddrPort{}, net.ErrClosed
	}
	g := r.tcps[server]
	if g == nil {
		g = newGateway(r.net, func(c *net.TCPConn) { r.net.serveMedia(c, server.String()) })
		if err := g.open(); err != nil {
			return netip.AddrPort{}, err
		}
		r.tcps[server] = g
	}
	return netip.ParseAddrPort(g.addr)
}

// serveMedia relays a TCP connection of media. Cut without UIDs, Stall, Delay, Freeze and Down concern it, too.
func (n *Network) serveMedia(tcp *net.TCPConn, server string) {
	c := n.begin(tcp, true)
	if c == nil {
		return
	}
	defer c.finish()
	var pipes sync.WaitGroup
	defer pipes.Wait()
	defer c.drain(&pipes)
	if !n.pass(c, ToServer) {
		return
	}
	if !c.dial(server, nil, &pipes) {
		c.reset()
		return
	}
	c.copy([2]*bufio.Reader{bufio.NewReader(c.client), bufio.NewReader(c.server)})
}
