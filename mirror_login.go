package crvideo

import "context"

// Login logs the default client in (CRVideo_Login): md5Secret is the hexadecimal md5 of the app's secret. The result
// is LoginSuccess or LoginFail with the cookie.
func Login(appID, md5Secret, nickname, uid, userAuthCode string, cookie any) {
	mirrorLogin(LoginParams{AppID: appID, AppSecret: md5Secret, Nickname: nickname, UID: uid, UserAuthCode: userAuthCode}, cookie)
}

// LoginByToken logs the default client in with a token (CRVideo_LoginByToken). The result is LoginSuccess or LoginFail.
func LoginByToken(token, nickname, uid, userAuthCode string, cookie any) {
	mirrorLogin(LoginParams{Token: token, Nickname: nickname, UID: uid, UserAuthCode: userAuthCode}, cookie)
}

func mirrorLogin(p LoginParams, cookie any) {
	c := Default()
	c.startLogin(p, func(err error) {
		if err != nil {
			result(c, &std.on.loginFail, LoginFail{CodeOf(err), err, cookie})
			return
		}
		result(c, &std.on.loginSuccess, LoginSuccess{p.UID, cookie})
	})
}

// UpdateToken replaces the token before it ends (CRVideo_UpdateToken). It waits for the server's answer.
func UpdateToken(token string) error {
	return promise(func(ctx context.Context, c *Client) error { return c.UpdateToken(ctx, token) })
}

// Logout logs the default client out (CRVideo_Logout). What is local ends at once; there is no result event.
func Logout() {
	c := Default()
	c.mu.Lock()
	l := c.login
	c.mu.Unlock()
	c.logout(l)
}
