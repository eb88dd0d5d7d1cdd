package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"
)

// App is one application that may use the server.
type App struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

// DemoApp is the ID and the secret of the app that a server on loopback has when none is configured.
const DemoApp = "demo"

// NoMediaTCP is the MediaTCPAddr of a server without media by TCP.
const NoMediaTCP = "-"

// Config is what New needs. The zero value serves no address of its own: use Handler.
type Config struct {
	// Addr is the TCP address of signalling, health and metrics, for example "127.0.0.1:0" or ":8765". Empty: the
	// server does not listen, and Handler is mounted by the caller.
	Addr string
	// Apps may log in. None: an app "demo" with secret "demo", if all addresses are loopback; else New fails.
	Apps []App
	// MediaAddr is the UDP address of all media. Empty: any free port of Addr's host (127.0.0.1 if Addr is empty too). A
	// firewall must let this one port through, on UDP and, for clients that UDP does not reach, on TCP.
	MediaAddr string
	// MediaTCPAddr is the TCP address of media that does not get through by UDP. Empty: the host and the port number of
	// MediaAddr; if that is taken, a warning is logged and there is none. "-": none.
	MediaTCPAddr string
	// Loudest is how many members are heard at once while more have their microphone open: the loudest. Who asks for
	// everybody, or for some by name, gets them. 0: 8; below 0: everybody is heard.
	Loudest int
	// PublicIPs are told to clients instead of the machine's own addresses, for servers behind a 1:1 NAT, which
	// forwards the ports of media unchanged.
	PublicIPs []string
	// CertFile and KeyFile make Addr speak TLS (wss://). Both or none.
	CertFile, KeyFile string
	// TrustedProxies are the IP addresses or networks ("10.0.0.0/8") of reverse proxies in front of Addr. Limits of an
	// address are for the one that they tell in X-Forwarded-For. Without this, all clients of a proxy share its limits.
	TrustedProxies []string
	// AllowedOrigins are the web origins ("https://example.com") whose pages may connect, beside the server's own.
	// "*" allows every page. Clients that are not browsers send no origin and need no entry.
	AllowedOrigins []string
	// PageApp is the app in which everybody who can open the page at / may make and enter rooms, as a guest with a token
	// of two hours that the server makes; its secret stays in the server. Empty: the page asks for a token. With the demo
	// app it is that one.
	PageApp string
	// Queues are those of call centres. The admin API can add more, which the Store keeps if it is a QueueStore.
	Queues []Queue
	// Hooks are told when rooms start and end, and when members enter and leave.
	Hooks []Hook
	// LoginHooks, one an app at most, are asked whether a user may log in, with the userAuthCode that logins then must have. A login
	// that is not answered within 5 seconds is refused with code 16.
	LoginHooks []Hook
	// Admin serves the admin API at /admin/v1 to tokens with the claim Admin. Default: there is none.
	Admin bool
	// RoomMetrics is how many rooms, those with the most members, have series of their own in /metrics (crvideo_room_members and
	// crvideo_room_streams, by app and room). Prometheus keeps a series for each room that it has ever seen. Default 0: none.
	RoomMetrics int
	// Store keeps regular rooms. Default: in memory only.
	Store Store
	// Limits bound what clients can do. The zero value means the defaults.
	Limits Limits
	// Grace is how long Shutdown waits for clients to move to another server, after having told them to. Default 0: they
	// are not told, and their connections are closed at once, which is right where the same server is to be back soon.
	Grace time.Duration
	// Logger gets the server's log. Default: slog.Default().
	Logger *slog.Logger

	engine  mediaEngine   // for tests: instead of the SFU
	clock   clock         // for tests: of the queues
	timeout time.Duration // for tests: server timeout of all sessions, whatever their clients ask for
}

// normalise checks the configuration and fills in the defaults.
func (cfg *Config) normalise() error {
	if (cfg.CertFile == "") != (cfg.KeyFile == "") {
		return errors.New("CertFile and KeyFile belong together")
	}
	if cfg.MediaAddr == "" {
		host := "127.0.0.1"
		if cfg.Addr != "" {
			var err error
			if host, _, err = net.SplitHostPort(cfg.Addr); err != nil {
				return fmt.Errorf("Addr: %w", err)
			}
		}
		cfg.MediaAddr = net.JoinHostPort(host, "0")
	}
	if cfg.Grace < 0 {
		return errors.New("negative Grace")
	}
	if cfg.RoomMetrics < 0 {
		return errors.New("negative RoomMetrics")
	}
	for _, origin := range cfg.AllowedOrigins {
		if u, err := url.Parse(origin); origin != "*" && (err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin) {
			return fmt.Errorf("AllowedOrigins: %q is neither * nor like https://example.com or https://example.com:8443", origin)
		}
	}
	for _, ip := range cfg.PublicIPs {
		if net.ParseIP(ip) == nil {
			return fmt.Errorf("PublicIPs: %q is no IP address", ip)
		}
	}
	if len(cfg.Apps) == 0 {
		if !isLoopback(cfg.Addr) || !isLoopback(cfg.MediaAddr) || cfg.hasMediaTCPAddr() && !isLoopback(cfg.MediaTCPAddr) {
			return errors.New("no Apps: a server that is reachable from other machines needs at least one app with a secret of its own")
		}
		cfg.Apps = []App{{ID: DemoApp, Secret: DemoApp}}
		if cfg.PageApp == "" {
			cfg.PageApp = DemoApp
		}
	}
	if err := cfg.checkPage(); err != nil {
		return err
	}
	if cfg.Store == nil {
		cfg.Store = NewMemoryStore()
	}
	if cfg.clock == nil {
		cfg.clock = systemClock{}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	cfg.Limits = cfg.Limits.withDefaults()
	return nil
}

func (cfg *Config) hasMediaTCPAddr() bool {
	return cfg.MediaTCPAddr != "" && cfg.MediaTCPAddr != NoMediaTCP
}

// isLoopback tells whether nobody but this machine can reach the address.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
