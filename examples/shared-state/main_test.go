package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// watch ends the example when it has printed what is waited for.
type watch struct {
	text strings.Builder
	want string
	done context.CancelFunc
}

func (w *watch) Write(p []byte) (int, error) {
	if w.text.Write(p); strings.Contains(w.text.String(), w.want) {
		w.done()
	}
	return len(p), nil
}

func TestPollCountsBothVotes(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out := &watch{want: "red or green? map[green:1 red:1]", done: cancel}
	assert.NoError(t, run(ctx, out, "", 0, "host", "red"))
	assert.Contains(t, out.text.String(), out.want)
}
