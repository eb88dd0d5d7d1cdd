package crvideotest

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"
)

// flow is what one address of a client sends to and gets from one address of the server.
type flow struct {
	port   *mediaPort
	client netip.AddrPort
	uid    string     // guarded by the relay, as chance is
	chance [2]*chance // by direction

	mu     sync.Mutex
	socket *net.UDPConn // as the server knows the client
	closed bool
}

func (f *flow) connected() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.socket != nil
}

// connect gives the flow a new socket to the server, in place of the one that it may have.
func (f *flow) connect() error {
	socket, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(f.port.server))
	if err != nil {
		return err
	}
	_ = socket.SetReadBuffer(socketBuffer) // as much as the kernel allows
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.port.relay.net.ended() {
		_ = socket.Close()
		return net.ErrClosed
	}
	if f.socket != nil {
		_ = f.socket.Close()
	}
	f.socket = socket
	f.port.relay.net.work.Go(func() { f.run(socket) })
	return nil
}

func (f *flow) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	if f.socket != nil {
		_ = f.socket.Close()
	}
}

// run takes what the server sends to a socket.
func (f *flow) run(socket *net.UDPConn) {
	buf := make([]byte, datagramBytes)
	for {
		_ = socket.SetReadDeadline(time.Now().Add(flowIdle))
		n, err := socket.Read(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case errors.Is(err, os.ErrDeadlineExceeded):
			f.forget()
			return
		case err != nil:
			if !f.port.relay.net.patient() {
				return
			}
			continue // nobody there: the server is being restarted
		}
		f.pass(ToClient, buf[:n], f.toClient)
	}
}

// forget gives an idle flow up. Should the client send again it gets a new one.
func (f *flow) forget() {
	r := f.port.relay
	r.mu.Lock()
	if f.port.flows[f.client] == f {
		delete(f.port.flows, f.client)
	}
	r.mu.Unlock()
	f.close()
}

// pass does to a datagram what the faults say.
func (f *flow) pass(d Direction, datagram []byte, deliver func([]byte)) {
	silent := f.port.relay.net.silent()
	r := f.port.relay
	r.mu.Lock()
	faults, special := r.faults[d.index()][f.uid]
	if !special {
		faults = r.faults[d.index()][""]
	}
	v := f.chance[d.index()].judge(faults, len(datagram), time.Now())
	v.lost = v.lost || silent
	v.twice, v.late = v.twice && !v.lost, v.late && !v.lost
	count := &r.counts[d.index()]
	count.Datagrams++
	for counter, add := range map[*int]bool{&count.Lost: v.lost, &count.Duplicated: v.twice, &count.Reordered: v.late} {
		if add {
			*counter++
		}
	}
	r.mu.Unlock()
	if v.lost {
		return
	}
	kept := slices.Clone(datagram)
	r.post.post(v.due, func() {
		deliver(kept)
		if v.twice {
			deliver(kept)
		}
	})
}

func (f *flow) toServer(datagram []byte) {
	f.mu.Lock()
	socket := f.socket
	f.mu.Unlock()
	if socket != nil {
		_, _ = socket.Write(datagram) // what cannot be sent is lost, as on a network
	}
}

func (f *flow) toClient(datagram []byte) {
	_, _ = f.port.sock.WriteToUDPAddrPort(datagram, f.client)
}
