package signal

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// URL makes the WebSocket URL of a server from what a user gives as its address: host, host:port, or a URL with
// ws://, wss://, http:// or https://. Without a scheme it is wss, or ws if plain is set or the host is loopback.
// Without a path it is wire.Path. Its error is an *wire.Error: CodeNoServerAddr for an empty address,
// CodeBadParameter for one that makes no sense.
func URL(addr string, plain bool) (string, error) {
	addr = strings.TrimSpace(addr)
	if addr == "" {
		return "", wire.Errorf(wire.CodeNoServerAddr, "the server address is empty")
	}
	scheme, rest, found := strings.Cut(addr, "://")
	if !found {
		scheme, rest = "", addr
		if ip, err := netip.ParseAddr(addr); err == nil && ip.Is6() { // an IPv6 literal without brackets
			rest = "[" + strings.Replace(addr, "%", "%25", 1) + "]"
		}
	}
	u, err := url.Parse("//" + rest)
	switch {
	case err != nil:
		return "", badAddress(addr, "it cannot be parsed")
	case u.User != nil || u.Fragment != "":
		return "", badAddress(addr, "it has a user or a fragment")
	case strings.ContainsFunc(u.RawQuery, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", badAddress(addr, "its query has characters that must be escaped")
	case !validHost(u.Hostname()):
		return "", badAddress(addr, "its host is neither a name nor an IP address")
	case !validPort(u):
		return "", badAddress(addr, "its port is not 1 to 65535")
	}
	switch strings.ToLower(scheme) {
	case "":
		u.Scheme = "wss"
		if plain || isLoopback(u.Hostname()) {
			u.Scheme = "ws"
		}
		if found { // "://host"
			return "", badAddress(addr, "its scheme is empty")
		}
	case "ws", "http":
		u.Scheme = "ws"
	case "wss", "https":
		u.Scheme = "wss"
	default:
		return "", badAddress(addr, "its scheme is not ws, wss, http or https")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = wire.Path
	}
	return u.String(), nil
}

func badAddress(addr, why string) *wire.Error {
	return wire.Errorf(wire.CodeBadParameter, "server address %.200q: %s", addr, why)
}

func isLoopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// nameBytes may be in a host name and in the zone of an IPv6 address.
const nameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// validHost takes IP addresses and names of letters, digits, '-' and '_'. A name whose last label is a number is an
// IP address that went wrong.
func validHost(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return strings.Trim(ip.Zone(), nameBytes+".") == ""
	}
	name := strings.TrimSuffix(host, ".")
	if name == "" || len(name) > 253 {
		return false
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, nameBytes) != "" {
			return false
		}
	}
	_, err := strconv.Atoi(labels[len(labels)-1])
	return err != nil
}

// validPort also refuses the colon without a port that url.Parse lets pass.
func validPort(u *url.URL) bool {
	if strings.HasSuffix(u.Host, ":") {
		return false
	}
	_, port, err := net.SplitHostPort(u.Host)
	if err != nil {
		return u.Port() == ""
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}
