package signal

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crvideo/crvideo-go/internal/wire"
)

func TestURL(t *testing.T) {
	for _, c := range []struct {
		addr  string
		plain bool
		want  string
	}{
		{"example.com", false, "wss://example.com/signal"},
		{"example.com", true, "ws://example.com/signal"},
		{"  example.com\n", false, "wss://example.com/signal"},
		{"example.com.", false, "wss://example.com./signal"},
		{"example.com:8443", false, "wss://example.com:8443/signal"},
		{"example.com:8080", true, "ws://example.com:8080/signal"},
		{"my_host:1", false, "wss://my_host:1/signal"},
		{"example.com/meet", false, "wss://example.com/meet"},
		{"192.0.2.7", false, "wss://192.0.2.7/signal"},
		{"192.0.2.7:65535", false, "wss://192.0.2.7:65535/signal"},
		{"localhost", false, "ws://localhost/signal"},
		{"LocalHost:7880", false, "ws://LocalHost:7880/signal"},
		{"dev.localhost:7880", false, "ws://dev.localhost:7880/signal"},
		{"127.0.0.1:7880", false, "ws://127.0.0.1:7880/signal"},
		{"127.9.9.9", false, "ws://127.9.9.9/signal"},
		{"::1", false, "ws://[::1]/signal"},
		{"[::1]", false, "ws://[::1]/signal"},
		{"[::1]:7880", false, "ws://[::1]:7880/signal"},
		{"[::ffff:127.0.0.1]:7880", false, "ws://[::ffff:127.0.0.1]:7880/signal"},
		{"2001:db8::5", false, "wss://[2001:db8::5]/signal"},
		{"[2001:db8::5]:443", false, "wss://[2001:db8::5]:443/signal"},
		{"2001:db8::5", true, "ws://[2001:db8::5]/signal"},
		{"fe80::1%eth0", false, "wss://[fe80::1%25eth0]/signal"},
		{"[fe80::1%25eth0]:443", false, "wss://[fe80::1%25eth0]:443/signal"},
		{"ws://example.com", false, "ws://example.com/signal"},
		{"wss://example.com", true, "wss://example.com/signal"},
		{"http://example.com/", false, "ws://example.com/signal"},
		{"https://example.com", true, "wss://example.com/signal"},
		{"HTTPS://example.com:444/a/b?region=eu", false, "wss://example.com:444/a/b?region=eu"},
		{"wss://localhost:7880", true, "wss://localhost:7880/signal"},
		{"wss://[::1]:7880/x", false, "wss://[::1]:7880/x"},
	} {
		t.Run(fmt.Sprintf("%s plain=%v", c.addr, c.plain), func(t *testing.T) {
			got, err := URL(c.addr, c.plain)
			if assert.NoError(t, err) {
				assert.Equal(t, c.want, got)
			}
		})
	}
}

func TestURLRefuses(t *testing.T) {
	for _, addr := range []string{"", " ", "\t\n"} {
		_, err := URL(addr, false)
		requireCode(t, wire.CodeNoServerAddr, err)
	}
	for _, addr := range []string{
		"ftp://example.com", "://example.com", "ws://", "wss:///signal", "http://:80", ":80", "/signal", "ex ample.com",
		"example.com:", "example.com:0", "example.com:65536", "example.com:-1", "example.com:http", "a:1:2", "1.2.3", "256.1.1.1",
		"1.2.3.4.5", "[::1", "::1]", "[::1]x", "[::1]:", "[::g]", "example..com", ".example.com", "user:pw@example.com",
		"wss://user@example.com", "wss://example.com/#x", "example.com\x00", "exa\x7fmple.com", "%zz", "b\u00fccher.example", "\xff",
		"a,b", "<script>", strings.Repeat("a", 64) + ".com", strings.Repeat("abc.", 80) + "com",
	} {
		t.Run(addr, func(t *testing.T) {
			got, err := URL(addr, false)
			assert.Empty(t, got)
			requireCode(t, wire.CodeBadParameter, err)
		})
	}
}

func FuzzURL(f *testing.F) {
	for _, addr := range []string{"", "example.com", "[::1]:7880", "wss://example.com:1/x?y=z", "::1", "fe80::1%eth0", "a:b:c", "http://%41"} {
		f.Add(addr, true)
		f.Add(addr, false)
	}
	f.Fuzz(func(t *testing.T, addr string, plain bool) {
		got, err := URL(addr, plain)
		if err != nil {
			assert.Empty(t, got)
			return
		}
		u, err := url.Parse(got)
		if !assert.NoError(t, err) {
			return
		}
		assert.Contains(t, []string{"ws", "wss"}, u.Scheme)
		assert.NotEmpty(t, u.Hostname())
		again, err := URL(got, !plain)
		assert.NoError(t, err)
		assert.Equal(t, got, again, "what came out goes in again unchanged")
	})
}

func ExampleURL() {
	for _, addr := range []string{"meet.example.com", "127.0.0.1:7880", "https://example.com/rtc"} {
		u, err := URL(addr, false)
		fmt.Println(u, err)
	}
	// Output:
	// wss://meet.example.com/signal <nil>
	// ws://127.0.0.1:7880/signal <nil>
	// wss://example.com/rtc <nil>
}
