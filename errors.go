package crvideo

import (
	"context"
	"errors"
	"fmt"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Code is a CRVideo error number (ERR_DEF). It is itself an error, so that errors.Is(err, crvideo.CodeTokenExpired)
// works on whatever a call of this package returned.
type Code int

// The codes that calls and events of this package carry.
const (
	CodeOK             Code = 0    // no error
	CodeUnknown        Code = 1    // unknown error
	CodeInternal       Code = 3    // internal SDK error
	CodeBadParameter   Code = 5    // bad parameter
	CodeInvalidData    Code = 6    // invalid data
	CodeWrongSecret    Code = 7    // wrong account or password
	CodeServiceFailure Code = 8    // service failure
	CodeLoginState     Code = 9    // wrong login state, for example logged in already
	CodeKicked         Code = 10   // this user logged in elsewhere or was removed
	CodeNotInit        Code = 11   // SDK not initialised, or uninitialised already
	CodeNotLoggedIn    Code = 12   // not logged in
	CodeAuthMissing    Code = 14   // third-party auth is on but no auth data was sent
	CodeAuthUnexpected Code = 15   // third-party auth is off but auth data was sent
	CodeAuthService    Code = 16   // the third-party auth service failed
	CodeAuthRefused    Code = 17   // the third-party auth service refused
	CodeTokenExpired   Code = 18   // token expired
	CodeAuthData       Code = 19   // auth data wrong: a token that cannot be read or is signed with another secret
	CodeNoApp          Code = 20   // no such appID
	CodeAuthFailed     Code = 21   // auth failed: the token does not permit this
	CodeNotTokenLogin  Code = 22   // not a token login
	CodeNoServerAddr   Code = 201  // no server address
	CodeNoAnswer       Code = 202  // the server does not answer
	CodeConnectFailed  Code = 203  // connecting failed
	CodeSocket         Code = 204  // socket failure
	CodeTimeout        Code = 205  // timeout
	CodeConnectionLost Code = 207  // connection lost
	CodeBadQueue       Code = 400  // no such queue
	CodeNobodyWaits    Code = 401  // nobody waits whom we could serve
	CodeUserCanceled   Code = 402  // the customer is not assigned to us, or not any more
	CodeNotServing     Code = 403  // the service is not started
	CodeInQueue        Code = 404  // waiting in another queue
	CodeBadCall        Code = 600  // no such call or invitation, or not in this state
	CodeInCall         Code = 601  // already in a call
	CodeBusy           Code = 602  // the other one is in a call
	CodeOffline        Code = 603  // the other one is not logged in
	CodeCallNoAnswer   Code = 604  // the other one did not answer
	CodeNoUser         Code = 605  // no such user
	CodeCallRefused    Code = 606  // the other one refused, or does not want to be disturbed
	CodeNoRoom         Code = 800  // the room does not exist, has ended, or one is in none
	CodeRoomPassword   Code = 801  // wrong room password
	CodeRoomFull       Code = 802  // the room is full
	CodeNoRoomLeft     Code = 803  // a room cannot be allocated
	CodeRoomLocked     Code = 804  // the room is locked
	CodeInvalidUser    Code = 806  // invalid user: not in the room
	CodeInRoom         Code = 807  // already in a room, or entering one
	CodeSameIdentity   Code = 808  // the same identity is in the room
	CodeMicLimit       Code = 816  // too many open microphones in the room
	CodeDiskFull       Code = 902  // the disk is full
	CodeFile           Code = 905  // a file cannot be written, or read
	CodeCmdTooLarge    Code = 1100 // a command is too large
	CodeDataTooLarge   Code = 1101 // a buffer or a file is too large
	CodeNoTarget       Code = 1102 // the user that something is sent to is not logged in
	CodeSessionUnknown Code = 1201 // the server does not know the session any more
	CodeTooFast        Code = 1202 // too many requests
	CodeGoingAway      Code = 1203 // the server is shutting down
	CodeTransferGone   Code = 1204 // a transfer was canceled, or there is none of that ID
	CodeEnumeration    Code = 8003 // devices could not be listed
	CodeNoPlatform     Code = 8005 // not supported by this build or platform
	CodeDeviceFailed   Code = 8007 // a device could not be opened
	CodeNoDevice       Code = 8008 // no such device
)

var codeText = map[Code]string{
	CodeOK: "no error", CodeUnknown: "unknown error", CodeInternal: "internal error", CodeBadParameter: "bad parameter",
	CodeInvalidData: "invalid data", CodeWrongSecret: "wrong account or password", CodeServiceFailure: "service failure",
	CodeLoginState: "wrong login state", CodeKicked: "logged in elsewhere or removed", CodeNotInit: "not initialised",
	CodeNotLoggedIn: "not logged in", CodeAuthMissing: "third-party auth data missing", CodeAuthUnexpected: "third-party auth is off",
	CodeAuthService: "third-party auth service failed", CodeAuthRefused: "third-party auth refused", CodeTokenExpired: "token expired",
	CodeAuthData: "auth data wrong", CodeNoApp: "no such app", CodeAuthFailed: "not permitted", CodeNotTokenLogin: "not a token login",
	CodeNoServerAddr: "no server address", CodeNoAnswer: "server does not answer", CodeConnectFailed: "connecting failed",
	CodeSocket: "socket failure", CodeTimeout: "timeout", CodeConnectionLost: "connection lost", CodeNoRoom: "no such room",
	CodeBadQueue: "no such queue", CodeNobodyWaits: "nobody waits", CodeUserCanceled: "not assigned any more",
	CodeNotServing: "service not started", CodeInQueue: "waiting in another queue",
	CodeBadCall: "no such call", CodeInCall: "already in a call", CodeBusy: "the other one is busy", CodeOffline: "the other one is offline",
	CodeCallNoAnswer: "no answer", CodeNoUser: "no such user", CodeCallRefused: "refused",
	CodeCmdTooLarge: "command too large", CodeDataTooLarge: "data too large", CodeNoTarget: "no such user to send to",
	CodeTransferGone: "transfer canceled", CodeDiskFull: "disk is full", CodeFile: "file cannot be written",
	CodeRoomPassword: "wrong room password", CodeRoomFull: "room is full", CodeNoRoomLeft: "no room can be allocated",
	CodeRoomLocked: "room is locked", CodeInvalidUser: "no such member", CodeInRoom: "already in a room",
	CodeSameIdentity: "same identity in the room", CodeMicLimit: "too many open microphones", CodeSessionUnknown: "session unknown",
	CodeTooFast: "too many requests", CodeGoingAway: "server is shutting down", CodeNoPlatform: "not supported by this build",
	CodeEnumeration: "devices could not be listed", CodeDeviceFailed: "device could not be opened", CodeNoDevice: "no such device",
}

// Error gives the code's meaning and number.
func (c Code) Error() string {
	text, ok := codeText[c]
	if !ok {
		text = "error"
	}
	return fmt.Sprintf("%s (%d)", text, int(c))
}

// Error is what every failing call of this package returns: which call, the CRVideo code, and the cause if there is one.
type Error struct {
	Op   string // the call, for example "EnterMeeting"
	Code Code   // never CodeOK
	Err  error  // the cause, or nil
}

func (e *Error) Error() string {
	text := "crvideo: " + e.Op + ": " + e.Code.Error()
	if cause := causeText(e.Err); cause != "" {
		text += ": " + cause
	}
	return text
}

// causeText is the text of a cause. Those of lower layers leave out the code, which stands before it already.
func causeText(err error) string {
	if err == nil {
		return ""
	}
	if own, ok := err.(interface{ Uncoded() string }); ok {
		return own.Uncoded()
	}
	return err.Error()
}

// Unwrap makes errors.Is and errors.As see both the code and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Code}
	}
	return []error{e.Code, e.Err}
}

