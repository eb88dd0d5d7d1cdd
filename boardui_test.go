package crvideo_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/font/gofont/gobold"

	"github.com/crvideo/crvideo-go"
)

// boardUI is alice's view of a new board of 640 x 360.
func boardUI(t *testing.T) (alice, bob *crvideo.Client, ui *crvideo.BoardUIObj, id string) {
	t.Helper()
	alice, bob = pair(t, newServer(t))
	id = newBoard(t, alice, 2)
	ui, err := alice.CreateBoardUIObj(crvideo.BoardUIParams{BoardID: id})
	require.NoError(t, err)
	t.Cleanup(ui.Destroy)
	return alice, bob, ui, id
}

func canvas(t *testing.T, ui *crvideo.BoardUIObj) *image.RGBA {
	t.Helper()
	img, err := ui.GetCanvasElement(testContext(t))
	require.NoError(t, err)
	return img
}

var white, red, blue = color.RGBA{255, 255, 255, 255}, color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}

func TestBoardUIDraws(t *testing.T) {
	_, bob, ui, id := boardUI(t)
	ctx := testContext(t)
	img := canvas(t, ui)
	assert.Equal(t, image.Rect(0, 0, 640, 360), img.Bounds())
	assert.Equal(t, white, img.RGBAAt(100, 50))

	require.NoError(t, ui.SetPen(crvideo.BoardPenOptions{LineWidth: 10, StrokeStyle: "#FF0000"}))
	drawn, err := ui.Draw(ctx, crvideo.BoardPoint{X: 50, Y: 50}, crvideo.BoardPoint{X: 150, Y: 50})
	require.NoError(t, err)
	assert.Equal(t, crvideo.BoardPencil, drawn.Kind)
	require.NoError(t, ui.SetPen(crvideo.BoardPenOptions{Type: crvideo.BoardRect, FillColor: "#0000ff", StrokeStyle: "#ff0000", LineWidth: 4}))
	_, err = ui.Draw(ctx, crvideo.BoardPoint{X: 200, Y: 100}, crvideo.BoardPoint{X: 300, Y: 200})
	require.NoError(t, err)
	img = canvas(t, ui)
	for at, want := range map[image.Point]color.RGBA{
		{X: 100, Y: 50}: red, {X: 100, Y: 46}: red, {X: 100, Y: 53}: red, {X: 100, Y: 57}: white, {X: 47, Y: 50}: red, {X: 43, Y: 50}: white,
		{X: 250, Y: 150}: blue, {X: 200, Y: 150}: red, {X: 196, Y: 150}: white,
	} {
		assert.Equal(t, want, img.RGBAAt(at.X, at.Y), at)
	}

	was, err := ui.Undo(ctx)
	require.NoError(t, err)
	assert.True(t, was)
	assert.Equal(t, white, canvas(t, ui).RGBAAt(250, 150))
	was, err = ui.Redo(ctx)
	require.NoError(t, err)
	assert.True(t, was)
	assert.Equal(t, blue, canvas(t, ui).RGBAAt(250, 150))
	require.NoError(t, ui.Clear(ctx))
	assert.Empty(t, page(t, bob, id, 0))

	_, err = bob.AddBoardElement(ctx, id, 1, crvideo.BoardElement{Kind: crvideo.BoardText, Points: []crvideo.BoardPoint{{X: 10, Y: 10}}, Text: "Ann\nBob", TextSize: 40, Stroke: "#ff0000"})
	require.NoError(t, err)
	require.NoError(t, ui.SetCurBoardPage(id, 1))
	count := func() (upper, lower int) {
		img := canvas(t, ui)
		for x := range 200 {
			for y := range 150 {
				if img.RGBAAt(x, y) == red {
					if y < 55 {
						upper++
					} else {
						lower++
					}
				}
			}
		}
		return upper, lower
	}
	upper, lower := count()
	assert.Greater(t, upper, 100, "the first line of letters")
	assert.Greater(t, lower, 100, "the second one")
	require.NoError(t, ui.SetFont(gobold.TTF))
	bold, _ := count()
	assert.Greater(t, bold, upper)
	assert.ErrorIs(t, ui.SetFont([]byte("no font")), crvideo.CodeBadParameter)
	svg, err := ui.SVG(ctx)
	require.NoError(t, err)
	assert.Contains(t, string(svg), ">Bob</text>")
}

func TestBoardUIImportImg(t *testing.T) {
	_, bob, ui, id := boardUI(t)
	ctx := testContext(t)
	blueImage := image.NewRGBA(image.Rect(0, 0, 100, 100))
	for i := range blueImage.Pix {
		blueImage.Pix[i] = []byte{0, 0, 255, 255}[i%4]
	}
	require.NoError(t, ui.SetPen(crvideo.BoardPenOptions{LineWidth: 20}))
	_, err := ui.Draw(ctx, crvideo.BoardPoint{X: 320, Y: 180})
	require.NoError(t, err)
	require.NoError(t, ui.ImportImg(ctx, blueImage))
	img := canvas(t, ui)
	assert.Equal(t, blue, img.RGBAAt(300, 10))
	assert.Equal(t, color.RGBA{0, 0, 0, 255}, img.RGBAAt(320, 180), "images are under what is drawn")
	assert.Equal(t, white, img.RGBAAt(100, 180), "its shape is kept")
	require.NoError(t, ui.Clear(ctx))
	assert.Equal(t, blue, canvas(t, ui).RGBAAt(320, 180), "clear leaves it")

	noise := image.NewRGBA(image.Rect(0, 0, 5000, 400)) // neither PNG nor a good JPEG is short enough
	rnd := rand.NewChaCha8([32]byte{1})
	_, _ = rnd.Read(noise.Pix)
	require.NoError(t, ui.ImportImg(ctx, noise))
	all := page(t, bob, id, 0)
	require.Len(t, all, 1, "in the place of the one before")
	assert.LessOrEqual(t, len(all[0].Image), 144<<10)
	was, err := ui.Undo(ctx)
	require.NoError(t, err)
	assert.True(t, was)
	assert.Equal(t, blue, canvas(t, ui).RGBAAt(320, 180))
	require.NoError(t, ui.ImportImg(ctx, nil))
	require.NoError(t, ui.ImportImg(ctx, nil))
	eventually(t, "none at bob", func() bool { return len(page(t, bob, id, 0)) == 0 })
	assert.ErrorIs(t, ui.ImportImg(ctx, image.NewGray(image.Rectangle{})), crvideo.CodeBadParameter)
}

