package server

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
	"github.com/crvideo/crvideo-go/token"
)

func mint(t *testing.T, secret string, c token.Claims) string {
	t.Helper()
	raw, err := token.Mint(secret, c)
	require.NoError(t, err)
	return raw
}

// tokenParams log in with a token of the app "app" that ends after the given time.
func tokenParams(t *testing.T, uid string, life time.Duration, change ...func(*token.Claims)) *wire.LoginParams {
	claims := token.Claims{AppID: "app", UID: uid, Expires: time.Now().Add(life)}
	for _, c := range change {
		c(&claims)
	}
	return &wire.LoginParams{Token: mint(t, "secret", claims), UID: uid, Nickname: "Nick " + uid}
}

func TestLogin(t *testing.T) {
	s := start(t)
	p := loginParams("ann")
	p.SecretMD5 = strings.ToUpper(p.SecretMD5)
	p.TimeoutMS = 20_000
	c := loginWith(t, s, p)
	assert.Equal(t, "ann", c.session.UID)
	assert.Equal(t, 20_000, c.session.TimeoutMS)
	assert.Zero(t, c.session.ExpiresMS)
	assert.GreaterOrEqual(t, len(c.session.Key), 32)

	assert.Equal(t, 60_000, login(t, s, "bob").session.TimeoutMS)
	byToken := loginWith(t, s, tokenParams(t, "eve", time.Hour))
	assert.InDelta(t, time.Hour.Milliseconds(), byToken.session.ExpiresMS, 2000)
}

func TestLoginRefused(t *testing.T) {
	s := start(t)
	expires := time.Now().Add(time.Hour)
	of := func(secret string, c token.Claims) string { return mint(t, secret, c) }
	for name, c := range map[string]struct {
		spoil func(*wire.LoginParams)
		want  wire.Code
	}{
		"no appID":          {func(p *wire.LoginParams) { p.AppID = "" }, wire.CodeBadParameter},
		"no secret":         {func(p *wire.LoginParams) { p.SecretMD5 = "" }, wire.CodeBadParameter},
		"no UID":            {func(p *wire.LoginParams) { p.UID = "" }, wire.CodeBadParameter},
		"no nickname":       {func(p *wire.LoginParams) { p.Nickname = "" }, wire.CodeBadParameter},
		"long UID":          {func(p *wire.LoginParams) { p.UID = strings.Repeat("u", 65) }, wire.CodeBadParameter},
		"long nickname":     {func(p *wire.LoginParams) { p.Nickname = strings.Repeat("n", 129) }, wire.CodeBadParameter},
		"timeout too short": {func(p *wire.LoginParams) { p.TimeoutMS = 9_999 }, wire.CodeBadParameter},
		"timeout too long":  {func(p *wire.LoginParams) { p.TimeoutMS = 120_001 }, wire.CodeBadParameter},
		"wrong secret":      {func(p *wire.LoginParams) { p.SecretMD5 = secretMD5("guess") }, wire.CodeWrongSecret},
		"another app's":     {func(p *wire.LoginParams) { p.SecretMD5 = secretMD5("hidden") }, wire.CodeWrongSecret},
		"secret itself":     {func(p *wire.LoginParams) { p.SecretMD5 = "secret" }, wire.CodeWrongSecret},
		"half a sum":        {func(p *wire.LoginParams) { p.SecretMD5 = p.SecretMD5[:16] }, wire.CodeWrongSecret},
		"unknown app":       {func(p *wire.LoginParams) { p.AppID = "none" }, wire.CodeNoApp},
		"third-party auth":  {func(p *wire.LoginParams) { p.AuthCode = "code" }, 15},
		"token: garbage":    {func(p *wire.LoginParams) { p.Token = "garbage" }, wire.CodeAuthData},
		"token: other secret": {func(p *wire.LoginParams) {
			p.Token = of("guess", token.Claims{AppID: "app", UID: "ann", Expires: expires})
		}, wire.CodeAuthData},
		"token: other user": {func(p *wire.LoginParams) {
			p.Token = of("secret", token.Claims{AppID: "app", UID: "bob", Expires: expires})
		}, wire.CodeAuthData},
		"token: other app": {func(p *wire.LoginParams) {
			p.Token = of("hidden", token.Claims{AppID: "other", UID: "ann", Expires: expires})
		}, wire.CodeAuthData},
		"token: unknown app": {func(p *wire.LoginParams) {
			p.Token = of("secret", token.Claims{AppID: "none", UID: "ann", Expires: expires})
		}, wire.CodeNoApp},
		"token: expired": {func(p *wire.LoginParams) {
			p.Token = of("secret", token.Claims{AppID: "app", UID: "ann", Expires: time.Now().Add(-time.Minute)})
		}, wire.CodeTokenExpired},
		"token: too long": {func(p *wire.LoginParams) { p.Token = strings.Repeat("t", 4097) }, wire.CodeBadParameter},
	} {
		t.Run(name, func(t *testing.T) {
			client := dial(t, s)
			p := loginParams("ann")
			c.spoil(p)
			client.fails(c.want, wire.MethodLogin, p)
			client.must(wire.MethodLogin, loginParams("ann"), nil) // another try on the same connection
		})
	}
}

