package crvideo_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/crvideo/crvideo-go"
)

// secrets are texts that let somebody in, each with what it is.
type secrets struct {
	mu    sync.Mutex
	long  map[[minSecret]byte][]secret // by their first bytes
	short []secret
}

type secret struct{ what, text string }

// minSecret is from how many bytes on a secret is found wherever it is. A shorter one, such as a room's password of six
// digits, is looked for as a whole word.
const minSecret = 8

func newSecrets() *secrets {
	s := &secrets{long: map[[minSecret]byte][]secret{}}
	s.add("the app's secret", appSecret)
	s.add("the md5 of the app's secret", crvideo.MD5(appSecret))
	s.add("a cookie", cookieMark)
	return s
}

func (s *secrets) add(what, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(text) >= minSecret:
		key := [minSecret]byte([]byte(text))
		for _, known := range s.long[key] {
			if known.text == text {
				return
			}
		}
		s.long[key] = append(s.long[key], secret{what, text})
	case len(text) >= minSecret-2:
		s.short = append(s.short, secret{what, text})
	}
}

// find tells which secret is in a text. In JSON a short one must be a whole value.
func (s *secrets) find(text []byte, inJSON bool) (what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 0; i+minSecret <= len(text); i++ {
		for _, one := range s.long[[minSecret]byte(text[i:])] {
			if bytes.HasPrefix(text[i:], []byte(one.text)) {
				return one.what
			}
		}
	}
	for _, one := range s.short {
		if inJSON && bytes.Contains(text, []byte(`"`+one.text+`"`)) || !inJSON && hasWord(text, one.text) {
			return one.what
		}
	}
	return ""
}

func hasWord(text []byte, word string) bool {
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(word))
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(word)
		if (start == 0 || !partOfWord(text[start-1])) && (end == len(text) || !partOfWord(text[end])) {
			return true
		}
		from = start + 1
	}
}

func partOfWord(b byte) bool {
	return b == '.' || b == ':' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// check looks at the wire and the logs of a test that is over.
func (w *watch) check(t testing.TB) {
	t.Helper()
	w.mu.Lock()
	messages := w.messages
	wires := w.wires
	w.mu.Unlock()
	for _, c := range wires {
		messages = append(messages, c.messages()...)
	}
	for i := range messages {
		w.secrets.learn(&messages[i])
	}
	for i := range messages {
		if what := w.secrets.misplaced(&messages[i]); what != "" {
			t.Errorf("on the wire, where it must not be: %s, in %s: %.500s", what, messages[i].kind(), messages[i].text)
		}
	}
	for line := range bytes.SplitSeq([]byte(w.logs.String()), []byte("\n")) {
		if what := w.secrets.find(line, false); what != "" {
			t.Errorf("in a log: %s: %.500s", what, line)
		}
	}
}
