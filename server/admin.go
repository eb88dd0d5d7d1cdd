package server

import (
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

// adminPath is where the admin API is.
const adminPath = "/admin/v1"

// adminBytes is what a request of the admin API may have.
const adminBytes = 64 << 10

//go:embed openapi.json
var openAPI []byte

// adminCall is one request of the admin API that was let in.
type adminCall struct {
	srv    *Server
	app    string // of the token: all that there is for it
	by     string // its UID
	r      *http.Request
	result any // nil: there is nothing to tell
}

// adminRoute is one operation. request and response are there for the OpenAPI document to be held against.
type adminRoute struct {
	method, path      string
	request, response any // nil: none
	created           bool
	handle            func(*adminCall) *wire.Error
}

func adminRoutes() []adminRoute {
	return []adminRoute{
		{method: http.MethodGet, path: "/rooms", response: adminRooms{}, handle: listRooms},
		{method: http.MethodGet, path: "/rooms/{room}", response: adminRoom{}, handle: getRoom},
		{method: http.MethodDelete, path: "/rooms/{room}", handle: closeRoom},
		{method: http.MethodPost, path: "/rooms/{room}/stop", handle: stopRoom},
		{method: http.MethodPost, path: "/rooms/{room}/messages", request: adminMessage{}, handle: messageRoom},
		{method: http.MethodDelete, path: "/rooms/{room}/members/{uid}", handle: kickMember},
		{method: http.MethodGet, path: "/users", response: adminUsers{}, handle: listUsers},
		{method: http.MethodGet, path: "/users/{uid}", response: adminUser{}, handle: getUser},
		{method: http.MethodDelete, path: "/users/{uid}", handle: removeUser},
		{method: http.MethodGet, path: "/queues", response: adminQueues{}, handle: listQueues},
		{method: http.MethodPost, path: "/queues", request: wire.QueueInfo{}, response: adminQueue{}, created: true, handle: createQueue},
		{method: http.MethodGet, path: "/queues/{queue}", response: adminQueue{}, handle: getQueue},
		{method: http.MethodPut, path: "/queues/{queue}", request: adminQueueChange{}, response: adminQueue{}, handle: changeQueue},
		{method: http.MethodDelete, path: "/queues/{queue}", handle: deleteQueue},
		{method: http.MethodGet, path: "/queues/{queue}/customers", response: adminCustomers{}, handle: listCustomers},
	}
}

// serveAdmin adds the admin API.
func (s *Server) serveAdmin(mux *http.ServeMux) {
	if !s.cfg.Admin {
		return
	}
	for _, route := range adminRoutes() {
		mux.HandleFunc(route.method+" "+adminPath+route.path, func(w http.ResponseWriter, r *http.Request) { s.admin(w, r, &route) })
	}
	mux.HandleFunc("GET "+adminPath+"/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(openAPI)
	})
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		mux.HandleFunc(method+" "+adminPath+"/", func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, adminBytes)
			s.refuseAdmin(w, r, wire.Errorf(wire.CodeNoMethod, "there is no %s %s", r.Method, r.URL.Path))
		})
	}
}

// admin lets a request in and answers it.
func (s *Server) admin(w http.ResponseWriter, r *http.Request, route *adminRoute) {
	r.Body = http.MaxBytesReader(w, r.Body, adminBytes)
	claims, failed := s.adminClaims(r)
	c := &adminCall{srv: s, app: claims.AppID, by: claims.UID, r: r}
	if failed == nil && s.now() != serving {
		failed = goingAway()
	}
	if failed == nil {
		failed = route.handle(c)
	}
	if r.Method != http.MethodGet && claims.AppID != "" {
		s.log.Info("admin", "app", claims.AppID, "by", claims.UID, "method", r.Method, "path", r.URL.Path, "code", int(codeOf(failed)))
	}
	switch {
	case failed != nil:
		s.refuseAdmin(w, r, failed)
	case c.result == nil:
		w.WriteHeader(http.StatusNoContent)
	case route.created:
		s.replyJSON(w, http.StatusCreated, c.result)
	default:
		s.replyJSON(w, http.StatusOK, c.result)
	}
}

func codeOf(failed *wire.Error) wire.Code {
	if failed == nil {
		return wire.CodeOK
	}
	return failed.Code
}

// adminClaims checks who asks. Wrong tokens count as those of logins do.
func (s *Server) adminClaims(r *http.Request) (claims token.Claims, failed *wire.Error) {
	network := networkOf(s.proxies.peerOf(r))
	address := s.addresses.hold(network, math.MaxInt)
	defer s.addresses.release(network)
	if what := address.take(int(max(0, min(r.ContentLength, adminBytes)))); what != "" {
		return claims, s.tooMany(address, what)
	}
	if address.failures.Tokens() < 1 {
		return claims, s.tooMany(address, "failures")
	}
	raw, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer || len(raw) > wire.MaxTokenBytes {
		return claims, wire.Errorf(wire.CodeAuthData, "the header Authorization must be Bearer and a token")
	}
	parsed, failed := s.apps.parse(raw, time.Now())
	switch {
	case failed != nil:
		if isFailedGuess(failed.Code) {
			address.failures.Allow()
		}
		return claims, failed
	case !parsed.Admin || parsed.Room != 0:
		return claims, wire.Errorf(wire.CodeAuthFailed, "the token is none for the admin API")
	}
	return parsed, nil
}

// adminError is what a refused request gets.
type adminError struct {
	Error wire.Error `json:"error"`
}

func (s *Server) refuseAdmin(w http.ResponseWriter, r *http.Request, failed *wire.Error) {
	status := adminStatus(failed.Code)
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if r.ContentLength != 0 && r.Body != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, adminBytes)) // else the peer may not get to read the answer
	}
	s.replyJSON(w, status, adminError{*failed})
}

// adminStatus is the HTTP status of a code.
func adminStatus(code wire.Code) int {
	switch code {
	case wire.CodeTokenExpired, wire.CodeAuthData, wire.CodeNoApp:
		return http.StatusUnauthorized
	case wire.CodeAuthFailed:
		return http.StatusForbidden
	case wire.CodeRoomAbsent, wire.CodeInvalidUser, wire.CodeOffline, wire.CodeBadQueue, wire.CodeNoMethod:
		return http.StatusNotFound
	case codeQueueExists:
		return http.StatusConflict
	case wire.CodeTooFast:
		return http.StatusTooManyRequests
	case wire.CodeServiceFailure, wire.CodeGoingAway:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// body decodes and checks what a request brings along.
func (c *adminCall) body(into any) *wire.Error {
	decoder := json.NewDecoder(c.r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		if _, err = decoder.Token(); errors.Is(err, io.EOF) {
			err = nil
		} else if err == nil {
			err = errors.New("there is more after the object")
		}
	}
	if err != nil {
		return wire.Errorf(wire.CodeBadParameter, "the body is not what it should be: %v", err)
	}
	if v, ok := into.(wire.Validator); ok {
		return v.Validate()
	}
	return nil
}
