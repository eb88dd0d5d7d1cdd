package crvideo

import (
	"cmp"
	"context"
	"image"
	"maps"
	"sync"

	"github.com/crvideo/crvideo-go/internal/boardpic"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// BoardUIObj shows a page of a whiteboard, and draws on it (CRVideo_BoardUIObj). It belongs to a client and may be made before
// a room is entered. Destroy ends it, as does the client's end.
type BoardUIObj struct {
	c    *Client
	done chan struct{} // closed by Destroy

	mu   sync.Mutex // guards what follows
	page boardPageID
	pen  BoardPenOptions
	look BoardLook
	font *boardpic.Font
	news chan struct{} // closed and replaced when something of the object is different
}

type boardPageID struct {
	board string
	page  int
}

// BoardUIParams are a new BoardUIObj: what SetCurBoardPage sets, or nothing.
type BoardUIParams struct {
	BoardID string
	PageNo  int
}

// BoardPenOptions are how Draw draws (CRVideo's BoardPenOptions).
type BoardPenOptions struct {
	Type        BoardKind     // not BoardText or BoardImage; default BoardPencil
	LineType    BoardLineType // default BoardSolid
	LineWidth   float64       // default 2; at most 1000
	StrokeStyle string        // "#rrggbb"; default "#000000"
	FillColor   string        // "#rrggbb"; default: not filled
	FullOpacity float64       // above 0 to 1; default 1: nothing shines through
}

// BoardLook is how a BoardUIObj is to be shown. The page under its handler follows it.
type BoardLook struct {
	Scaled     bool              // after IsScaledContents(true)
	TitleStyle map[string]string // CSS properties
	BoardStyle map[string]string
}

// CreateBoardUIObj makes an object that shows a page (CRVideo_CreateBoardUIObj). Errors: 5 bad page, 11 client closed.
func (c *Client) CreateBoardUIObj(params BoardUIParams) (*BoardUIObj, error) {
	const op = "CreateBoardUIObj"
	ui := &BoardUIObj{c: c, done: make(chan struct{}), news: make(chan struct{})}
	c.mu.Lock()
	closed := c.closed
	if !closed {
		c.boardUIs[ui] = struct{}{}
	}
	c.mu.Unlock()
	if closed {
		return nil, fail(op, CodeNotInit, nil)
	}
	if params.BoardID != "" {
		if err := ui.SetCurBoardPage(params.BoardID, params.PageNo); err != nil {
			ui.Destroy()
			return nil, err
		}
	}
	return ui, nil
}

// Destroy ends the object: viewers are disconnected. It is idempotent.
func (ui *BoardUIObj) Destroy() {
	ui.c.mu.Lock()
	_, there := ui.c.boardUIs[ui]
	delete(ui.c.boardUIs, ui)
	ui.c.mu.Unlock()
	if there {
		close(ui.done)
	}
}

// change makes a change of the object that its viewers see.
func (ui *BoardUIObj) change(fn func()) {
	ui.mu.Lock()
	defer ui.mu.Unlock()
	fn()
	close(ui.news)
	ui.news = make(chan struct{})
}

// boardsChangedLocked tells the objects that show pages.
func (c *Client) boardsChangedLocked() {
	for ui := range c.boardUIs {
		ui.change(func() {})
	}
}

// SetCurBoardPage shows a page here (CRVideo_BoardUIObj.setCurBoardPage), counted from 0. SetBoardCurPageNo tells everybody
// to. The board need not be there yet. Error: 5 no board ID or impossible page.
func (ui *BoardUIObj) SetCurBoardPage(boardID string, pageNo int) error {
	if err := checked("BoardUIObj.SetCurBoardPage", &wire.GetBoardPageParams{Board: boardID, Page: pageNo}); err != nil {
		return err
	}
	ui.change(func() { ui.page = boardPageID{boardID, pageNo} })
	return nil
}

// IsScaledContents sets whether the page is scaled to the space that there is (CRVideo_BoardUIObj.isScaledContents), or
// shown in its own size. Default: its own size.
func (ui *BoardUIObj) IsScaledContents(scaled bool) { ui.change(func() { ui.look.Scaled = scaled }) }

// SetTitleStyle sets how the board's title looks (CRVideo_BoardUIObj.setTitleStyle), by the CSS properties that
// VideoUI.SetNickNameStyle takes, and "display". It replaces the style set before. Error: 5 another property, or a value that
// is none.
func (ui *BoardUIObj) SetTitleStyle(style map[string]string) error {
	return ui.setStyle("BoardUIObj.SetTitleStyle", style, boardTitleStyles, &ui.look.TitleStyle)
}

// SetBoardStyle sets how the board looks around what is drawn (CRVideo_BoardUIObj.setBoardStyle), by the CSS properties
// "background-color", "border", "border-radius", "box-shadow", "height", "margin", "opacity", "padding" and "width". It
// replaces the style set before. Error: 5 another property, or a value that is none.
func (ui *BoardUIObj) SetBoardStyle(style map[string]string) error {
	return ui.setStyle("BoardUIObj.SetBoardStyle", style, boardStyles, &ui.look.BoardStyle)
}

var boardStyles = map[string]bool{
	"background-color": true, "border": true, "border-radius": true, "box-shadow": true, "height": true, "margin": true,
	"opacity": true, "padding": true, "width": true,
}

var boardTitleStyles = func() map[string]bool {
	all := maps.Clone(nickNameStyles)
	all["display"] = true
	return all
}()

func (ui *BoardUIObj) setStyle(op string, style map[string]string, properties map[string]bool, field *map[string]string) error {
	if err := checkStyle(op, style, properties); err != nil {
		return err
	}
	ui.change(func() { *field = maps.Clone(style) })
	return nil
}

// Look tells how the object is to be shown.
func (ui *BoardUIObj) Look() BoardLook {
	ui.mu.Lock()
	defer ui.mu.Unlock()
	return BoardLook{ui.look.Scaled, maps.Clone(ui.look.TitleStyle), maps.Clone(ui.look.BoardStyle)}
}

// SetFont sets the TrueType or OpenType font in which GetCanvasElement sets texts. Default: Go Regular, which has Latin,
// Greek and Cyrillic letters. SVG leaves the font to whatever shows it. Error: 5 not a font.
func (ui *BoardUIObj) SetFont(ttf []byte) error {
	f, err := boardpic.ParseFont(ttf)
	if err != nil {
		return fail("BoardUIObj.SetFont", CodeBadParameter, err)
	}
	ui.change(func() { ui.font = f })
	return nil
}

// SetPen sets how Draw draws (CRVideo_BoardUIObj.setPen). Error: 5 there is no such pen.
func (ui *BoardUIObj) SetPen(pen BoardPenOptions) error {
	const op = "BoardUIObj.SetPen"
	kind := cmp.Or(pen.Type, BoardPencil)
	if kind == BoardText || kind == BoardImage {
		return failf(op, CodeBadParameter, "type %d is no pen", kind)
	}
	probe := pen.element([]BoardPoint{{}, {}})
	if err := checked(op, probe.wire()); err != nil {
		return err
	}
	ui.change(func() { ui.pen = pen })
	return nil
}

func (pen BoardPenOptions) element(points []BoardPoint) BoardElement {
	return BoardElement{
		Kind: cmp.Or(pen.Type, BoardPencil), Points: points, Stroke: cmp.Or(pen.StrokeStyle, "#000000"), Fill: pen.FillColor,
		LineWidth: cmp.Or(pen.LineWidth, 2), LineType: pen.LineType, Opacity: pen.FullOpacity,
	}
}

// current is the page that is shown, or an error if none is.
func (ui *BoardUIObj) current(op string) (boardPageID, error) {
	ui.mu.Lock()
	defer ui.mu.Unlock()
	if ui.page.board == "" {
		return ui.page, failf(op, CodeBadParameter, "no page is set")
	}
	return ui.page, nil
}

// Draw draws with the pen, as a hand does in JavaScript: a line through the points, or what has two of them as corners.
// Errors: 5 no page is set, or wrong points; and as EditBoard.
func (ui *BoardUIObj) Draw(ctx context.Context, points ...BoardPoint) (BoardElement, error) {
	at, err := ui.current("BoardUIObj.Draw")
	if err != nil {
		return BoardElement{}, err
	}
	ui.mu.Lock()
	pen := ui.pen
	ui.mu.Unlock()
	return ui.c.AddBoardElement(ctx, at.board, at.page, pen.element(points))
}

// Undo takes back one's own last edit of the page (CRVideo_BoardUIObj.undo); see Client.UndoBoard.
func (ui *BoardUIObj) Undo(ctx context.Context) (bool, error) {
	at, err := ui.current("BoardUIObj.Undo")
	if err != nil {
		return false, err
	}
	return ui.c.UndoBoard(ctx, at.board, at.page)
}

// Redo makes again what Undo took back last (CRVideo_BoardUIObj.redo); see Client.RedoBoard.
func (ui *BoardUIObj) Redo(ctx context.Context) (bool, error) {
	at, err := ui.current("BoardUIObj.Redo")
	if err != nil {
		return false, err
	}
	return ui.c.RedoBoard(ctx, at.board, at.page)
}

// Clear removes what everybody has drawn on the page, but for images (CRVideo_BoardUIObj.clear). Undo brings it back.
func (ui *BoardUIObj) Clear(ctx context.Context) error {
	at, err := ui.current("BoardUIObj.Clear")
	if err != nil {
		return err
	}
	_, err = ui.c.EditBoard(ctx, at.board, at.page, BoardEdit{Clear: true})
	return err
}

// state is the page that is shown: its board, nil if it is not there, and what is on it.
func (ui *BoardUIObj) state(ctx context.Context, op string) (*wire.Board, []*wire.BoardElement, error) {
	at, err := ui.current(op)
	if err != nil {
		return nil, nil, err
	}
	elements, err := ui.c.boardPage(ctx, op, at.board, at.page)
	if err != nil {
		return nil, nil, err
	}
	ui.c.mu.Lock()
	defer ui.c.mu.Unlock()
	if r := ui.c.room; r != nil {
		if b := r.boards[at.board]; b != nil {
			info := b.Board
			return &info, elements, nil
		}
	}
	return nil, nil, failf(op, CodeBadParameter, "the board was closed")
}

// GetCanvasElement renders the page as it is now (CRVideo_BoardUIObj.getCanvasElement, which gives the canvas): a pixel is a
// unit of the board. Errors: 5 no page is set, or there is none, 12 not logged in, 800 in no room.
func (ui *BoardUIObj) GetCanvasElement(ctx context.Context) (*image.RGBA, error) {
	board, elements, err := ui.state(ctx, "BoardUIObj.GetCanvasElement")
	if err != nil {
		return nil, err
	}
	ui.mu.Lock()
	font := ui.font
	ui.mu.Unlock()
	img, err := boardpic.Draw(ctx, boardpic.Page{Width: board.Width, Height: board.Height, Elements: elements}, font)
	return img, toError("BoardUIObj.GetCanvasElement", err)
}

// SVG renders the page as it is now. Errors: as GetCanvasElement.
func (ui *BoardUIObj) SVG(ctx context.Context) ([]byte, error) {
	board, elements, err := ui.state(ctx, "BoardUIObj.SVG")
	if err != nil {
		return nil, err
	}
	return boardpic.SVG(boardpic.Page{Width: board.Width, Height: board.Height, Elements: elements}), nil
}
