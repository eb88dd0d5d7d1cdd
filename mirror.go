package crvideo

import (
	"context"
	"sync"

	"github.com/crvideo/crvideo-go/internal/dispatch"
)

// The mirror: package functions with the CRVideo names and argument order, on one default client. They start the work
// and return at once; the result arrives as the CRVideo event, with the cookie. What is a Promise in JavaScript waits
// and returns an error here, bounded by the server timeout.

// std is the default client with handlers that outlive it.
var std = struct {
	sync.Mutex
	client *Client
	on     callbacks
}{}

// none is what the mirror works on before Init and after Uninit: a client whose every call answers "not initialised".
var none = sync.OnceValue(func() *Client {
	c, err := newClient(SDKParams{}, &callbacks{})
	if err != nil {
		panic(err) // the zero value is always good
	}
	_ = c.Close()
	return c
})

// Default is the client that the package functions use. Before Init and after Uninit its calls fail with code 11.
func Default() *Client {
	std.Lock()
	defer std.Unlock()
	if std.client == nil {
		return none()
	}
	return std.client
}

// Init makes the default client (CRVideo_Init). Event handlers may be set before it. Initialised already is code 9.
func Init(params SDKParams) error {
	std.Lock()
	defer std.Unlock()
	if std.client != nil && std.client.life.Err() == nil {
		return failf("Init", CodeLoginState, "initialised already")
	}
	c, err := newClient(params, &std.on)
	if err != nil {
		return err
	}
	std.client = c
	return nil
}

// Uninit ends the default client (CRVideo_Uninit): it leaves the room, logs out and releases everything. Handlers stay
// set for a next Init. It may be called in a handler, and without Init.
func Uninit() {
	std.Lock()
	c := std.client
	std.client = nil
	std.Unlock()
	if c != nil {
		_ = c.Close()
	}
}

// SetSDKParams replaces the settings (CRVideo_SetSDKParams); see Client.SetSDKParams.
func SetSDKParams(params SDKParams) error { return Default().SetSDKParams(params) }

// SetServerAddr sets the server for the next Login (CRVideo_SetServerAddr); see Client.SetServerAddr.
func SetServerAddr(addr string) error { return Default().SetServerAddr(addr) }

// WriteLog writes a line of the application into the SDK's log (CRVideo_WriteLog).
func WriteLog(text string) { Default().WriteLog(text) }

// promise bounds a call that JavaScript awaits.
func promise(call func(ctx context.Context, c *Client) error) error {
	c := Default()
	c.mu.Lock()
	timeout := c.params.timeout()
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return call(ctx, c)
}

// result gives the end of a mirrored call to its handler, also when the queue is full: there are never more than calls. A
// client that is not initialised has no event goroutine, yet each call must end with its event: then one of its own
// delivers it.
func result[E Event](c *Client, s *slot[E], e E) {
	if !queue(c, s, e, (*dispatch.Queue).Force) {
		go s.call(e)
	}
}
