// Command livekit drives LiveKit's server with LiveKit's client through the scenarios of package load. It is a module of
// its own, so that all of LiveKit is built as its own go.mod files say.
//
//	livekit SERVER SCENARIO
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/crvideo/crvideo-go/bench/load"
)

const apiKey = "bench"

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: livekit SERVER SCENARIO")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	lksdk.SetLogger(logger.GetDiscardLogger())
	if err := load.Run(ctx, liveKit{os.Args[1]}, os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "livekit:", err)
		os.Exit(1)
	}
}

// liveKit is the server's program.
type liveKit struct{ program string }

// config is for one machine, on loopback, without looking for other addresses; else as it comes.
const config = `
port: %[1]d
bind_addresses: ["127.0.0.1"]
prometheus_port: %[2]d
rtc:
  udp_port: %[3]d
  tcp_port: %[4]d
  use_external_ip: false
  node_ip: 127.0.0.1
  enable_loopback_candidate: true
  stun_servers: ["127.0.0.1:%[3]d"]
keys: {%[5]s: %[6]s}
logging: {level: fatal, pion_level: fatal}
`

func (l liveKit) Start(ctx context.Context) (load.Server, error) {
	var ports [4]int
	for i := range ports {
		c, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = c.Close() }()
		ports[i] = c.Addr().(*net.TCPAddr).Port
		_ = c.Close()
	}
	secret := make([]byte, 24)
	_, _ = rand.Read(secret)
	s := &liveKitServer{secret: hex.EncodeToString(secret), url: fmt.Sprintf("ws://127.0.0.1:%d", ports[0])}
	s.metrics = fmt.Sprintf("http://127.0.0.1:%d/metrics", ports[1])
	var err error
	s.Process, err = load.Spawn(l.program, "--config-body",
		fmt.Sprintf(config, ports[0], ports[1], ports[2], ports[3], apiKey, s.secret))
	if err != nil {
		return nil, err
	}
	s.Discard()
	for ctx.Err() == nil {
		if c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", ports[0]), time.Second); err == nil {
			_ = c.Close()
			if _, err := s.Goroutines(ctx); err == nil {
				return s, nil
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.Close()
	return nil, context.Cause(ctx)
}

type liveKitServer struct {
	*load.Process
	secret, url, metrics string
	rooms                atomic.Int64
}

var goroutines = regexp.MustCompile(`(?m)^go_goroutines(?:\{.*\})? ([0-9]+)`)

func (s *liveKitServer) Goroutines(ctx context.Context) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.metrics, http.NoBody)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	found := goroutines.FindSubmatch(body)
	if found == nil {
		return 0, errors.New("no go_goroutines")
	}
	return strconv.Atoi(string(found[1]))
}

// NewRoom names one: LiveKit makes rooms when the first member comes.
func (s *liveKitServer) NewRoom(context.Context) (string, error) {
	return fmt.Sprintf("room%d", s.rooms.Add(1)), nil
}

// Prepare does nothing: LiveKit logs in when it enters.
func (s *liveKitServer) Prepare(_ context.Context, room string, cfg load.MemberConfig) (load.Member, error) {
	m := &member{server: s, cfg: cfg, name: room}
	m.room = lksdk.NewRoom(&lksdk.RoomCallback{ParticipantCallback: lksdk.ParticipantCallback{OnTrackSubscribed: m.read}})
	return m, nil
}
