package token

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Unix(1_700_000_000, 0)

func keys(appID string) (string, bool) { return "secret of " + appID, appID == "app" }

func sign(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	s, err := jwt.NewWithClaims(method, claims).SignedString(key)
	require.NoError(t, err)
	return s
}

func TestRoundTrip(t *testing.T) {
	for name, claims := range map[string]Claims{
		"plain":       {AppID: "app", UID: "ann", Expires: now.Add(time.Minute)},
		"admin":       {AppID: "app", UID: "ann", Expires: now.Add(time.Minute), Admin: true},
		"room":        {AppID: "app", UID: "ann", Expires: now.Add(time.Minute), Room: 12345678},
		"permissions": {AppID: "app", UID: "ann", Expires: now.Add(time.Minute), Permissions: []Permission{Enter, "later"}},
		"nothing":     {AppID: "app", UID: "ann", Expires: now.Add(time.Minute), Permissions: []Permission{}},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := Mint("secret of app", claims)
			require.NoError(t, err)
			got, err := Parse(keys, raw, now)
			require.NoError(t, err)
			assert.True(t, claims.Expires.Equal(got.Expires))
			got.Expires = claims.Expires
			assert.Equal(t, claims, got)
		})
	}
}

func TestAllows(t *testing.T) {
	everything := Claims{}
	assert.True(t, everything.Allows(Kick))
	assert.True(t, everything.AllowsRoom(12345678))
	some := Claims{Room: 12345678, Permissions: []Permission{Enter}}
	assert.True(t, some.Allows(Enter))
	assert.False(t, some.Allows(Kick))
	assert.True(t, some.AllowsRoom(12345678))
	assert.False(t, some.AllowsRoom(87654321))
	nothing := Claims{Permissions: []Permission{}}
	assert.False(t, nothing.Allows(Enter))
}

func TestMintRefuses(t *testing.T) {
	good := Claims{AppID: "app", UID: "ann", Expires: now}
	_, err := Mint("", good)
	require.ErrorIs(t, err, ErrInvalid)
	for _, spoil := range []func(*Claims){
		func(c *Claims) { c.AppID = "" }, func(c *Claims) { c.UID = "" }, func(c *Claims) { c.Expires = time.Time{} },
	} {
		bad := good
		spoil(&bad)
		_, err := Mint("secret", bad)
		assert.ErrorIs(t, err, ErrInvalid)
	}
}

// TestParseIgnoresOtherTimes: a token that was made by a clock that is ahead says that it is not good yet; its end counts.
func TestParseIgnoresOtherTimes(t *testing.T) {
	ahead := now.Add(5 * time.Minute).Unix()
	raw := sign(t, jwt.SigningMethodHS256, []byte("secret of app"),
		jwt.MapClaims{"iss": "app", "sub": "ann", "exp": ahead + 60, "iat": ahead, "nbf": ahead})
	claims, err := Parse(keys, raw, now)
	require.NoError(t, err)
	assert.Equal(t, ahead+60, claims.Expires.Unix())
	_, err = Parse(keys, raw, time.Unix(ahead+59, 0))
	require.NoError(t, err)
	_, err = Parse(keys, raw, time.Unix(ahead+60, 0))
	require.ErrorIs(t, err, ErrExpired, "to the second")
}

func TestParseRefuses(t *testing.T) {
	exp := now.Add(time.Minute).Unix()
	key := []byte("secret of app")
	good := jwt.MapClaims{"iss": "app", "sub": "ann", "exp": exp}
	signed := sign(t, jwt.SigningMethodHS256, key, good)
	parts := strings.Split(signed, ".")
	forged := base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"app","sub":"eve","exp":9999999999}`))

	for name, c := range map[string]struct {
		raw  string
		want error
	}{
		"empty":             {"", ErrInvalid},
		"not a token":       {"a.b.c", ErrInvalid},
		"two parts":         {parts[0] + "." + parts[1], ErrInvalid},
		"payload exchanged": {parts[0] + "." + forged + "." + parts[2], ErrInvalid},
		"alg none":          {sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good), ErrInvalid},
		"alg HS512":         {sign(t, jwt.SigningMethodHS512, key, good), ErrInvalid},
		"other secret":      {sign(t, jwt.SigningMethodHS256, []byte("guess"), good), ErrInvalid},
		"other app":         {sign(t, jwt.SigningMethodHS256, key, jwt.MapClaims{"iss": "else", "sub": "ann", "exp": exp}), ErrUnknownApp},
		"no app":            {sign(t, jwt.SigningMethodHS256, key, jwt.MapClaims{"sub": "ann", "exp": exp}), ErrUnknownApp},
		"no user":           {sign(t, jwt.SigningMethodHS256, key, jwt.MapClaims{"iss": "app", "exp": exp}), ErrInvalid},
		"no end":            {sign(t, jwt.SigningMethodHS256, key, jwt.MapClaims{"iss": "app", "sub": "ann"}), ErrInvalid},
		"end is no number":  {sign(t, jwt.SigningMethodHS256, key, jwt.MapClaims{"iss": "app", "sub": "ann", "exp": "soon"}), ErrInvalid},
		"negative room":     {sign(t, jwt.SigningMethodHS256, key, jwt.MapClaims{"iss": "app", "sub": "ann", "exp": exp, "room": -1}), ErrInvalid},
		"expired":           {sign(t, jwt.SigningMethodHS256, key, jwt.MapClaims{"iss": "app", "sub": "ann", "exp": now.Unix() - 1}), ErrExpired},
		"expired and forged": {sign(t, jwt.SigningMethodHS256, []byte("guess"),
			jwt.MapClaims{"iss": "app", "sub": "ann", "exp": now.Unix() - 1}), ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(keys, c.raw, now)
			require.ErrorIs(t, err, c.want)
			for _, other := range []error{ErrExpired, ErrInvalid, ErrUnknownApp} {
				assert.Equal(t, other == c.want, errors.Is(err, other))
			}
		})
	}
}
