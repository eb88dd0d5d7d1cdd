package main

import (
	"encoding/json"
	"log/slog"
	"reflect"
	"testing"
)

// FuzzConfiguration: whatever a configuration file contains, it is refused, or means the same when it is written by
// this program and read again.
func FuzzConfiguration(f *testing.F) {
	for _, text := range []string{
		"", "{}", "null", "[]", "{", `{"addr":"127.0.0.1:1","mediaAddr":":2","publicIPs":["192.0.2.1"],"apps":[{"id":"a","secret":"s"}]}`,
		`{"logLevel":"WARN+2","allowedOrigins":["*"]}`, `{"logLevel":"LOUD"}`, `{"addr":"a"} {}`, `{"Addr":1}`, `{"store":"x","cert":"c","key":"k"}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s, again settings
		if s.decode(data) != nil {
			return
		}
		written, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.decode(written); err != nil || !reflect.DeepEqual(s, again) {
			t.Fatalf("%+v became %+v: %v", s, again, err)
		}
		s.Store = "" // a file of its own
		if cfg, err := s.server(slog.New(slog.DiscardHandler)); err == nil && cfg.Addr != s.Addr {
			t.Fatalf("serves %q", cfg.Addr)
		}
	})
}
