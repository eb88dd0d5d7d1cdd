package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/examples/internal/solo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const bound = 60 * time.Second // ends a test that would hang

func TestRecordsTheGuestAndTheRoom(t *testing.T) {
	for _, uid := range []string{"guest", ""} {
		ctx, cancel := context.WithTimeout(context.Background(), bound)
		defer cancel()
		file := filepath.Join(t.TempDir(), "x.mkv")
		out := &solo.Until{What: "2s, ", Stop: cancel}
		require.NoError(t, run(ctx, out, "", 0, uid, file))
		require.ErrorIs(t, ctx.Err(), context.Canceled, "%s", out)
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Greater(t, info.Size(), int64(10000))
	}
}

func TestUnknownKindOfFile(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	assert.ErrorIs(t, run(ctx, os.Stdout, "", 0, "guest", "x.avi"), crvideo.CodeBadParameter)
}
