// Package wire is the one definition of the crvideo.1 signalling protocol: envelope, messages, limits and codes.
// Client and server both import it; PROTOCOL.md describes it in prose.
package wire

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// Message is the envelope of everything on the wire, a JSON-RPC 2.0 object. A request has an ID and a Method,
// a response has an ID and a Result or an Error, a notification has a Method and a Seq.
type Message struct {
	ID     uint64          `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Seq    uint64          `json:"seq,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *Error          `json:"error,omitempty"`
}

// IsRequest tells whether m asks for an answer.
func (m *Message) IsRequest() bool { return m.Method != "" && m.ID != 0 }

// IsNotification tells whether m is a numbered notification.
func (m *Message) IsNotification() bool { return m.Method != "" && m.ID == 0 && m.Seq != 0 }

// IsResponse tells whether m answers a request.
func (m *Message) IsResponse() bool { return m.Method == "" && m.ID != 0 }

const version = "2.0"

type envelope struct {
	Version string `json:"jsonrpc"`
	Message
}

// Encode writes the message as one JSON text.
func Encode(m *Message) ([]byte, error) {
	return json.Marshal(envelope{version, *m})
}

// Decode reads one message. Its error is always an *Error with CodeParse or CodeInvalidRequest.
func Decode(data []byte) (*Message, error) {
	if len(data) > MaxMessageBytes {
		return nil, Errorf(CodeInvalidRequest, "message of %d bytes, at most %d are allowed", len(data), MaxMessageBytes)
	}
	if !utf8.Valid(data) {
		return nil, Errorf(CodeParse, "not UTF-8")
	}
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		if json.Valid(data) {
			return nil, Errorf(CodeInvalidRequest, "not a JSON-RPC object: %v", err)
		}
		return nil, Errorf(CodeParse, "not JSON: %v", err)
	}
	if e.Version != version {
		return nil, Errorf(CodeInvalidRequest, `field "jsonrpc" must be %q`, version)
	}
	m := &e.Message
	switch {
	case m.IsRequest(), m.IsNotification():
		if m.Result != nil || m.Error != nil {
			return nil, Errorf(CodeInvalidRequest, "a method together with a result or an error")
		}
	case m.IsResponse():
		if (m.Result == nil) == (m.Error == nil) {
			return nil, Errorf(CodeInvalidRequest, "a response needs a result or an error, and not both")
		}
	case m.Method == "" && m.Error != nil: // an error about a message whose id could not be read
	default:
		return nil, Errorf(CodeInvalidRequest, "neither request, response nor notification")
	}
	return m, nil
}

// Request makes a request message.
func Request(id uint64, method string, params any) (*Message, error) {
	raw, err := marshalParams(params)
	return &Message{ID: id, Method: method, Params: raw}, err
}

// Notification makes a numbered notification.
func Notification(seq uint64, method string, params any) (*Message, error) {
	raw, err := marshalParams(params)
	return &Message{Seq: seq, Method: method, Params: raw}, err
}

// NotificationHead encodes a notification up to its number, so that many can get it and it is encoded once. params is the
// part of it that it says.
func NotificationHead(method string, v any) (head []byte, params json.RawMessage, err error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, nil, err
	}
	name, err := json.Marshal(method)
	if err != nil {
		return nil, nil, err
	}
	const before, between, after = `{"jsonrpc":"` + version + `","method":`, `,"params":`, `,"seq":`
	head = make([]byte, 0, len(before)+len(name)+len(between)+len(raw)+len(after))
	head = append(append(append(head, before...), name...), between...)
	from := len(head)
	head = append(append(head, raw...), after...)
	return head, json.RawMessage(head[from : from+len(raw)]), nil
}

// Numbered completes a notification of which NotificationHead has made the head.
func Numbered(head []byte, seq uint64) []byte {
	const digits = 20
	text := append(make([]byte, 0, len(head)+digits+1), head...)
	return append(strconv.AppendUint(text, seq, 10), '}')
}

// Response makes the answer to a request: the error if there is one, else the result (nil becomes {}).
func Response(id uint64, result any, failure *Error) (*Message, error) {
	if failure != nil {
		return &Message{ID: id, Error: failure}, nil
	}
	raw, err := marshalParams(result)
	if raw == nil {
		raw = json.RawMessage("{}")
	}
	return &Message{ID: id, Result: raw}, err
}

func marshalParams(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	return json.Marshal(v)
}

// Validator is implemented by parameters that can check themselves.
type Validator interface{ Validate() *Error }

// DecodeParams reads the parameters of a request and validates them. Its error is CodeBadParameter and names the field.
func DecodeParams(raw json.RawMessage, into any) *Error {
	if len(bytes.TrimSpace(raw)) == 0 {
		raw = json.RawMessage("{}")
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return Errorf(CodeBadParameter, "params: %v", err)
	}
	if v, ok := into.(Validator); ok {
		return v.Validate()
	}
	return nil
}
