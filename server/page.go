package server

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/crvideo/crvideo-go/token"
	"github.com/crvideo/crvideo-go/web"
)

const (
	guestTime  = 2 * time.Hour // a guest's token lives; the page renews it
	guestBytes = 8 << 10       // what a request for a token may have
)

// servePage adds the page for people with browsers, the JavaScript SDK, and the tokens of guests.
func (s *Server) servePage(mux *http.ServeMux) {
	mux.Handle("GET /", web.Handler())
	mux.HandleFunc("GET /page/config", s.pageConfig)
	mux.HandleFunc("POST /page/token", s.guestToken)
}

// PageURL is the address of the page on which people join a room with a browser, 0 being no room; empty if Config.Addr
// was. The password is in the part of the address that browsers keep to themselves.
func (s *Server) PageURL(room int64, password string) string {
	u, err := url.Parse(s.URL())
	if err != nil || u.Host == "" {
		return ""
	}
	return PageURL(u.Scheme == "wss", u.Host, room, password)
}

// PageURL is Server.PageURL of a server that is elsewhere.
func PageURL(secure bool, host string, room int64, password string) string {
	u := url.URL{Scheme: "http", Host: host, Path: "/"}
	if secure {
		u.Scheme = "https"
	}
	if room == 0 {
		return u.String()
	}
	fragment := fmt.Sprintf("#room=%d", room)
	if password != "" {
		fragment += "&password=" + url.QueryEscape(password)
	}
	return u.String() + fragment
}

// pageConfig tells the page whether it can have tokens, or must ask its user for one.
func (s *Server) pageConfig(w http.ResponseWriter, _ *http.Request) {
	s.replyJSON(w, http.StatusOK, map[string]bool{"guests": s.cfg.PageApp != ""})
}

// guestRequest asks for a guest's token. With an earlier one, which may have ended a while ago, the guest stays the same user.
type guestRequest struct {
	Token string `json:"token"`
}

// guestToken gives a guest a token for the app of the page. The server chooses the UID, so that nobody can be put out
// by a guest who takes the same one.
func (s *Server) guestToken(w http.ResponseWriter, r *http.Request) {
	if s.cfg.PageApp == "" {
		s.replyJSON(w, http.StatusForbidden, map[string]string{"error": "this server gives guests no tokens"})
		return
	}
	network := networkOf(s.proxies.peerOf(r))
	address := s.addresses.hold(network, math.MaxInt)
	defer s.addresses.release(network)
	if !address.logins.Allow() {
		s.replyJSON(w, http.StatusTooManyRequests, map[string]string{"error": s.tooMany(address, "logins").Message})
		return
	}
	var request guestRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, guestBytes)).Decode(&request); err != nil {
		s.replyJSON(w, http.StatusBadRequest, map[string]string{"error": "not a JSON object"})
		return
	}
	now := time.Now()
	claims := token.Claims{
		AppID: s.cfg.PageApp, UID: "web-" + strings.ToLower(rand.Text()[:12]), Expires: now.Add(guestTime),
		Permissions: []token.Permission{token.Create, token.Enter, token.Publish},
	}
	if old, err := token.Parse(s.apps.secret, request.Token, now.Add(-guestTime)); err == nil && old.AppID == claims.AppID && strings.HasPrefix(old.UID, "web-") {
		claims.UID = old.UID
	}
	secret, _ := s.apps.secret(claims.AppID)
	minted, err := token.Mint(secret, claims)
	if err != nil {
		s.log.Error("token of a guest", "err", err)
		s.replyJSON(w, http.StatusInternalServerError, map[string]string{"error": "no token could be made"})
		return
	}
	s.replyJSON(w, http.StatusOK, map[string]string{"token": minted, "uid": claims.UID})
}

func (s *Server) replyJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// checkPage checks and completes what the page needs.
func (cfg *Config) checkPage() error {
	if cfg.PageApp == "" {
		return nil
	}
	for _, app := range cfg.Apps {
		if app.ID == cfg.PageApp {
			return nil
		}
	}
	return errors.New("PageApp is none of Apps")
}
