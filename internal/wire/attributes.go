package wire

import (
	"encoding/json"
	"maps"
	"slices"
)

// Methods about attributes of the room and of its members.
const (
	MethodGetRoomAttrs    = "getRoomAttrs"    // RoomAttrsParams -> AttrsResult
	MethodGetUserAttrs    = "getUserAttrs"    // UserAttrsParams -> UserAttrsResult
	MethodChangeRoomAttrs = "changeRoomAttrs" // AttrsChange -> AttrsChangeResult
	MethodChangeUserAttrs = "changeUserAttrs" // UserAttrsChange -> AttrsChangeResult
	MethodRestoreAttrs    = "restoreAttrs"    // RestoreAttrsParams
)

// NotifyAttrsChanged tells everybody, whoever changed them included, of changed attributes: AttrsChanged.
const NotifyAttrsChanged = "attrsChanged"

// Attr is one attribute's value.
type Attr struct {
	Value   string `json:"value"`
	By      string `json:"by"`      // UID of whoever changed it last
	Version uint64 `json:"version"` // when, in microseconds since 1970; grows with every change in a room
}

// Attrs are attributes by key.
type Attrs map[string]Attr

// Bytes is how long the attributes are on the wire, at most.
func (a Attrs) Bytes() int {
	n := 0
	for key, v := range a {
		n += AttrBytes(key, v)
	}
	return n
}

// AttrBytes is how long one attribute is on the wire, at most.
func AttrBytes(key string, a Attr) int {
	const names = 64
	return encodedLen(key) + encodedLen(a.Value) + encodedLen(a.By) + names
}

func encodedLen(s string) int {
	text, _ := json.Marshal(s) // never fails
	return len(text)
}

// AttrsChange is one change of a set of attributes: all others are removed if Clear is set, then those of Delete are, and
// those of Put get their values.
type AttrsChange struct {
	Clear     bool              `json:"clear,omitempty"`
	Delete    []string          `json:"delete,omitempty"`
	Put       map[string]string `json:"put,omitempty"`
	NotifyAll bool              `json:"notifyAll,omitempty"`
}

// Validate implements Validator.
func (p *AttrsChange) Validate() *Error {
	if len(p.Put) > MaxAttrs {
		return Errorf(CodeBadParameter, "put: %d attributes, at most %d are allowed", len(p.Put), MaxAttrs)
	}
	for _, key := range slices.Sorted(maps.Keys(p.Put)) {
		if err := firstError(checkKeys("put", []string{key}), atMost("put."+key, p.Put[key], MaxAttrValueBytes)); err != nil {
			return err
		}
	}
	return checkKeys("delete", p.Delete)
}

func checkKeys(field string, keys []string) *Error {
	if len(keys) > MaxAttrs {
		return Errorf(CodeBadParameter, "%s: %d keys, at most %d are allowed", field, len(keys), MaxAttrs)
	}
	for _, key := range keys {
		if key == "" {
			return Errorf(CodeBadParameter, "%s: a key is empty", field)
		}
		if err := atMost(field, key, MaxAttrKeyBytes); err != nil {
			return err
		}
	}
	return nil
}

// RoomAttrsParams name attributes of the room; all if Keys is empty.
type RoomAttrsParams struct {
	Keys []string `json:"keys,omitempty"`
}

// Validate implements Validator.
func (p *RoomAttrsParams) Validate() *Error { return checkKeys("keys", p.Keys) }

// AttrsResult answers getRoomAttrs.
type AttrsResult struct {
	Attrs Attrs `json:"attrs"`
}

// UserAttrsParams name attributes of members; all attributes if Keys is empty.
type UserAttrsParams struct {
	UIDs []string `json:"uids"`
	Keys []string `json:"keys,omitempty"`
}

// Validate implements Validator.
func (p *UserAttrsParams) Validate() *Error {
	return firstError(checkUIDs("uids", p.UIDs), checkKeys("keys", p.Keys))
}

// checkUIDs checks a list of members that must not be empty.
func checkUIDs(field string, uids []string) *Error {
	switch {
	case len(uids) == 0:
		return missing(field)
	case len(uids) > MaxAttrUsers:
		return Errorf(CodeBadParameter, "%s: %d members, at most %d are allowed", field, len(uids), MaxAttrUsers)
	}
	for _, uid := range uids {
		if uid == "" {
			return missing(field)
		}
		if err := atMost(field, uid, MaxUIDBytes); err != nil {
			return err
		}
	}
	return nil
}

// UserAttrsResult answers getUserAttrs: those of the first members asked for that fit into a message, and who was left
// out. Who is not in the room has none.
type UserAttrsResult struct {
	Users map[string]Attrs `json:"users"`
	Rest  []string         `json:"rest,omitempty"`
}

// UserAttrsChange changes the attributes of members in the same way; All: of everybody.
type UserAttrsChange struct {
	UIDs []string `json:"uids,omitempty"`
	All  bool     `json:"all,omitempty"`
	AttrsChange
}

// Validate implements Validator.
func (p *UserAttrsChange) Validate() *Error {
	switch {
	case !p.All:
		if err := checkUIDs("uids", p.UIDs); err != nil {
			return err
		}
	case len(p.UIDs) > 0:
		return Errorf(CodeBadParameter, "uids together with all")
	}
	return p.AttrsChange.Validate()
}

// AttrsChangeResult answers a change. Deleted are the keys that are gone, by member ("": of the room).
type AttrsChangeResult struct {
	Version uint64              `json:"version"`
	Deleted map[string][]string `json:"deleted,omitempty"`
}

// AttrsChanged tells of changed attributes of a member, or of the room if UID is empty.
type AttrsChanged struct {
	UID     string   `json:"uid,omitempty"`
	Adds    Attrs    `json:"adds,omitempty"`
	Updates Attrs    `json:"updates,omitempty"`
	DelKeys []string `json:"delKeys,omitempty"`
	By      string   `json:"by"`
}

// RestoreAttrsParams are changes that the client made on a server that was restarted since.
type RestoreAttrsParams struct {
	Attrs []RestoredAttr `json:"attrs"`
}

// RestoredAttr is the last change of one attribute.
type RestoredAttr struct {
	UID     string `json:"uid,omitempty"` // empty: of the room
	Key     string `json:"key"`
	Value   string `json:"value,omitempty"`
	Deleted bool   `json:"deleted,omitempty"`
	Version uint64 `json:"version"`
}

// Validate implements Validator.
func (p *RestoreAttrsParams) Validate() *Error {
	if len(p.Attrs) > MaxRestoredAttrs {
		return Errorf(CodeBadParameter, "attrs: %d entries, at most %d are allowed", len(p.Attrs), MaxRestoredAttrs)
	}
	for i := range p.Attrs {
		a := &p.Attrs[i]
		err := firstError(checkKeys("attrs.key", []string{a.Key}), atMost("attrs.uid", a.UID, MaxUIDBytes), atMost("attrs.value", a.Value, MaxAttrValueBytes))
		if err != nil {
			return err
		}
	}
	return nil
}