func TestSecondLoginOnAConnection(t *testing.T) {
	s := start(t)
	c := login(t, s, "ann")
	c.fails(wire.CodeLoginState, wire.MethodLogin, loginParams("ann"))
	c.fails(wire.CodeLoginState, wire.MethodResume, wire.ResumeParams{Session: c.session.Session, Key: c.session.Key})
	c.quiet()
}

func TestSameUIDElsewhere(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	again := login(t, s, "bob")
	assert.Equal(t, wire.CodeKicked, note[wire.LineOff](bob, wire.NotifyLineOff).Code)
	bob.closed(wire.CloseSuperseded)
	assert.Empty(t, bob.notes)
	assert.Equal(t, wire.MemberLeft{UID: "bob", Reason: wire.LeftExtrude}, note[wire.MemberLeft](ann, wire.NotifyMemberLeft))
	again.enter(room)
	ann.next(wire.NotifyMemberEntered, nil)

	p := loginParams("bob") // the same UID in another app is another user
	p.AppID, p.SecretMD5 = "other", secretMD5("hidden")
	loginWith(t, s, p)
	again.quiet()
}

func TestSameUIDWhileCut(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	bob.cut()
	again := login(t, s, "bob")
	again.enter(room)
	assert.Equal(t, wire.LeftExtrude, note[wire.MemberLeft](ann, wire.NotifyMemberLeft).Reason)
	ann.next(wire.NotifyMemberEntered, nil)

	ghost := dial(t, s) // learns why, so that it does not log in again and the two fight for ever
	ghost.fails(wire.CodeKicked, wire.MethodResume, wire.ResumeParams{Session: bob.session.Session, Key: bob.session.Key})
	ghost.fails(wire.CodeNoSession, wire.MethodResume, wire.ResumeParams{Session: bob.session.Session, Key: "guess"})
}

func TestTokenExpires(t *testing.T) {
	s := start(t)
	ann, _, room := two(t, s)
	eve := loginWith(t, s, tokenParams(t, "eve", 2*time.Second))
	assert.LessOrEqual(t, eve.session.ExpiresMS, int64(2000))
	assert.LessOrEqual(t, note[wire.TokenExpiring](eve, wire.NotifyTokenExpiring).ExpiresMS, int64(2000), "at once if less than 30 s are left")
	eve.enter(room)
	assert.Equal(t, wire.CodeTokenExpired, note[wire.LineOff](eve, wire.NotifyLineOff).Code)
	eve.closed(wire.CloseExpired)
	ann.next(wire.NotifyMemberEntered, nil)
	assert.Equal(t, wire.MemberLeft{UID: "eve", Reason: wire.LeftTimeout}, note[wire.MemberLeft](ann, wire.NotifyMemberLeft))
}

func TestTokenWarning(t *testing.T) {
	s := start(t)
	c := loginWith(t, s, tokenParams(t, "ann", 32*time.Second))
	assert.Empty(t, c.notes)
	left := note[wire.TokenExpiring](c, wire.NotifyTokenExpiring).ExpiresMS
	assert.InDelta(t, 30_000, left, 1000)
}

