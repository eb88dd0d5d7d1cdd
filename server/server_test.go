package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// get fetches a page of the server without leaving an idle connection.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	client := &http.Client{Timeout: bound, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}

func TestTwoServersInAProcess(t *testing.T) {
	one, two := start(t), start(t)
	ann := login(t, one, "ann")
	room := ann.create(wire.CreateMeetingParams{}).ID
	ann.enter(room)
	other := login(t, two, "ann")
	other.fails(wire.CodeRoomAbsent, wire.MethodEnterMeeting, enterParams(room))
	ann.quiet()
	assert.InDelta(t, 1, gather(t, one, "crvideo_rooms"), 0)
	assert.InDelta(t, 0, gather(t, two, "crvideo_rooms"), 0)
}

func TestOrigins(t *testing.T) {
	s := start(t, func(cfg *Config) { cfg.AllowedOrigins = []string{"https://good.example", "http://good.example:8080"} })
	try := func(s *Server, origin string, ok bool) {
		_, resp, err := tryDial(t, s, http.Header{"Origin": {origin}})
		assert.Equal(t, ok, err == nil, origin)
		if !ok {
			assert.Equal(t, http.StatusForbidden, resp.StatusCode)
		}
		_ = resp.Body.Close()
	}
	own := s.Addr().String()
	for origin, ok := range map[string]bool{
		"http://" + own: true, "https://" + own: true, // behind a proxy that speaks TLS
		"https://good.example": true, "HTTPS://Good.Example": true, "http://good.example:8080": true,
		"http://good.example": false, "https://good.example:8443": false, "https://good.example.evil": false,
		"https://evil.example": false, "https://evil.example/https://good.example": false, "https://good.example@evil.example": false,
		"http://127.0.0.1": false, "http://localhost:" + portOf(t, s.Addr()): false, "null": false, "file://": false, "*": false, "://": false,
	} {
		try(s, origin, ok)
	}
	try(start(t), "https://evil.example", false)
	try(start(t, func(cfg *Config) { cfg.AllowedOrigins = []string{"*"} }), "https://anything.example", true)
}

func TestSubprotocolIsNeeded(t *testing.T) {
	s := start(t)
	_, resp, err := websocket.DefaultDialer.Dial(s.URL(), nil)
	require.Error(t, err)
	assert.Equal(t, http.StatusBadRequest, resp.StatusCode)
	_ = resp.Body.Close()
	code, _ := get(t, "http://"+s.Addr().String()+wire.Path)
	assert.Equal(t, http.StatusBadRequest, code)
}

func TestNewWithoutServe(t *testing.T) {
	s, err := New(Config{Addr: "127.0.0.1:0"})
	require.NoError(t, err)
	stop(t, s)
	require.NoError(t, s.Serve(), "it is over")

	s, err = New(Config{Apps: []App{{"a", "s"}}})
	require.NoError(t, err)
	assert.Nil(t, s.Addr())
	assert.Empty(t, s.URL())
	require.Error(t, s.Serve())
	web := httptest.NewServer(s.Handler())
	code, _ := get(t, web.URL+"/healthz")
	assert.Equal(t, http.StatusOK, code)
	stop(t, s)
	code, _ = get(t, web.URL+"/healthz")
	assert.Equal(t, http.StatusServiceUnavailable, code)
	web.Close()
}

func TestNewRefuses(t *testing.T) {
	store := NewMemoryStore()
	require.NoError(t, store.SaveRoom(t.Context(), StoredRoom{ID: 1}))
	app := []App{{"a", "s"}}
	for name, c := range map[string]struct {
		cfg Config
		why string
	}{
		"no apps in the open":    {Config{Addr: "0.0.0.0:0"}, "no Apps"},
		"no apps, any host":      {Config{Addr: ":0"}, "no Apps"},
		"no apps, open media":    {Config{Addr: "127.0.0.1:0", MediaAddr: "0.0.0.0:0"}, "no Apps"},
		"no apps, only Handler":  {Config{}, "no Apps"},
		"app without secret":     {Config{Addr: "127.0.0.1:0", Apps: []App{{"a", ""}}}, "without ID or secret"},
		"app twice":              {Config{Addr: "127.0.0.1:0", Apps: []App{{"a", "s"}, {"a", "t"}}}, "twice"},
		"long app ID":            {Config{Addr: "127.0.0.1:0", Apps: []App{{strings.Repeat("a", 65), "s"}}}, "65 bytes"},
		"key without cert":       {Config{Addr: "127.0.0.1:0", KeyFile: "k"}, "belong together"},
		"no such cert":           {Config{Addr: "127.0.0.1:0", KeyFile: "k", CertFile: "c"}, "certificate"},
		"address without port":   {Config{Addr: "127.0.0.1", Apps: app}, "Addr"},
		"address of another":     {Config{Addr: "192.0.2.1:0", MediaAddr: "127.0.0.1:0", Apps: app}, "listen"},
		"media addr of another":  {Config{Addr: "127.0.0.1:0", MediaAddr: "192.0.2.1:0", Apps: app}, "media"},
		"origin without scheme":  {Config{Addr: "127.0.0.1:0", AllowedOrigins: []string{"example.com"}}, "AllowedOrigins"},
		"origin with a path":     {Config{Addr: "127.0.0.1:0", AllowedOrigins: []string{"https://example.com/"}}, "AllowedOrigins"},
		"room with a strange ID": {Config{Addr: "127.0.0.1:0", Store: store}, "8 digits"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(c.cfg)
			require.ErrorContains(t, err, c.why)
		})
	}
}

func TestTLS(t *testing.T) {
	cert, key := selfSigned(t)
	s := start(t, func(cfg *Config) { cfg.CertFile, cfg.KeyFile = cert, key })
	require.True(t, strings.HasPrefix(s.URL(), "wss://127.0.0.1:"))
	pool := x509.NewCertPool()
	data, err := os.ReadFile(cert)
	require.NoError(t, err)
	require.True(t, pool.AppendCertsFromPEM(data))
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	ws, resp, err := dialer.Dial(s.URL(), nil)
	require.NoError(t, err)
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	(&client{t: t, ws: ws}).must(wire.MethodLogin, loginParams("ann"), nil)
}

// selfSigned makes a certificate for 127.0.0.1.
func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	pkcs, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	write := func(name, kind string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600))
		return path
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", pkcs)
}
