package wire

// Methods about whether users can be called.
const (
	MethodSetDND          = "setDND"          // DNDParams
	MethodGetUserStatus   = "getUserStatus"   // UserStatusParams -> UserStatusResult
	MethodWatchUserStatus = "watchUserStatus" // WatchParams
)

// NotifyUserStatus tells who watches of a UserStatus that has changed.
const NotifyUserStatus = "userStatus"

// What a user does.
const (
	UserOffline = 0
	UserIdle    = 1
	UserBusy    = 2 // in a call
	UserInRoom  = 3
)

// UserStatus is whether a user can be called.
type UserStatus struct {
	UID    string `json:"uid"`
	Status int    `json:"status"`
	DND    int    `json:"dnd,omitempty"` // 0: calls are welcome
}

// DNDParams say whether calls are welcome.
type DNDParams struct {
	DND int `json:"dnd"` // 0: they are; others mean what the application wants
}

// Validate implements Validator.
func (p *DNDParams) Validate() *Error {
	if p.DND < 0 || p.DND > MaxDND {
		return Errorf(CodeBadParameter, "dnd %d is not 0 to %d", p.DND, MaxDND)
	}
	return nil
}

// UserStatusParams ask for one user, or for those of the app who are there, in the order of their UIDs, from After on.
type UserStatusParams struct {
	UID   string `json:"uid,omitempty"`
	After string `json:"after,omitempty"`
}

// Validate implements Validator.
func (p *UserStatusParams) Validate() *Error {
	return firstError(atMost("uid", p.UID, MaxUIDBytes), atMost("after", p.After, MaxUIDBytes))
}

// UserStatusResult answers getUserStatus, with as many as fit into a message.
type UserStatusResult struct {
	Users []UserStatus `json:"users"`
	More  bool         `json:"more,omitempty"`
}

// WatchParams begin or end notifications.
type WatchParams struct {
	On bool `json:"on"`
}

// Validate implements Validator.
func (p *WatchParams) Validate() *Error { return nil }
