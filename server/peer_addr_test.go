package server

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNetworkOf(t *testing.T) {
	for host, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "::ffff:192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"fe80::1%eth0": "fe80::/64", "pipe": "pipe",
	} {
		assert.Equal(t, want, networkOf(host), host)
	}
}

func TestPeerOf(t *testing.T) {
	p, err := parseProxies([]string{"10.0.0.0/8", "192.0.2.1", "2001:db8::/32"})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"no proxy":                  {"198.51.100.1:1", nil, "198.51.100.1"},
		"no proxy, and a lie":       {"198.51.100.1:1", []string{"203.0.113.9"}, "198.51.100.1"},
		"proxy that says nothing":   {"10.1.2.3:1", nil, "10.1.2.3"},
		"proxy":                     {"10.1.2.3:1", []string{"203.0.113.9"}, "203.0.113.9"},
		"proxy, mapped":             {"[::ffff:10.1.2.3]:1", []string{"203.0.113.9"}, "203.0.113.9"},
		"peer by IPv6":              {"[2001:db8::7]:1", []string{"2001:ffff::9"}, "2001:ffff::9"},
		"peer that lies":            {"192.0.2.1:1", []string{"1.1.1.1, 203.0.113.9"}, "203.0.113.9"},
		"peer that lies by a line":  {"192.0.2.1:1", []string{"1.1.1.1", "203.0.113.9"}, "203.0.113.9"},
		"two proxies":               {"192.0.2.1:1", []string{"1.1.1.1, 203.0.113.9, 10.0.0.1"}, "203.0.113.9"},
		"only proxies":              {"192.0.2.1:1", []string{"10.0.0.2,10.0.0.1"}, "10.0.0.2"},
		"garbage":                   {"192.0.2.1:1", []string{"203.0.113.9, unknown"}, "192.0.2.1"},
		"garbage behind a proxy":    {"192.0.2.1:1", []string{"unknown, 10.0.0.1"}, "10.0.0.1"},
		"not an address of network": {"pipe", []string{"203.0.113.9"}, "pipe"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-For": c.forwarded}}
			assert.Equal(t, c.want, p.peerOf(r))
		})
	}
	_, err = parseProxies([]string{"proxy.example"})
	require.ErrorContains(t, err, "TrustedProxies")
}

// TestLimitsBehindAProxy: clients of a trusted proxy have a limit each; without trust they share one.
func TestLimitsBehindAProxy(t *testing.T) {
	from := func(ip string) http.Header { return http.Header{"X-Forwarded-For": {ip}} }
	for name, c := range map[string]struct {
		trusted []string
		shared  bool
	}{
		"trusted": {[]string{"127.0.0.0/8"}, false}, "not trusted": {nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, withLimits(func(l *Limits) { l.PerAddress = 1 }), func(cfg *Config) { cfg.TrustedProxies = c.trusted })
			_, resp, err := tryDial(t, s, from("203.0.113.1"))
			require.NoError(t, err)
			_ = resp.Body.Close()
			_, resp, err = tryDial(t, s, from("203.0.113.2"))
			_ = resp.Body.Close()
			assert.Equal(t, c.shared, err != nil)
			_, resp, err = tryDial(t, s, from("203.0.113.1"))
			_ = resp.Body.Close()
			require.Error(t, err)
			assert.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
		})
	}
}
