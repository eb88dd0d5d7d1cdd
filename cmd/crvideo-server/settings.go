package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/crvideo/crvideo-go/server"
)

// defaultAddr can only be reached from this machine.
const defaultAddr = "127.0.0.1:8765"

// settings are what can be configured; the JSON names are those of the file.
type settings struct {
	Addr           string         `json:"addr"`
	MediaAddr      string         `json:"mediaAddr"`
	MediaTCPAddr   string         `json:"mediaTCPAddr"`
	PublicIPs      []string       `json:"publicIPs"`
	Apps           []server.App   `json:"apps"`
	CertFile       string         `json:"cert"`
	KeyFile        string         `json:"key"`
	Store          string         `json:"store"`
	TrustedProxies []string       `json:"trustedProxies"`
	AllowedOrigins []string       `json:"allowedOrigins"`
	PageApp        string         `json:"pageApp"`
	Queues         []server.Queue `json:"queues"`
	Hooks          []server.Hook  `json:"hooks"`
	LoginHooks     []server.Hook  `json:"loginHooks"`
	Admin          bool           `json:"admin"`
	RoomMetrics    int            `json:"roomMetrics"`
	Grace          duration       `json:"grace"`
	LogLevel       slog.Level     `json:"logLevel"`

	showVersion bool
}

// duration is read from text like "30s".
type duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err == nil && parsed < 0 {
		err = errors.New("negative")
	}
	*d = duration(parsed)
	return err
}

// MarshalText implements encoding.TextMarshaler.
func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil } //nolint:unparam // the interface has it

// lookup is os.LookupEnv.
type lookup func(name string) (string, bool)

// option is one setting as flag and environment variable.
type option struct {
	name, help string
	set        func(*settings, string) error
}

func text(field func(*settings) *string) func(*settings, string) error {
	return func(s *settings, value string) error {
		*field(s) = value
		return nil
	}
}

func list(field func(*settings) *[]string) func(*settings, string) error {
	return func(s *settings, value string) error {
		*field(s) = split(value)
		return nil
	}
}

