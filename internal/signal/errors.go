package signal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// failure is a code together with its cause, so that errors.As finds the *wire.Error and errors.Is the cause.
type failure struct {
	code  *wire.Error
	cause error
}

func (f *failure) Error() string {
	return fmt.Sprintf("%s: %v (code %d)", f.code.Message, f.cause, f.code.Code)
}

// Uncoded is the text without the code, as wire.Error has it.
func (f *failure) Uncoded() string { return fmt.Sprintf("%s: %v", f.code.Message, f.cause) }

func (f *failure) Unwrap() []error { return []error{f.code, f.cause} }

func failed(code wire.Code, cause error, format string, args ...any) error {
	return &failure{wire.Errorf(code, format, args...), cause}
}

// protocolError is a server that breaks the protocol. The connection is closed with the given close code.
type protocolError struct {
	closeCode int
	what      string
}

func (e *protocolError) Error() string { return "protocol error: " + e.what }

func violation(closeCode int, format string, args ...any) error {
	return &protocolError{closeCode, fmt.Sprintf(format, args...)}
}

// dialError explains why there is no connection to a server.
func dialError(ctx context.Context, url string, response *http.Response, err error) error {
	var timeout net.Error
	if deadline, ok := ctx.Deadline(); ok && errors.As(err, &timeout) && timeout.Timeout() && !time.Now().Before(deadline) {
		<-ctx.Done() // the connection's own deadline, which is the same, was a little faster
	}
	switch {
	case context.Cause(ctx) != nil:
		return context.Cause(ctx)
	case errors.Is(err, websocket.ErrBadHandshake) && response != nil:
		return &refusedError{response.StatusCode, refusal(url, response)}
	}
	return failed(wire.CodeConnectFailed, err, "cannot connect to %s", url)
}

// refusedError is an HTTP status instead of a WebSocket.
type refusedError struct {
	status int
	err    *wire.Error
}

func (e *refusedError) Error() string   { return e.err.Error() }
func (e *refusedError) Uncoded() string { return e.err.Uncoded() }
func (e *refusedError) Unwrap() error   { return e.err }

// final tells that asking again would not help.
func (e *refusedError) final() bool {
	return e.status == http.StatusUnauthorized || e.status == http.StatusForbidden
}

func refusal(url string, response *http.Response) *wire.Error {
	body, _ := io.ReadAll(io.LimitReader(response.Body, 200))
	said := strings.ToValidUTF8(strings.TrimSpace(string(body)), "?")
	status := fmt.Sprintf("HTTP %d %s", response.StatusCode, http.StatusText(response.StatusCode))
	if said != "" && !strings.Contains(said, "\n") {
		status += fmt.Sprintf(", %q", said)
	}
	switch response.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return wire.Errorf(wire.CodeAuthFailed, "%s does not let us in: %s", url, status)
	case http.StatusTooManyRequests:
		return wire.Errorf(wire.CodeTooFast, "%s has too many connections of ours: %s%s", url, status, retryAfter(response))
	case http.StatusServiceUnavailable:
		return wire.Errorf(wire.CodeServiceFailure, "%s is full or not available: %s%s", url, status, retryAfter(response))
	case http.StatusSwitchingProtocols:
		return wire.Errorf(wire.CodeConnectFailed, "%s answers the WebSocket handshake wrongly", url)
	}
	if to := response.Header.Get("Location"); to != "" {
		return wire.Errorf(wire.CodeConnectFailed, "%s has moved to %q: %s", url, to, status)
	}
	return wire.Errorf(wire.CodeConnectFailed, "%s is no signalling server: %s", url, status)
}

func retryAfter(response *http.Response) string {
	if after := response.Header.Get("Retry-After"); after != "" {
		return fmt.Sprintf(", retry after %q", after)
	}
	return ""
}

// verdict turns what ended a connection into the end of the session, or nil if the session may come back.
func verdict(err error) *wire.Error {
	var off *lineOff
	var frame *websocket.CloseError
	switch {
	case errors.As(err, &off):
		return wire.Errorf(off.code, "the server ended the login")
	case !errors.As(err, &frame):
		return nil
	}
	switch frame.Code {
	case wire.CloseSuperseded:
		return wire.Errorf(wire.CodeKicked, "the same UID logged in elsewhere")
	case wire.CloseTaken:
		return wire.Errorf(wire.CodeKicked, "the session was continued elsewhere")
	case wire.CloseExpired:
		return wire.Errorf(wire.CodeTokenExpired, "the token expired")
	}
	return nil
}

// resumeVerdict does the same with what an attempt to come back failed with.
func resumeVerdict(err error) *wire.Error {
	if end := verdict(err); end != nil {
		return end
	}
	var refused *refusedError
	if errors.As(err, &refused) {
		if refused.final() {
			return wire.Errorf(wire.CodeSocket, "the session cannot be resumed: %v", err)
		}
		return nil
	}
	var again *loginError
	var said *answerError
	if !errors.As(err, &said) {
		return nil
	}
	switch said.err.Code {
	case wire.CodeKicked, wire.CodeTokenExpired:
		return said.err
	case wire.CodeTooFast, wire.CodeGoingAway, wire.CodeServiceFailure, wire.CodeInternal:
		return nil
	}
	if errors.As(err, &again) {
		return said.err
	}
	return wire.Errorf(wire.CodeSocket, "the session cannot be resumed: %v", said.err)
}

// forgotten tells that a server does not know the session any more.
func forgotten(err error) bool {
	var said *answerError
	return errors.As(err, &said) && said.err.Code == wire.CodeNoSession
}

// loginError is the failure of a login by which a session was to be renewed.
type loginError struct{ error }

func (e *loginError) Unwrap() error { return e.error }

// lineOff is the server's notification that the login is over.
type lineOff struct{ code wire.Code }

func (e *lineOff) Error() string {
	return fmt.Sprintf("the server ended the login with code %d", e.code)
}

// answerError is an error that the server answered to login or resume.
type answerError struct{ err *wire.Error }

func (e *answerError) Error() string   { return e.err.Error() }
func (e *answerError) Uncoded() string { return e.err.Uncoded() }
func (e *answerError) Unwrap() error   { return e.err }