func TestBoardUIBadInput(t *testing.T) {
	alice, bob, ui, id := boardUI(t)
	ctx := testContext(t)
	empty, err := alice.CreateBoardUIObj(crvideo.BoardUIParams{})
	require.NoError(t, err)
	_, err = empty.Draw(ctx, crvideo.BoardPoint{})
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
	_, err = empty.SVG(ctx)
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
	_, err = empty.Undo(ctx)
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
	_, err = empty.Redo(ctx)
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
	assert.ErrorIs(t, empty.Clear(ctx), crvideo.CodeBadParameter)
	assert.ErrorIs(t, empty.ImportImg(ctx, image.White), crvideo.CodeBadParameter)
	_, err = alice.CreateBoardUIObj(crvideo.BoardUIParams{BoardID: "b", PageNo: -1})
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
	assert.ErrorIs(t, ui.SetCurBoardPage("", 0), crvideo.CodeBadParameter)
	for _, pen := range []crvideo.BoardPenOptions{
		{Type: crvideo.BoardText}, {Type: crvideo.BoardImage}, {Type: 9}, {LineType: 7}, {LineWidth: -1}, {StrokeStyle: "red"}, {FillColor: "#fff"}, {FullOpacity: 2},
	} {
		assert.ErrorIs(t, ui.SetPen(pen), crvideo.CodeBadParameter, pen)
	}
	for name, value := range map[string]string{"position": "fixed", "border": "1px}", "width": "url(x)"} {
		assert.ErrorIs(t, ui.SetBoardStyle(map[string]string{name: value}), crvideo.CodeBadParameter, name)
	}
	assert.ErrorIs(t, ui.SetTitleStyle(map[string]string{"behavior": "x"}), crvideo.CodeBadParameter)
	require.NoError(t, bob.CloseBoard(ctx, id))
	eventually(t, "closed", func() bool { _, err := ui.SVG(ctx); return err != nil })
	require.NoError(t, alice.Close())
	_, err = alice.CreateBoardUIObj(crvideo.BoardUIParams{})
	assert.ErrorIs(t, err, crvideo.CodeNotInit)
	ui.Destroy() // once more
}

func TestBoardUIHandler(t *testing.T) {
	alice, bob, ui, id := boardUI(t)
	ctx := testContext(t)
	srv := httptest.NewServer(http.StripPrefix("/board", ui.Handler()))
	defer srv.Close()
	get := func(path string) (*http.Response, []byte) {
		t.Helper()
		resp, err := http.Get(srv.URL + "/board/" + path)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		var body bytes.Buffer
		_, err = body.ReadFrom(resp.Body)
		require.NoError(t, err)
		return resp, body.Bytes()
	}
	resp, _ := get("")
	assert.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
	assert.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'none'")
	resp, _ = get("page.js")
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	resp, _ = get("nothing")
	assert.Equal(t, http.StatusNotFound, resp.StatusCode)
	resp, err := http.Post(srv.URL+"/board/page.svg", "", nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode)

	resp, err = http.Get(srv.URL + "/board/events")
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	events := bufio.NewScanner(resp.Body)
	next := func() (view struct {
		Count int
		Title string
		crvideo.BoardLook
	}) {
		t.Helper()
		for events.Scan() {
			if text, is := strings.CutPrefix(events.Text(), "data: "); is {
				require.NoError(t, json.Unmarshal([]byte(text), &view))
				return view
			}
		}
		t.Fatal("the events have ended")
		return view
	}
	assert.Equal(t, "plan", next().Title)
	_, err = bob.AddBoardElement(ctx, id, 0, crvideo.BoardElement{Kind: crvideo.BoardLine, Points: []crvideo.BoardPoint{{X: 0, Y: 100}, {X: 640, Y: 100}}, Stroke: "#ff0000", LineWidth: 6})
	require.NoError(t, err)
	next()
	_, body := get("page.png")
	img, err := png.Decode(bytes.NewReader(body))
	require.NoError(t, err)
	assert.Equal(t, red, color.RGBAModel.Convert(img.At(320, 100)))
	resp, body = get("page.svg")
	assert.Equal(t, "image/svg+xml", resp.Header.Get("Content-Type"))
	assert.Contains(t, string(body), `stroke="#ff0000"`)
	ui.IsScaledContents(true)
	require.NoError(t, ui.SetTitleStyle(map[string]string{"color": "#123456"}))
	require.NoError(t, ui.SetBoardStyle(map[string]string{"border": "1px solid #000"}))
	for view := next(); !view.Scaled || view.TitleStyle["color"] != "#123456" || view.BoardStyle["border"] == ""; view = next() {
		continue
	}
	assert.Equal(t, map[string]string{"border": "1px solid #000"}, ui.Look().BoardStyle)
	require.NoError(t, alice.Close())
	for events.Scan() { // it ends
		continue
	}
	resp, _ = get("page.svg")
	assert.Equal(t, http.StatusNotFound, resp.StatusCode)
}
