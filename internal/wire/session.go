package wire

// Methods about the session.
const (
	MethodLogin       = "login"
	MethodResume      = "resume"
	MethodUpdateToken = "updateToken"
	MethodLogout      = "logout"
	MethodPing        = "ping"
)

// Notifications about the session.
const (
	NotifyLineOff       = "lineOff"       // LineOff: the login is over
	NotifyTokenExpiring = "tokenExpiring" // TokenExpiring: the token ends soon
	NotifyGoingAway     = "goingAway"     // GoingAway: the server ends soon
)

// LoginParams opens a session: with AppID and SecretMD5, or with Token.
type LoginParams struct {
	AppID     string `json:"appID,omitempty"`
	SecretMD5 string `json:"secretMD5,omitempty"` // hexadecimal md5 of the app's secret
	Token     string `json:"token,omitempty"`
	UID       string `json:"uid"`
	Nickname  string `json:"nickname"`
	AuthCode  string `json:"userAuthCode,omitempty"`
	SDK       string `json:"sdk,omitempty"`       // name and version of the client, for logs
	Renews    string `json:"renews,omitempty"`    // the session that the server has forgotten; empty: it is a new login
	AgeMS     int64  `json:"ageMs,omitempty"`     // with Renews: how long ago the user logged in
	Frames    bool   `json:"frames,omitempty"`    // the client takes binary messages, and so transfers
	TimeoutMS int    `json:"timeoutMs,omitempty"` // server timeout the client wants, 10,000 to 120,000; 0 is 60,000
}

// Validate implements Validator.
func (p *LoginParams) Validate() *Error {
	switch {
	case p.Token == "" && p.AppID == "":
		return missing("appID")
	case p.Token == "" && p.SecretMD5 == "":
		return missing("secretMD5")
	case p.UID == "":
		return missing("uid")
	case p.Nickname == "":
		return missing("nickname")
	case p.AgeMS < 0:
		return Errorf(CodeBadParameter, "ageMs is negative")
	case p.TimeoutMS != 0 && (p.TimeoutMS < int(MinServerTimeout.Milliseconds()) || p.TimeoutMS > int(MaxServerTimeout.Milliseconds())):
		return Errorf(CodeBadParameter, "timeoutMs must be %d to %d", MinServerTimeout.Milliseconds(), MaxServerTimeout.Milliseconds())
	}
	return firstError(
		atMost("appID", p.AppID, MaxAppIDBytes), atMost("token", p.Token, MaxTokenBytes), atMost("secretMD5", p.SecretMD5, 64),
		atMost("uid", p.UID, MaxUIDBytes), atMost("nickname", p.Nickname, MaxNicknameBytes),
		atMost("userAuthCode", p.AuthCode, MaxAuthCodeBytes), atMost("sdk", p.SDK, 128), atMost("renews", p.Renews, 64),
	)
}

// LoginResult tells the client its session.
type LoginResult struct {
	Session   string `json:"session"`             // names the session in a resume
	Key       string `json:"key"`                 // secret that proves ownership of the session in a resume
	UID       string `json:"uid"`                 // as logged in
	TimeoutMS int    `json:"timeoutMs"`           // the server keeps a cut session for so long
	ExpiresMS int64  `json:"expiresMs,omitempty"` // milliseconds until the token ends; 0 without a token
	Epoch     string `json:"epoch,omitempty"`     // of the server process
}

// ResumeParams continue a session on a new connection.
type ResumeParams struct {
	Session string `json:"session"`
	Key     string `json:"key"`
	LastSeq uint64 `json:"lastSeq"` // number of the last notification that was seen; the rest is replayed
}

// Validate implements Validator.
func (p *ResumeParams) Validate() *Error {
	switch {
	case p.Session == "":
		return missing("session")
	case p.Key == "":
		return missing("key")
	}
	return nil
}

// UpdateTokenParams replace the token of a token login.
type UpdateTokenParams struct {
	Token string `json:"token"`
}

// Validate implements Validator.
func (p *UpdateTokenParams) Validate() *Error {
	if p.Token == "" {
		return missing("token")
	}
	return atMost("token", p.Token, MaxTokenBytes)
}

// UpdateTokenResult answers updateToken.
type UpdateTokenResult struct {
	ExpiresMS int64 `json:"expiresMs"` // milliseconds until the new token ends
}

// LineOff tells that the login is over and why. The server closes the connection after it.
type LineOff struct {
	Code Code `json:"code"`
}

// TokenExpiring warns TokenWarning before a token ends.
type TokenExpiring struct {
	ExpiresMS int64 `json:"expiresMs"`
}

// GoingAway tells that the server is about to end: the client dials again, gets to another server or a new one, and logs
// in anew. Connections that are still there when the grace is over are closed with 1001.
type GoingAway struct {
	GraceMS int64 `json:"graceMs"` // milliseconds
}
