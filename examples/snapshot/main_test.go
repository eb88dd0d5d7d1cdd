package main

import (
	"bytes"
	"context"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/crvideo/crvideo-go/crvideotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSavesTheGuest(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	dir := t.TempDir()
	var out bytes.Buffer
	require.NoError(t, run(ctx, &out, "", 0, dir))
	assert.Contains(t, out.String(), "guest is in ")
	data, err := os.ReadFile(filepath.Join(dir, "guest.jpg"))
	require.NoError(t, err)
	img, err := jpeg.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	member, _, ok := crvideotest.ReadPattern(img)
	require.True(t, ok)
	assert.EqualValues(t, 1, member, "the guest was the first to come")
}