// CodeOf tells the CRVideo code of an error: CodeOK for nil, CodeUnknown for a foreign error.
func CodeOf(err error) Code {
	if err == nil {
		return CodeOK
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	var c Code
	if errors.As(err, &c) {
		return c
	}
	return CodeUnknown
}

func fail(op string, code Code, cause error) *Error { return &Error{Op: op, Code: code, Err: cause} }

func failf(op string, code Code, format string, args ...any) *Error {
	return fail(op, code, fmt.Errorf(format, args...))
}

// toError gives any error of a lower layer its code and the name of the call.
func toError(op string, err error) error {
	var own *Error
	var remote *wire.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		return &Error{Op: op, Code: own.Code, Err: own.Err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fail(op, CodeTimeout, err)
	case errors.As(err, &remote):
		return &Error{Op: op, Code: fromWire(remote.Code), Err: err}
	}
	return fail(op, CodeUnknown, err)
}

// undecided tells whether a request that failed so may have had its effect: there was no answer, or none that makes
// sense. All others were refused.
func undecided(err error) bool {
	code := CodeOf(toError("", err))
	return code == CodeTimeout || code == CodeInvalidData
}

// fromWire maps the codes of a request that the other side could not understand to CRVideo's "invalid data".
func fromWire(c wire.Code) Code {
	switch {
	case c < 0:
		return CodeInvalidData
	case c == wire.CodeOK:
		return CodeUnknown
	}
	return Code(c)
}
