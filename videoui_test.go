package crvideo_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

func requirePatternOf(t *testing.T, img image.Image, c *crvideo.Client, uid string) {
	t.Helper()
	info, _ := c.GetMemberInfo(uid)
	member, _, ok := crvideotest.ReadPattern(img)
	require.True(t, ok, "no pattern in %v", img.Bounds())
	require.Equal(t, info.Num, member)
}

func TestVideoUI(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	ui, err := bob.CreateVideoObj()
	require.NoError(t, err)
	defer ui.Destroy()
	assert.Equal(t, crvideo.VideoID{}, ui.GetVideoID())
	assert.ErrorIs(t, ui.SavePic(testContext(t), filepath.Join(t.TempDir(), "x.png")), crvideo.CodeNoDevice)
	assert.ErrorIs(t, ui.SetVideo("", 1), crvideo.CodeBadParameter)
	assert.ErrorIs(t, ui.SetVideo("alice", 0), crvideo.CodeBadParameter)
	require.NoError(t, ui.SetVideo("alice", crvideo.DefaultCamera))
	assert.Equal(t, crvideo.VideoID{UID: "alice", CamID: crvideo.DefaultCamera}, ui.GetVideoID())

	img, err := ui.Frame(testContext(t))
	require.NoError(t, err)
	requirePatternOf(t, img, bob, "alice")

	dir := t.TempDir()
	assert.ErrorIs(t, ui.SavePic(testContext(t), filepath.Join(dir, "x.bmp")), crvideo.CodeBadParameter)
	for name, decode := range map[string]func(io.Reader) (image.Image, error){"a.png": png.Decode, "a.jpg": jpeg.Decode, "b.JPEG": jpeg.Decode} {
		file := filepath.Join(dir, name)
		require.NoError(t, ui.SavePic(testContext(t), file))
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		img, err := decode(bytes.NewReader(data))
		require.NoError(t, err)
		requirePatternOf(t, img, bob, "alice")
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 3, "nothing half-written is left")
	assert.ErrorIs(t, ui.SavePic(testContext(t), filepath.Join(dir, "no", "such", "dir.png")), crvideo.CodeInternal)

	ui.Clear()
	assert.Equal(t, crvideo.VideoID{}, ui.GetVideoID())
	ui.Destroy()
	ui.Destroy()
	assert.ErrorIs(t, ui.SetVideo("alice", 1), crvideo.CodeNotInit)
}

func TestVideoUIHandler(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	openBoth(t, alice)
	ui, err := bob.CreateVideoObj()
	require.NoError(t, err)
	defer ui.Destroy()
	require.NoError(t, ui.SetVideo("alice", crvideo.DefaultCamera))
	mux := http.NewServeMux()
	mux.Handle("/tile/", http.StripPrefix("/tile", ui.Handler()))
	web := httptest.NewServer(mux)
	defer web.Close()
	client := web.Client()
	defer client.CloseIdleConnections()

	page := get(t, client, web.URL+"/tile/", "text/html")
	assert.Contains(t, string(page), "nick of alice")
	img, err := jpeg.Decode(bytes.NewReader(get(t, client, web.URL+"/tile/snapshot.jpg", "image/jpeg")))
	require.NoError(t, err)
	requirePatternOf(t, img, bob, "alice")
}

func get(t *testing.T, c *http.Client, url, contentType string) []byte {
	t.Helper()
	res, err := c.Get(url)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode, "%s", body)
	require.True(t, strings.HasPrefix(res.Header.Get("Content-Type"), contentType), res.Header.Get("Content-Type"))
	return body
}
