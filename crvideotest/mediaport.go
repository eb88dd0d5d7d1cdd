package crvideotest

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

const (
	datagramBytes = 64 << 10
	socketBuffer  = 4 << 20
	flowIdle      = time.Minute // a flow on which nothing comes for so long is given up
)

// mediaPort relays the datagrams for one UDP address of the server.
type mediaPort struct {
	relay  *mediaRelay
	server netip.AddrPort
	sock   *net.UDPConn
	flows  map[netip.AddrPort]*flow // by the client's address; guarded by the relay
}

// udp returns the relay's own address for a UDP address of the server.
func (r *mediaRelay) udp(server netip.AddrPort) (netip.AddrPort, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return netip.AddrPort{}, net.ErrClosed
	}
	p := r.ports[server]
	if p == nil {
		sock, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return netip.AddrPort{}, fmt.Errorf("listen: %w", err)
		}
		_ = sock.SetReadBuffer(socketBuffer) // as much as the kernel allows
		p = &mediaPort{relay: r, server: server, sock: sock, flows: map[netip.AddrPort]*flow{}}
		r.ports[server] = p
		r.net.work.Go(p.run)
	}
	return addrPort(p.sock.LocalAddr()), nil
}

func addrPort(a net.Addr) netip.AddrPort {
	ap := a.(*net.UDPAddr).AddrPort() // of a UDP socket
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// run takes what clients send.
func (p *mediaPort) run() {
	buf := make([]byte, datagramBytes)
	for {
		n, from, err := p.sock.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // what a datagram of ours met somewhere
		}
		f := p.flow(from, buf[:n])
		if f == nil {
			return
		}
		f.pass(ToServer, buf[:n], f.toServer)
	}
}

// flow finds or makes the flow of a client's address; nil after the end.
func (p *mediaPort) flow(from netip.AddrPort, datagram []byte) *flow {
	r := p.relay
	r.mu.Lock()
	f := p.flows[from]
	if f == nil {
		f = &flow{port: p, client: from}
		p.flows[from] = f
	}
	if name, ok := stunUser(datagram); ok && f.chance[0] == nil {
		f.uid = r.users[name]
	}
	if f.chance[0] == nil {
		for i, d := range ways {
			f.chance[i] = newChance(r.seed, f.uid, r.flown[f.uid], d)
		}
		r.flown[f.uid]++
	}
	closed := r.closed
	r.mu.Unlock()
	if closed {
		return nil
	}
	if !f.connected() {
		_ = f.connect() // without a socket it is lost, as on a network
	}
	return f
}

// stunUser finds the client's ICE user fragment in a connectivity check (RFC 8489, 8445 7.2.2).
func stunUser(b []byte) (string, bool) {
	const header, binding, username = 20, 0x0001, 0x0006
	if len(b) < header || int(b[0])<<8|int(b[1]) != binding {
		return "", false
	}
	for b = b[header:]; len(b) >= 4; {
		kind, size := int(b[0])<<8|int(b[1]), int(b[2])<<8|int(b[3])
		if len(b) < 4+size {
			return "", false
		}
		if kind == username {
			for i, c := range b[4 : 4+size] {
				if c == ':' { // the server's before, the client's after it
					return string(b[4+i+1 : 4+size]), true
				}
			}
		}
		b = b[min(len(b), 4+(size+3)&^3):]
	}
	return "", false
}
