package signal

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go/internal/mocksignal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

var credentials = wire.LoginParams{AppID: "demo", SecretMD5: "fe01ce2a7fbac8fafaed7c982a04e229", UID: "anna", Nickname: "Anna"}

type note struct {
	method string
	params string
}

// fixture is a session on a scripted server and what it told.
type fixture struct {
	*testing.T
	ctx     context.Context
	server  *mocksignal.Server
	cfg     Config
	session *Session
	notes   chan note
	resumed chan struct{}
	ends    chan *wire.Error
}

func newFixture(t *testing.T, server *mocksignal.Server) *fixture {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	f := &fixture{
		T: t, ctx: ctx, server: server,
		notes: make(chan note, 1000), resumed: make(chan struct{}, 100), ends: make(chan *wire.Error, 10),
	}
	f.cfg = Config{
		URL:       server.URL(),
		Timeout:   patience,
		OnNotify:  func(method string, params json.RawMessage) { f.notes <- note{method, string(params)} },
		OnResumed: func() { f.resumed <- struct{}{} },
		OnEnd:     func(err *wire.Error) { f.ends <- err },
	}
	return f
}

// open logs in on a new server; change may adapt the configuration before.
func open(t *testing.T, change ...func(*Config)) (*fixture, *mocksignal.Conn) {
	t.Helper()
	f := newFixture(t, mocksignal.New(t))
	for _, fn := range change {
		fn(&f.cfg)
	}
	return f, f.login()
}

func (f *fixture) login() *mocksignal.Conn {
	f.Helper()
	failed := make(chan error, 1)
	go func() {
		var err error
		f.session, _, err = Login(f.ctx, f.cfg, credentials)
		failed <- err
	}()
	conn := f.server.Accept(f.ctx)
	conn.Login(f.ctx)
	require.NoError(f, receive(f.T, failed, "login does not return"))
	f.Cleanup(f.leave)
	return conn
}

// leave ends the session however the test left it.
func (f *fixture) leave() {
	f.server.Close()
	f.session.cfg.CloseTimeout = time.Millisecond // nobody answers a logout
	f.session.Close()
	receive(f.T, f.session.Done(), "the session does not end")
}

func (f *fixture) note() note {
	f.Helper()
	return receive(f.T, f.notes, "no notification")
}

func (f *fixture) end() *wire.Error {
	f.Helper()
	err := receive(f.T, f.ends, "the session does not end")
	receive(f.T, f.session.Done(), "Done is not closed")
	return err
}

// call starts a call and returns where its error will come.
func (f *fixture) call(method string, params, result any) <-chan error {
	ch := make(chan error, 1)
	go func() { ch <- f.session.Call(f.ctx, method, params, result) }()
	return ch
}

func receive[T any](t *testing.T, ch <-chan T, otherwise string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		require.FailNow(t, otherwise)
		panic("unreachable")
	}
}

func requireCode(t *testing.T, code wire.Code, err error) {
	t.Helper()
	require.Error(t, err)
	var own *wire.Error
	require.ErrorAs(t, err, &own)
	require.Equal(t, code, own.Code, "%v", err)
}
