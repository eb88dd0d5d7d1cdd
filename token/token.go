// Package token mints and reads the tokens that CRVideo logins by token use: JWTs signed with HS256 and the app's
// secret. A business server imports it to mint a token for each of its users, so that the secret never leaves it.
package token

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Claims say who may do what until when.
type Claims struct {
	AppID       string       // "iss": the app whose secret signs the token
	UID         string       // "sub": the only user who may log in with it
	Expires     time.Time    // "exp": whole seconds of the server's clock; the login ends then unless the token is replaced
	Room        int64        // "room": the only room that may be entered or destroyed; 0: any
	Admin       bool         // "admin": the token is good for the server's admin API, over all of the app
	Permissions []Permission // "perm": what is allowed; nil: everything; empty but not nil: nothing but to be logged in
}

// Allows tells whether the claims permit p.
func (c *Claims) Allows(p Permission) bool {
	if c.Permissions == nil {
		return true
	}
	for _, own := range c.Permissions {
		if own == p {
			return true
		}
	}
	return false
}

// AllowsRoom tells whether the claims permit anything in this room.
func (c *Claims) AllowsRoom(id int64) bool { return c.Room == 0 || c.Room == id }

// The reasons for which Mint and Parse fail; match them with errors.Is.
var (
	ErrExpired    = errors.New("token expired")
	ErrInvalid    = errors.New("token invalid")
	ErrUnknownApp = errors.New("token of an unknown app")
)

// payload is the JSON form of Claims.
type payload struct {
	AppID       string           `json:"iss"`
	UID         string           `json:"sub"`
	Expires     *jwt.NumericDate `json:"exp"`
	Room        int64            `json:"room,omitempty"`
	Admin       bool             `json:"admin,omitempty"`
	Permissions []Permission     `json:"perm,omitzero"`
}

func (p *payload) GetExpirationTime() (*jwt.NumericDate, error) { return p.Expires, nil }
func (p *payload) GetIssuedAt() (*jwt.NumericDate, error)       { return nil, nil }
func (p *payload) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (p *payload) GetIssuer() (string, error)                   { return p.AppID, nil }
func (p *payload) GetSubject() (string, error)                  { return p.UID, nil }
func (p *payload) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }

// Mint makes a token. AppID, UID and Expires are required, and so is the secret.
func Mint(secret string, c Claims) (string, error) {
	switch {
	case secret == "":
		return "", fmt.Errorf("%w: the secret is empty", ErrInvalid)
	case c.AppID == "" || c.UID == "":
		return "", fmt.Errorf("%w: AppID and UID are required", ErrInvalid)
	case c.Expires.IsZero():
		return "", fmt.Errorf("%w: Expires is required", ErrInvalid)
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, &payload{
		AppID: c.AppID, UID: c.UID, Expires: jwt.NewNumericDate(c.Expires), Room: c.Room, Admin: c.Admin, Permissions: c.Permissions,
	}).SignedString([]byte(secret))
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return signed, nil
}
