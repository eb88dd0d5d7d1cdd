package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/webhook"
)

const (
	hookLoginTime = 5 * time.Second // the answer about a login may take; a client waits for ten at least
	hookLogins    = 256             // logins are asked for at a time
)

// CRVideo's codes about third-party authentication.
const (
	codeAuthMissing    wire.Code = 14
	codeAuthUnexpected wire.Code = 15
	codeAuthService    wire.Code = 16
	codeAuthRefused    wire.Code = 17
)

// checkAuthCode asks the app's hook, if it has one, whether a user whose credentials are right may log in.
func (h *hooks) checkAuthCode(who *identity, p *wire.LoginParams, addr string) *wire.Error {
	hook, on := h.logins[who.appID]
	switch {
	case !on && p.AuthCode == "":
		return nil
	case !on:
		return wire.Errorf(codeAuthUnexpected, "userAuthCode was given, but there is no third-party auth")
	case p.AuthCode == "":
		return wire.Errorf(codeAuthMissing, "userAuthCode is missing")
	}
	failed := func(why string, err error) *wire.Error {
		h.srv.log.Error("third-party auth has failed", "app", who.appID, "uid", who.uid, "hook", redacted(hook.URL), "why", why, "err", err)
		return wire.Errorf(codeAuthService, "the third-party auth service has failed")
	}
	ctx, cancel := context.WithTimeout(h.ctx, h.loginTime)
	defer cancel()
	select {
	case h.waiters <- struct{}{}:
		defer func() { <-h.waiters }()
	case <-ctx.Done():
		return failed("too many logins wait for it", ctx.Err())
	case <-h.hurried.Done():
		return goingAway()
	}
	defer context.AfterFunc(h.hurried, cancel)()
	status, raw, err := h.post(ctx, &hook, webhook.Event{
		ID: randomHex(16), Type: webhook.LoginAsked, Time: time.Now().UTC().Truncate(time.Millisecond), Epoch: h.srv.epoch, AppID: who.appID,
		Login: &webhook.Login{UID: who.uid, Nickname: p.Nickname, AuthCode: p.AuthCode, ByToken: who.byToken, Renewal: p.Renews != "", Addr: addr},
	})
	var answer struct {
		Allow *bool `json:"allow"`
	}
	switch {
	case err != nil:
		return failed("no answer", err)
	case status != http.StatusOK:
		return failed(fmt.Sprint("HTTP status ", status), nil)
	case json.Unmarshal(raw, &answer) != nil || answer.Allow == nil:
		return failed("the answer is none", nil)
	case !*answer.Allow:
		return wire.Errorf(codeAuthRefused, "the third-party auth service refuses the user")
	}
	return nil
}
