package server

import (
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

// apps knows the secrets. It never changes after New.
type apps map[string]string

func newApps(list []App) (apps, error) {
	a := make(apps, len(list))
	for _, app := range list {
		switch {
		case app.ID == "" || app.Secret == "":
			return nil, errors.New("an app without ID or secret")
		case len(app.ID) > wire.MaxAppIDBytes:
			return nil, fmt.Errorf("app ID of %d bytes, at most %d are allowed", len(app.ID), wire.MaxAppIDBytes)
		case a[app.ID] != "":
			return nil, fmt.Errorf("app %q is there twice", app.ID)
		}
		a[app.ID] = app.Secret
	}
	return a, nil
}

func (a apps) secret(appID string) (string, bool) {
	secret, ok := a[appID]
	return secret, ok
}

// identity is who a login is, and what it may do. A login with the secret may do everything and has no end.
type identity struct {
	appID, uid string
	claims     token.Claims
	byToken    bool
}

// login checks the credentials of a login. Its parameters have been validated.
func (a apps) login(p *wire.LoginParams, now time.Time) (identity, *wire.Error) {
	if p.Token != "" {
		claims, err := a.parse(p.Token, now)
		switch {
		case err != nil:
			return identity{}, err
		case claims.UID != p.UID:
			return identity{}, wire.Errorf(wire.CodeAuthData, "the token is another user's")
		case p.AppID != "" && claims.AppID != p.AppID:
			return identity{}, wire.Errorf(wire.CodeAuthData, "the token is another app's")
		}
		return identity{appID: claims.AppID, uid: claims.UID, claims: claims, byToken: true}, nil
	}
	secret, ok := a.secret(p.AppID)
	if !ok {
		return identity{}, wire.Errorf(wire.CodeNoApp, "no such appID")
	}
	sum := md5.Sum([]byte(secret)) // what the mirrored scheme asks for; it is no protection without TLS
	given, err := hex.DecodeString(p.SecretMD5)
	if err != nil || subtle.ConstantTimeCompare(sum[:], given) != 1 {
		return identity{}, wire.Errorf(wire.CodeWrongSecret, "wrong appID or secret")
	}
	return identity{appID: p.AppID, uid: p.UID}, nil
}

// parse reads a token and gives its failure the CRVideo code.
func (a apps) parse(raw string, now time.Time) (token.Claims, *wire.Error) {
	claims, err := token.Parse(a.secret, raw, now)
	switch {
	case err == nil:
		return claims, nil
	case errors.Is(err, token.ErrExpired):
		return claims, wire.Errorf(wire.CodeTokenExpired, "the token has expired")
	case errors.Is(err, token.ErrUnknownApp):
		return claims, wire.Errorf(wire.CodeNoApp, "the token names no app of this server")
	}
	return claims, wire.Errorf(wire.CodeAuthData, "the token cannot be read or is signed with another secret")
}

// guess runs what checks a secret, and counts the failures of addresses that try many: they are not let try for a while,
// with a right one neither, which must not be told from a wrong one.
func (c *conn) guess(try func() *wire.Error) *wire.Error {
	if c.address.failures.Tokens() < 1 {
		return c.srv.tooMany(c.address, "failures")
	}
	failed := try()
	if failed != nil && isFailedGuess(failed.Code) {
		c.address.failures.Allow()
	}
	return failed
}

// isFailedGuess tells whether a refusal may come from somebody who tries secrets.
func isFailedGuess(code wire.Code) bool {
	switch code {
	case wire.CodeWrongSecret, wire.CodeAuthData, wire.CodeNoApp, wire.CodeRoomPassword, codeAuthRefused:
		return true
	}
	return false
}
