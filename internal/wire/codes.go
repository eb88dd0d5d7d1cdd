package wire

import "fmt"

// Code is a result number as it travels on the wire: the CRVideo numbers, plus the reserved negative JSON-RPC ones.
type Code int

// The CRVideo codes that this protocol uses.
const (
	CodeOK             Code = 0    // no error
	CodeUnknown        Code = 1    // unknown error
	CodeInternal       Code = 3    // internal error
	CodeBadParameter   Code = 5    // bad parameter
	CodeInvalidData    Code = 6    // invalid data
	CodeWrongSecret    Code = 7    // wrong account or password
	CodeServiceFailure Code = 8    // service failure
	CodeLoginState     Code = 9    // wrong login state
	CodeKicked         Code = 10   // this user logged in elsewhere or was removed
	CodeNotInit        Code = 11   // SDK not initialised
	CodeNotLoggedIn    Code = 12   // not logged in
	CodeTokenExpired   Code = 18   // token expired
	CodeAuthData       Code = 19   // auth data wrong (a token that cannot be read or is signed by somebody else)
	CodeNoApp          Code = 20   // no such appID
	CodeAuthFailed     Code = 21   // auth failed (a token that does not permit this)
	CodeNotTokenLogin  Code = 22   // not a token login
	CodeNoServerAddr   Code = 201  // no server address
	CodeNoAnswer       Code = 202  // the server does not answer
	CodeConnectFailed  Code = 203  // connection failed
	CodeSocket         Code = 204  // socket failure
	CodeTimeout        Code = 205  // timeout
	CodeConnectionLost Code = 207  // connection lost
	CodeBadQueue       Code = 400  // no such queue
	CodeNobodyWaits    Code = 401  // nobody waits whom one could serve
	CodeUserCanceled   Code = 402  // the customer is not assigned any more
	CodeNotServing     Code = 403  // the service is not started
	CodeInQueue        Code = 404  // waiting in another queue
	CodeBadCall        Code = 600  // bad call ID
	CodeInCall         Code = 601  // already in a call
	CodeBusy           Code = 602  // the other one is in a call
	CodeOffline        Code = 603  // the other one is not there
	CodeNoAnswerCall   Code = 604  // nobody answered the call
	CodeRefused        Code = 606  // the other one does not want to
	CodeRoomAbsent     Code = 800  // the room does not exist or has ended
	CodeRoomPassword   Code = 801  // wrong room password
	CodeRoomFull       Code = 802  // the room is full
	CodeNoRoomLeft     Code = 803  // a room cannot be allocated
	CodeRoomLocked     Code = 804  // the room is locked
	CodeInvalidUser    Code = 806  // invalid user
	CodeInRoom         Code = 807  // already in a room
	CodeSameIdentity   Code = 808  // the same identity is in the room
	CodeMicLimit       Code = 816  // too many open microphones in the room
	CodeDiskFull       Code = 902  // the disk is full
	CodeFile           Code = 905  // a file cannot be written
	CodeCmdTooLarge    Code = 1100 // the command is too large
	CodeDataTooLarge   Code = 1101 // the data is too large
	CodeNoTarget       Code = 1102 // the user to send to is not there
	CodeNoPlatform     Code = 8005 // the other one's client cannot do that
	CodeNoDevice       Code = 8008
)

// JSON-RPC 2.0 codes, for requests that were not understood at all.
const (
	CodeParse          Code = -32700 // not JSON
	CodeInvalidRequest Code = -32600 // JSON, but not a request object
	CodeNoMethod       Code = -32601 // unknown method
)

// Codes of this protocol's own, outside of CRVideo's range.
const (
	// CodeNoSession answers a resume whose session the server does not know (any more).
	CodeNoSession Code = 1201
	// CodeTooFast answers a request above the connection's rate limit.
	CodeTooFast Code = 1202
	// CodeGoingAway answers requests to a server that is shutting down.
	CodeGoingAway Code = 1203
	// CodeTransferGone tells that a transfer was canceled, or is not known.
	CodeTransferGone Code = 1204
)

// Error is a refusal with its code. It is what an error object on the wire becomes and is made from.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// Errorf makes an Error with a formatted message.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("code %d", e.Code)
	}
	return fmt.Sprintf("%s (code %d)", e.Message, e.Code)
}

// Uncoded is the text for where the code is told already. JSON-RPC's own codes, which have no other name, stay.
func (e *Error) Uncoded() string {
	if e.Code < 0 {
		return e.Error()
	}
	return e.Message
}

// WebSocket close codes of this protocol, 4000 to 4999 being free for applications (RFC 6455, 7.4.2).
const (
	CloseNoHello    = 4001 // the first message did not come in time, or was not login or resume
	CloseIdle       = 4002 // nothing was received for the server timeout
	CloseTooFast    = 4003 // far above the rate limit
	CloseSlow       = 4004 // the peer does not read
	CloseSuperseded = 4010 // the same UID logged in elsewhere
	CloseTaken      = 4011 // the session was resumed on another connection
	CloseExpired    = 4018 // the token expired
)
