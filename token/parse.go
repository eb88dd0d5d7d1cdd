package token

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Keys gives the secret of an app, and false if there is no such app.
type Keys func(appID string) (secret string, ok bool)

// Parse reads a token, checks its signature with the secret of the app that it names, and that it has not ended at
// the given time. It fails with ErrUnknownApp, ErrExpired (only of a rightly signed token) or ErrInvalid, the last
// also for any other algorithm than HS256.
func Parse(keys Keys, raw string, now time.Time) (Claims, error) {
	var p payload
	unknown := false
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }),
	)
	_, err := parser.ParseWithClaims(raw, &p, func(*jwt.Token) (any, error) {
		secret, ok := keys(p.AppID)
		if !ok || secret == "" {
			unknown = true
			return nil, ErrUnknownApp
		}
		return []byte(secret), nil
	})
	switch {
	case unknown:
		return Claims{}, ErrUnknownApp
	case errors.Is(err, jwt.ErrTokenExpired):
		return Claims{}, ErrExpired
	case err != nil:
		return Claims{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	case p.UID == "":
		return Claims{}, fmt.Errorf("%w: it names no user", ErrInvalid)
	case p.Room < 0:
		return Claims{}, fmt.Errorf("%w: negative room", ErrInvalid)
	}
	return Claims{AppID: p.AppID, UID: p.UID, Expires: p.Expires.Time, Room: p.Room, Admin: p.Admin, Permissions: p.Permissions}, nil
}
