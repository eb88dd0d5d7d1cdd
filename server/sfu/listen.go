package sfu

import (
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/pion/ice/v4"

	"github.com/crvideo/crvideo-go/internal/rtpkit"
)

const (
	socketBuffer  = 4 << 20 // bytes the kernel is asked to hold each way
	listenRetries = 20      // free ports that are tried until one is free on every address
)

// listen opens one UDP port on the address, or on all addresses of the machine: one socket each, so that answers
// leave with the address that was asked.
func listen(address string, log *slog.Logger) (ice.UDPMux, *net.UDPAddr, error) {
	want, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, nil, fmt.Errorf("listen address: %w", err)
	}
	ips := []net.IP{want.IP}
	if want.IP == nil || want.IP.IsUnspecified() {
		if ips, err = machineIPs(want.IP != nil && want.IP.To4() != nil); err != nil {
			return nil, nil, fmt.Errorf("addresses of the machine: %w", err)
		}
	}
	var conns []*net.UDPConn
	for range listenRetries {
		if conns, err = listenAll(ips, want.Port); err == nil || want.Port != 0 {
			break
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	muxes := make([]ice.UDPMux, 0, len(conns))
	for _, conn := range conns {
		_ = conn.SetReadBuffer(socketBuffer) // as much as the kernel allows
		_ = conn.SetWriteBuffer(socketBuffer)
		muxes = append(muxes, ice.NewUDPMuxDefault(ice.UDPMuxParams{
			UDPConn: conn, Logger: rtpkit.NewLoggerFactory(log).NewLogger("mux"),
		}))
	}
	addr := *conns[0].LocalAddr().(*net.UDPAddr) // of a UDP socket
	if len(conns) == 1 {
		return muxes[0], &addr, nil
	}
	addr.IP, addr.Zone = want.IP, ""
	if addr.IP == nil {
		addr.IP = net.IPv6unspecified
	}
	return ice.NewMultiUDPMuxDefault(muxes...), &addr, nil
}

// listenAll opens the same port on all addresses. With port 0 the first one chooses it. Addresses that the kernel
// refuses are left out, unless their port is taken.
func listenAll(ips []net.IP, port int) ([]*net.UDPConn, error) {
	var conns []*net.UDPConn
	var failed error
	for _, ip := range ips {
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip, Port: port})
		switch {
		case err == nil:
			conns = append(conns, conn)
			port = conn.LocalAddr().(*net.UDPAddr).Port // of a UDP socket
			continue
		case !addressInUse(err):
			failed = errors.Join(failed, err)
			continue
		}
		for _, c := range conns {
			_ = c.Close()
		}
		return nil, err
	}
	if len(conns) == 0 {
		return nil, errors.Join(failed, errors.New("no address can be used"))
	}
	return conns, nil
}

func machineIPs(only4 bool) ([]net.IP, error) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	var ips []net.IP
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok || n.IP.IsLinkLocalUnicast() || n.IP.IsMulticast() || only4 && n.IP.To4() == nil {
			continue
		}
		ips = append(ips, n.IP)
	}
	return ips, nil
}