func split(value string) []string {
	var parts []string
	for part := range strings.SplitSeq(value, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

func options() []option {
	return []option{
		{"addr", "TCP `address` of signalling, health and metrics (default " + defaultAddr + ")", text(func(s *settings) *string { return &s.Addr })},
		{"media-addr", "UDP `address` of media (default: a free port of the host of -addr)", text(func(s *settings) *string { return &s.MediaAddr })},
		{"media-tcp-addr", "TCP `address` of media that UDP does not get through; - for none (default: the port number of -media-addr)", text(func(s *settings) *string { return &s.MediaTCPAddr })},
		{"public-ips", "comma-separated `IPs` told to clients instead of the machine's own, behind a 1:1 NAT", list(func(s *settings) *[]string { return &s.PublicIPs })},
		{"apps", "comma-separated `id:secret` pairs; better in the environment or the file, since flags are seen by everybody on the machine", setApps},
		{"cert", "PEM `file` of the TLS certificate", text(func(s *settings) *string { return &s.CertFile })},
		{"key", "PEM `file` of the TLS key", text(func(s *settings) *string { return &s.KeyFile })},
		{"store", "JSON `file` that keeps regular rooms (default: in memory only)", text(func(s *settings) *string { return &s.Store })},
		{"trusted-proxies", "comma-separated `networks` of reverse proxies whose X-Forwarded-For is believed", list(func(s *settings) *[]string { return &s.TrustedProxies })},
		{"page-app", "`id` of the app that guests of the page at / are in; none: the page asks for a token", text(func(s *settings) *string { return &s.PageApp })},
		{"queues", "comma-separated `id:priority:name` of the queues of a call centre; several apps need the file", setQueues},
		{"hooks", "comma-separated `addresses` that are told what happens in rooms, signed with the app's secret; several apps or other secrets need the file", setHooks(func(s *settings) *[]server.Hook { return &s.Hooks })},
		{"login-hooks", "`address` that is asked whether a user may log in with its userAuthCode, signed with the app's secret", setHooks(func(s *settings) *[]server.Hook { return &s.LoginHooks })},
		{"admin", "true serves the admin API at /admin/v1 (default false)", func(s *settings, value string) (err error) {
			s.Admin, err = strconv.ParseBool(value)
			return err
		}},
		{"room-metrics", "`number` of rooms, the largest, with series of their own in /metrics (default 0)", func(s *settings, value string) (err error) {
			s.RoomMetrics, err = strconv.Atoi(value)
			return err
		}},
		{"allowed-origins", "comma-separated web `origins` whose pages may connect; * for all", list(func(s *settings) *[]string { return &s.AllowedOrigins })},
		{"grace", "`time` for clients to move to another server at the end, for example 30s (default: none)", func(s *settings, value string) error { return s.Grace.UnmarshalText([]byte(value)) }},
		{"log-level", "debug, info, warn or error (default info)", func(s *settings, value string) error { return s.LogLevel.UnmarshalText([]byte(value)) }},
	}
}

func setApps(s *settings, value string) error {
	s.Apps = nil
	for _, pair := range split(value) {
		id, secret, ok := strings.Cut(pair, ":")
		if !ok || id == "" || secret == "" {
			return errors.New("an app must be given as id:secret") // not what was given: it may be a secret
		}
		s.Apps = append(s.Apps, server.App{ID: id, Secret: secret})
	}
	return nil
}

func setHooks(field func(*settings) *[]server.Hook) func(*settings, string) error {
	return func(s *settings, value string) error {
		*field(s) = nil
		for _, address := range split(value) {
			*field(s) = append(*field(s), server.Hook{URL: address})
		}
		return nil
	}
}

func setQueues(s *settings, value string) error {
	s.Queues = nil
	for _, text := range split(value) {
		var q server.Queue
		fields := strings.SplitN(text, ":", 3)
		if len(fields) < 3 {
			return fmt.Errorf("queue %q is not given as id:priority:name", text)
		}
		var errID, errPrio error
		q.ID, errID = strconv.Atoi(fields[0])
		q.Prio, errPrio = strconv.Atoi(fields[1])
		if err := errors.Join(errID, errPrio); err != nil {
			return fmt.Errorf("queue %q: %w", text, err)
		}
		q.Name = fields[2]
		s.Queues = append(s.Queues, q)
	}
	return nil
}

// configure reads the file, then the environment, then the flags, each over the one before.
func configure(args []string, env lookup, stderr io.Writer) (*settings, error) {
	s := &settings{Addr: defaultAddr}
	flags := flag.NewFlagSet("crvideo-server", flag.ContinueOnError)
	flags.SetOutput(stderr)
	given := make(map[string]string)
	for _, o := range options() {
		flags.Func(o.name, o.help, func(value string) error {
			given[o.name] = value // set below: package flag repeats a value that it is told is wrong, and it may be a secret
			return nil
		})
	}
	file := flags.String("config", "", "JSON `file` with the settings")
	flags.BoolVar(&s.showVersion, "version", false, "print the version and end")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if value, ok := env("CRVIDEO_CONFIG"); ok && *file == "" {
		*file = value
	}
	if *file != "" {
		if err := s.readFile(*file); err != nil {
			return nil, err
		}
	}
	for _, o := range options() {
		name := "CRVIDEO_" + strings.ToUpper(strings.ReplaceAll(o.name, "-", "_"))
		if value, ok := env(name); ok {
			if err := o.set(s, value); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		if value, ok := given[o.name]; ok {
			if err := o.set(s, value); err != nil {
				return nil, fmt.Errorf("-%s: %w", o.name, err)
			}
		}
	}
	return s, nil
}

// readFile reads the configuration file. Unknown names are errors: they are typing errors.
func (s *settings) readFile(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	if err := s.decode(data); err != nil {
		return fmt.Errorf("configuration %s: %w", path, err)
	}
	return nil
}

func (s *settings) decode(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(s); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after the settings")
	}
	return nil
}

// server makes the server's configuration.
func (s *settings) server(log *slog.Logger) (server.Config, error) {
	cfg := server.Config{
		Addr: s.Addr, MediaAddr: s.MediaAddr, MediaTCPAddr: s.MediaTCPAddr, PublicIPs: s.PublicIPs, Apps: s.Apps,
		CertFile: s.CertFile, KeyFile: s.KeyFile, TrustedProxies: s.TrustedProxies, AllowedOrigins: s.AllowedOrigins, PageApp: s.PageApp, Queues: s.Queues, Admin: s.Admin, RoomMetrics: s.RoomMetrics, Hooks: s.Hooks, LoginHooks: s.LoginHooks, Grace: time.Duration(s.Grace), Logger: log,
	}
	if s.Addr == "" {
		return cfg, errors.New("an address to listen on is needed")
	}
	if s.Store != "" {
		store, err := server.OpenFileStore(s.Store)
		if err != nil {
			return cfg, err
		}
		cfg.Store = store
	}
	return cfg, nil
}
