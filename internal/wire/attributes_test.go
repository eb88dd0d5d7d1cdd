package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAttributeRules(t *testing.T) {
	put := func(key, value string) Validator { return &AttrsChange{Put: map[string]string{key: value}} }
	many := func(n int) []string {
		keys := make([]string, n)
		for i := range keys {
			keys[i] = fmt.Sprint("k", i)
		}
		return keys
	}
	manyPut := func(n int) Validator {
		p := &AttrsChange{Put: map[string]string{}}
		for _, k := range many(n) {
			p.Put[k] = ""
		}
		return p
	}
	restored := func(n int, a RestoredAttr) Validator {
		p := &RestoreAttrsParams{}
		for range n {
			p.Attrs = append(p.Attrs, a)
		}
		return p
	}
	checkRules(t, []rule{
		{"key", put(long(MaxAttrKeyBytes), ""), put(long(MaxAttrKeyBytes+1), ""), `"put"`},
		{"empty key", nil, put("", ""), "put"},
		{"value", put("k", long(MaxAttrValueBytes)), put("k", long(MaxAttrValueBytes+1)), "put.k"},
		{"count", manyPut(MaxAttrs), manyPut(MaxAttrs + 1), "put"},
		{"deleted keys", &AttrsChange{Delete: many(MaxAttrs)}, &AttrsChange{Delete: many(MaxAttrs + 1)}, "delete"},
		{"deleted key", nil, &AttrsChange{Delete: []string{""}}, "delete"},
		{"room", &RoomAttrsParams{}, &RoomAttrsParams{Keys: many(MaxAttrs + 1)}, "keys"},
		{"users", &UserAttrsParams{UIDs: many(MaxAttrUsers)}, &UserAttrsParams{UIDs: many(MaxAttrUsers + 1)}, "uids"},
		{"no users", nil, &UserAttrsParams{}, "uids"},
		{"empty user", nil, &UserAttrsParams{UIDs: []string{""}}, "uids"},
		{"user's keys", nil, &UserAttrsParams{UIDs: []string{"u"}, Keys: []string{""}}, "keys"},
		{"all users", &UserAttrsChange{All: true}, &UserAttrsChange{All: true, UIDs: []string{"u"}}, "uids"},
		{"neither", nil, &UserAttrsChange{}, "uids"},
		{"restored", restored(MaxRestoredAttrs, RestoredAttr{Key: "k"}), restored(MaxRestoredAttrs+1, RestoredAttr{Key: "k"}), "attrs"},
		{"restored key", nil, restored(1, RestoredAttr{}), "attrs.key"},
		{"restored value", nil, restored(1, RestoredAttr{Key: "k", Value: long(MaxAttrValueBytes + 1)}), "attrs.value"},
		{"restored uid", nil, restored(1, RestoredAttr{Key: "k", UID: long(MaxUIDBytes + 1)}), "attrs.uid"},
	})
}

func TestAttrsBytes(t *testing.T) {
	a := Attrs{strings.Repeat("\x01", MaxAttrKeyBytes): {Value: strings.Repeat("<", 100), By: strings.Repeat("\x02", MaxUIDBytes), Version: 1 << 62}, "k": {}}
	text, err := json.Marshal(a)
	assert.NoError(t, err)
	assert.LessOrEqual(t, len(text), a.Bytes())
}
