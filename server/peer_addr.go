package server

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the networks of reverse proxies whose word is taken for whom they speak.
type proxies []netip.Prefix

func parseProxies(list []string) (proxies, error) {
	var p proxies
	for _, text := range list {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			ip, ipErr := netip.ParseAddr(text)
			if ipErr != nil {
				return nil, fmt.Errorf("TrustedProxies: %q is neither an IP address nor a network like 10.0.0.0/8", text)
			}
			network = netip.PrefixFrom(ip, ip.BitLen())
		}
		p = append(p, network.Masked())
	}
	return p, nil
}

func (p proxies) contain(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	for _, network := range p {
		if network.Contains(ip) {
			return true
		}
	}
	return false
}

// peerOf is the IP address that a request comes from. Of X-Forwarded-For, only what trusted proxies have added counts:
// the last entry that is not a proxy itself. What is before it the peer may have made up.
func (p proxies) peerOf(r *http.Request) string {
	peer := hostOf(r.RemoteAddr)
	if !p.contain(peer) {
		return peer
	}
	entries := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(entries) - 1; i >= 0; i-- {
		ip, err := netip.ParseAddr(strings.TrimSpace(entries[i]))
		if err != nil {
			break
		}
		if peer = ip.Unmap().String(); !p.contain(peer) {
			break
		}
	}
	return peer
}

// hostOf is the address of a peer without its port.
func hostOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}

// networkOf is what counts as one address: of IPv6 the network of 64 bits, of whose addresses everybody has many.
func networkOf(host string) string {
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Is4() || ip.Is4In6() {
		return host
	}
	network, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return host
	}
	return network.String()
}
