package crvideo

import (
	"crypto/md5"
	"encoding/hex"
	"net"
	"net/url"
	"strings"

	"github.com/crvideo/crvideo-go/internal/signal"
)

// MD5 is the hexadecimal md5 of an app's secret, as Login wants it.
func MD5(secret string) string {
	sum := md5.Sum([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// onLoopback tells whether the server is on this machine: media then stays on the loopback interface, too.
func (c *Client) onLoopback() bool {
	c.mu.Lock()
	addr, plain := c.addr, c.params.IsHTTP
	c.mu.Unlock()
	full, err := signal.URL(addr, plain)
	if err != nil {
		return false
	}
	u, err := url.Parse(full)
	if err != nil {
		return false
	}
	host := u.Hostname()
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
