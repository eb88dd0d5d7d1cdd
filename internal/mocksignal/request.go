package mocksignal

import (
	"encoding/json"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Request is a message of the client.
type Request struct {
	*wire.Message
	conn *Conn
}

// Params decodes and validates the parameters; anything wrong fails the test.
func (r *Request) Params(into any) *Request {
	r.conn.t.Helper()
	if err := wire.DecodeParams(r.Message.Params, into); err != nil {
		r.conn.t.Errorf("mocksignal: %s: %v", r.Method, err)
	}
	return r
}

// Raw is the parameters as they came.
func (r *Request) Raw() json.RawMessage { return r.Message.Params }

// Reply answers with a result; nil is {}.
func (r *Request) Reply(result any) {
	m, err := wire.Response(r.ID, result, nil)
	if err != nil {
		r.conn.t.Errorf("mocksignal: %v", err)
		return
	}
	r.conn.send(m)
}

// Fail answers with an error.
func (r *Request) Fail(code wire.Code, message string) {
	r.conn.send(&wire.Message{ID: r.ID, Error: &wire.Error{Code: code, Message: message}})
}
