//go:build browser

package e2e_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
)

// canvasOf reads the canvas of the page's board object.
func canvasOf(t testing.TB, tab *chromiumtest.Tab) image.Image {
	t.Helper()
	var url string
	tab.Eval(t, `board.getCanvasElement().toDataURL('image/png')`, &url)
	data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(url, "data:image/png;base64,"))
	require.NoError(t, err)
	img, err := png.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	return img
}

// different counts the pixels in which two pictures are not nearly the same.
func different(a, b image.Image) int {
	n := 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			p, q := color.RGBAModel.Convert(a.At(x, y)).(color.RGBA), color.RGBAModel.Convert(b.At(x, y)).(color.RGBA)
			for _, d := range []int{int(p.R) - int(q.R), int(p.G) - int(q.G), int(p.B) - int(q.B)} {
				if d > 64 || d < -64 {
					n++
					break
				}
			}
		}
	}
	return n
}

func at(x, y float64) crvideo.BoardPoint { return crvideo.BoardPoint{X: x, Y: y} }

// TestBoards: what is drawn with a mouse in a page is seen, as elements and as pixels, in Go, and the reverse. Both paint the same.
func TestBoards(t *testing.T) {
	srv, n, addr := fragile(t)
	ann := goClient(t, srv, "ann", through(n))
	ctx := testContext(t)
	info, err := ann.CreateMeeting(ctx, crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(ctx, info.ID))
	first, err := ann.CreateBoard(ctx, crvideo.BoardParams{Title: "first", Width: 640, Height: 360, PageCount: 2})
	require.NoError(t, err)
	_, err = ann.AddBoardElement(ctx, first.BoardID, 0, crvideo.BoardElement{Kind: crvideo.BoardRect, Points: []crvideo.BoardPoint{at(400, 200), at(500, 300)}, Fill: "#0000ff"})
	require.NoError(t, err)

	tab := scripted(t, chromiumtest.Start(t), srv, "grace", addr)
	tab.Size(t, 1000, 800, false)
	enters(t, tab, info.ID)
	init := told(t, tab, "NotifyInitBoards")[0].([]any)
	assert.Equal(t, first.BoardID, init[0].(object)["boardID"])
	tab.Eval(t, fmt.Sprintf(`(window.board = sdk.CRVideo_CreateBoardUIObj({boardID: %q}), document.body.replaceChildren(board.handler()), document.body.style.margin = 0,
		board.setTitleStyle({display: 'none'}), board.setPen({strokeStyle: 'red', lineWidth: 12}), 0)`, first.BoardID), nil)
	blueAt := func(x, y int) string {
		return fmt.Sprintf(`(() => { const [r, g, b] = board.getCanvasElement().getContext('2d').getImageData(%d, %d, 1, 1).data; return r === 0 && g === 0 && b === 255; })()`, x, y)
	}
	tab.Wait(t, `board.getCanvasElement().width === 640`)
	tab.Wait(t, blueAt(450, 250)) // what was drawn before the page came

	edits := to(ann.OnNotifyBoardEdited)
	tab.Drag(t, [2]float64{50, 50}, [2]float64{100, 50}, [2]float64{150, 50}, [2]float64{200, 150})
	drawn := heard(t, edits)
	assert.Equal(t, "grace", drawn.UID)
	require.Len(t, drawn.Put, 1)
	stroke := drawn.Put[0]
	assert.Equal(t, []any{crvideo.BoardPencil, "#ff0000", 12.0}, []any{stroke.Kind, stroke.Stroke, stroke.LineWidth})
	assert.Equal(t, []crvideo.BoardPoint{at(50, 50), at(200, 150)}, []crvideo.BoardPoint{stroke.Points[0], stroke.Points[len(stroke.Points)-1]})
	ui, err := ann.CreateBoardUIObj(crvideo.BoardUIParams{BoardID: first.BoardID})
	require.NoError(t, err)
	img, err := ui.GetCanvasElement(ctx)
	require.NoError(t, err)
	assert.Equal(t, color.RGBA{255, 0, 0, 255}, img.RGBAAt(120, 50))
	assert.Equal(t, color.RGBA{255, 0, 0, 255}, img.RGBAAt(175, 100))

	for _, e := range []crvideo.BoardElement{
		{Kind: crvideo.BoardEllipse, Points: []crvideo.BoardPoint{at(300, 30), at(380, 90)}, Stroke: "#008000", LineWidth: 5, Fill: "#ffff00", Opacity: 0.5},
		{Kind: crvideo.BoardLine, Points: []crvideo.BoardPoint{at(20, 340), at(300, 340), at(300, 200)}, Stroke: "#000000", LineWidth: 6, LineType: crvideo.BoardDashed},
		{Kind: crvideo.BoardRect, Points: []crvideo.BoardPoint{at(600, 340), at(520, 240)}, Stroke: "#800080", LineWidth: 8},
		{Kind: crvideo.BoardPencil, Points: []crvideo.BoardPoint{at(560, 60)}, Stroke: "#008080", LineWidth: 40},
	} {
		_, err := ann.AddBoardElement(ctx, first.BoardID, 0, e)
		require.NoError(t, err)
	}
	squares := image.NewRGBA(image.Rect(0, 0, 64, 36))
	for y := range 36 {
		for x := range 64 {
			squares.Set(x, y, color.RGBA{uint8(192 + x/8%2*63), uint8(192 + y/8%2*63), 255, 255})
		}
	}
	require.NoError(t, ui.ImportImg(ctx, squares))
	img, err = ui.GetCanvasElement(ctx)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return different(img, canvasOf(t, tab)) < 640*360/200 }, chromiumtest.Patience, poll, "both paint the same")

	// two pages that take back their own, and one that looks at another board
	tab.Eval(t, `board.undo()`, nil)
	require.Eventually(t, func() bool {
		all, err := ann.BoardPage(ctx, first.BoardID, 0)
		require.NoError(t, err)
		for _, e := range all {
			if e.ID == stroke.ID {
				return false
			}
		}
		return len(all) == 6
	}, chromiumtest.Patience, poll)
	tab.Eval(t, `board.redo()`, nil)
	tab.Eval(t, `(board.setPen({type: 2, strokeStyle: '#00f', fillColor: 'rgba(0, 255, 0, 1)', lineType: 3, fullOpacity: false}), board.isScaledContents(true), board.setBoardStyle({width: '320px', height: '400px'}), 0)`, nil)
	tab.Drag(t, [2]float64{10, 210}, [2]float64{60, 230}) // half as large, in the middle of the height
	for e := heard(t, edits); ; e = heard(t, edits) {
		if e.UID == "grace" && len(e.Put) == 1 && e.Put[0].Kind == crvideo.BoardRect {
			assert.Equal(t, []any{"#0000ff", "#00ff00", crvideo.BoardDashed, 0.5}, []any{e.Put[0].Stroke, e.Put[0].Fill, e.Put[0].LineType, e.Put[0].Opacity})
			assert.Equal(t, []crvideo.BoardPoint{at(20, 200), at(120, 240)}, e.Put[0].Points)
			break
		}
	}
	var second string
	tab.Eval(t, `sdk.CRVideo_Creatboard('second', 100, 100, 3)`, &second)
	tab.Eval(t, fmt.Sprintf(`sdk.CRVideo_SetBoardCurPageNo(%q, 2)`, second), nil)
	assert.Equal(t, []any{second, 2.0, 0.0, 0.0, "grace"}, told(t, tab, "NotifyBoardCurPageNo"))
	require.Eventually(t, func() bool { b := ann.Boards(); return len(b) == 2 && b[1].CurPage == 2 }, chromiumtest.Patience, poll)
	tab.Eval(t, fmt.Sprintf(`(board.setCurBoardPage(%q, 2), new Promise((done, failed) => {
		const picture = document.createElement('canvas');
		[picture.width, picture.height] = [10, 10];
		picture.getContext('2d').fillRect(0, 0, 10, 10);
		board.importImg(picture).then(() => done(0), failed);
	}))`, second), nil)
	require.NoError(t, ui.SetCurBoardPage(second, 2))
	img, err = ui.GetCanvasElement(ctx)
	require.NoError(t, err)
	assert.Equal(t, color.RGBA{0, 0, 0, 255}, img.RGBAAt(50, 50))
	var code int
	tab.Eval(t, `sdk.CRVideo_Closeboard('nothing').then(() => 0, (code) => code)`, &code)
	assert.Equal(t, 5, code)

	before, err := ann.BoardPage(ctx, first.BoardID, 0)
	require.NoError(t, err)
	require.NoError(t, ann.Logout(ctx)) // only the page knows the boards that it looks at
	tab.Eval(t, fmt.Sprintf(`board.setCurBoardPage(%q, 0)`, first.BoardID), nil)
	tab.Wait(t, `board.getCanvasElement().width === 640`)
	n.Down()
	n.RestartFresh(100 * time.Millisecond)
	require.NoError(t, ann.Login(ctx, crvideo.LoginParams{AppID: crvideotest.AppID, AppSecret: crvideo.MD5(crvideotest.AppSecret), UID: "ann", Nickname: "ann"}))
	require.Eventually(t, func() bool { return ann.EnterMeeting(testContext(t), info.ID) == nil }, chromiumtest.Patience, poll)
	require.Eventually(t, func() bool {
		after, err := ann.BoardPage(ctx, first.BoardID, 0)
		return err == nil && assert.ObjectsAreEqual(before, after)
	}, chromiumtest.Patience, poll, "the page has restored them")
	require.NoError(t, ann.CloseBoard(ctx, first.BoardID))
	assert.Equal(t, []any{first.BoardID, "ann"}, told(t, tab, "NotifyCloseBoard"))
	tab.Wait(t, `board.getCanvasElement().width === 0 && sdk.CRVideo_GetBoards().length === 1`)
	tab.Eval(t, `board.destroy()`, nil)
}
