package crvideo_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
)

func TestVideoUILook(t *testing.T) {
	_, bob := pair(t, newServer(t))
	ui, err := bob.CreateVideoObj()
	require.NoError(t, err)
	defer ui.Destroy()
	assert.Equal(t, crvideo.UILook{}, ui.Look())
	assert.True(t, ui.GetVisibleNickName())
	w, h := ui.VisibleSize()
	assert.Equal(t, [2]int{-1, -1}, [2]int{w, h}, "not known")

	require.NoError(t, ui.ID("tile-1"))
	require.NoError(t, ui.Width("320"))
	require.NoError(t, ui.Height("50%"))
	require.NoError(t, ui.Left("8px"))
	require.NoError(t, ui.Top("1.5em"))
	require.NoError(t, ui.SetNickNameContent("The <host>"))
	style := map[string]string{"color": "#fff", "background-color": "rgba(0, 0, 0, 0.5)"}
	require.NoError(t, ui.SetNickNameStyle(style))
	ui.SetVisibleNickName(false)
	ui.DblClickFullScreen(false)
	style["color"] = "changed afterwards"
	w, h = ui.VisibleSize()
	assert.Equal(t, [2]int{320, -1}, [2]int{w, h})
	ui.Hide()
	want := crvideo.UILook{
		ID: "tile-1", Left: "8px", Top: "1.5em", Width: "320px", Height: "50%", Hidden: true, NickName: "The <host>", HideNickName: true,
		NickNameStyle: map[string]string{"color": "#fff", "background-color": "rgba(0, 0, 0, 0.5)"}, NoDblClickFullScreen: true,
	}
	assert.Equal(t, want, ui.Look())
	w, h = ui.VisibleSize()
	assert.Equal(t, [2]int{0, 0}, [2]int{w, h})
	assert.False(t, ui.GetVisibleNickName())

	for name, err := range map[string]error{
		"ID": ui.ID("1 2"), "length": ui.Width("5px; background: url(x)"), "negative": ui.Left("-1px"),
		"nickname": ui.SetNickNameContent(strings.Repeat("x", 129)),
		"property": ui.SetNickNameStyle(map[string]string{"behavior": "x"}),
		"value":    ui.SetNickNameStyle(map[string]string{"background": "url(http://x)"}),
	} {
		assert.ErrorIs(t, err, crvideo.CodeBadParameter, name)
	}
	assert.Equal(t, want, ui.Look(), "refused, nothing has changed")

	res := httptest.NewRecorder()
	ui.Handler().ServeHTTP(res, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/look.json", nil))
	assert.JSONEq(t, `{"title":"The <host>","hideTitle":true,"titleStyle":{"color":"#fff","background-color":"rgba(0, 0, 0, 0.5)"},
		"id":"tile-1","hidden":true,"noFullScreen":true,"left":"8px","top":"1.5em","width":"320px","height":"50%"}`, res.Body.String())
	ui.Show()
	assert.False(t, ui.Look().Hidden)
}

func TestVideoUIPictures(t *testing.T) {
	alice, bob := pair(t, newServer(t))
	ui, err := bob.CreateVideoObj()
	require.NoError(t, err)
	defer ui.Destroy()
	assert.True(t, ui.IsPicEmpty(), "nothing is set")
	require.NoError(t, ui.SetVideo("alice", crvideo.DefaultCamera))
	assert.True(t, ui.IsPicEmpty(), "the camera is closed")
	require.NoError(t, alice.OpenVideo(testContext(t), ""))
	eventually(t, "a picture", func() bool { return !ui.IsPicEmpty() })

	for format, decode := range map[string]func(io.Reader) (image.Image, error){"": jpeg.Decode, "jpg": jpeg.Decode, ".png": png.Decode, "PNG": png.Decode} {
		text, err := ui.SavePicToBase64(testContext(t), format)
		require.NoError(t, err)
		data, err := base64.StdEncoding.DecodeString(text)
		require.NoError(t, err)
		img, err := decode(bytes.NewReader(data))
		require.NoError(t, err)
		requirePatternOf(t, img, bob, "alice")
	}
	_, err = ui.SavePicToBase64(testContext(t), "gif")
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
	require.NoError(t, alice.CloseVideo(testContext(t), ""))
	eventually(t, "no picture", ui.IsPicEmpty)
	ui.Clear()
	_, err = ui.SavePicToBase64(testContext(t), "png")
	assert.ErrorIs(t, err, crvideo.CodeNoDevice)
}