// TestClockSkew: a token is made by a clock that is five minutes off. What counts is the server's own clock, to the second
// and without leeway, and clients are told how long is left, so that their clocks do not matter.
func TestClockSkew(t *testing.T) {
	const skew = 5 * time.Minute
	s := start(t)
	for name, c := range map[string]struct {
		skew, life, left time.Duration // left 0: refused
	}{
		"behind":             {-skew, time.Hour, 55 * time.Minute},
		"ahead":              {skew, time.Hour, 65 * time.Minute},
		"behind, short life": {-skew, skew, 0},
		"behind, and longer": {-skew, skew + 10*time.Second, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			p := tokenParams(t, "ann", c.skew+c.life)
			if c.left == 0 {
				dial(t, s).fails(wire.CodeTokenExpired, wire.MethodLogin, p)
				return
			}
			ann := loginWith(t, s, p)
			assert.InDelta(t, c.left.Milliseconds(), ann.session.ExpiresMS, 2000)
			var updated wire.UpdateTokenResult
			ann.must(wire.MethodUpdateToken, wire.UpdateTokenParams{Token: p.Token}, &updated)
			assert.InDelta(t, c.left.Milliseconds(), updated.ExpiresMS, 3000)
		})
	}
}

func TestUpdateToken(t *testing.T) {
	s := start(t)
	c := loginWith(t, s, tokenParams(t, "ann", 2*time.Second))
	c.next(wire.NotifyTokenExpiring, nil)
	var result wire.UpdateTokenResult
	fresh := tokenParams(t, "ann", 33*time.Second, func(c *token.Claims) { c.Permissions = []token.Permission{token.Enter} }).Token
	c.must(wire.MethodUpdateToken, wire.UpdateTokenParams{Token: fresh}, &result)
	assert.InDelta(t, 33_000, result.ExpiresMS, 1500)
	c.fails(wire.CodeAuthFailed, wire.MethodCreateMeeting, wire.CreateMeetingParams{})
	c.next(wire.NotifyTokenExpiring, nil) // of the new token: the end of the old one has passed
	c.quiet()
}

func TestUpdateTokenRefused(t *testing.T) {
	s := start(t)
	login(t, s, "bob").fails(wire.CodeNotTokenLogin, wire.MethodUpdateToken, wire.UpdateTokenParams{Token: tokenParams(t, "bob", time.Hour).Token})
	c := loginWith(t, s, tokenParams(t, "ann", time.Hour))
	for name, tc := range map[string]struct {
		token string
		want  wire.Code
	}{
		"missing":      {"", wire.CodeBadParameter},
		"garbage":      {"a.b.c", wire.CodeAuthData},
		"another user": {tokenParams(t, "bob", time.Hour).Token, wire.CodeAuthData},
		"another app":  {mint(t, "hidden", token.Claims{AppID: "other", UID: "ann", Expires: time.Now().Add(time.Hour)}), wire.CodeAuthData},
		"expired":      {tokenParams(t, "ann", -time.Minute).Token, wire.CodeTokenExpired},
	} {
		t.Run(name, func(*testing.T) { c.fails(tc.want, wire.MethodUpdateToken, wire.UpdateTokenParams{Token: tc.token}) })
	}
	c.quiet()
}

// Who comes back after a restart puts out neither who logged in later, nor is it put out by who did before.
func TestRenewedLoginGivesWayToALaterOne(t *testing.T) {
	s := start(t)
	renewal := func(old string, age time.Duration) *wire.LoginParams {
		p := loginParams("ann")
		p.Renews, p.AgeMS = old, age.Milliseconds()
		return p
	}
	older := loginWith(t, s, renewal("older", 2*time.Minute))
	newer := loginWith(t, s, renewal("newer", time.Minute))
	older.closed(wire.CloseSuperseded)
	dial(t, s).fails(wire.CodeKicked, wire.MethodLogin, renewal("older", 2*time.Minute))
	again := loginWith(t, s, renewal("newer", time.Minute)) // it did not see the answer to the first
	newer.closed(wire.CloseSuperseded)
	fresh := login(t, s, "ann") // a new login always wins
	again.closed(wire.CloseSuperseded)
	dial(t, s).fails(wire.CodeKicked, wire.MethodLogin, renewal("newer", time.Minute))
	dial(t, s).fails(wire.CodeBadParameter, wire.MethodLogin, renewal("newer", -time.Minute))
	dial(t, s).fails(wire.CodeKicked, wire.MethodLogin, renewal("newer", math.MaxInt64))
	fresh.must(wire.MethodPing, nil, nil)
}
