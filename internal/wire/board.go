package wire

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"regexp"
)

// Methods about whiteboards.
const (
	MethodCreateBoard      = "createBoard"      // Board -> Board
	MethodCloseBoard       = "closeBoard"       // BoardIDParams
	MethodSetBoardPage     = "setBoardPage"     // BoardPageParams
	MethodGetBoardPage     = "getBoardPage"     // GetBoardPageParams -> BoardPageResult
	MethodEditBoard        = "editBoard"        // EditBoardParams -> EditBoardResult
	MethodUndoBoard        = "undoBoard"        // UndoBoardParams -> EditBoardResult
	MethodRestoreBoards    = "restoreBoards"    // RestoreBoardsParams -> RestoreBoardsResult
	MethodRestoreBoardPage = "restoreBoardPage" // RestoreBoardPageParams
)

// Notifications about whiteboards, to everybody in the room, whoever made the change included.
const (
	NotifyBoardCreated = "boardCreated" // BoardCreated
	NotifyBoardClosed  = "boardClosed"  // BoardClosed
	NotifyBoardPage    = "boardPage"    // BoardPageChanged
	NotifyBoardEdited  = "boardEdited"  // BoardEdited
)

// Kinds of elements.
const (
	BoardLine    = "line"    // a polyline
	BoardRect    = "rect"    // two corners
	BoardEllipse = "ellipse" // two corners of the rectangle around it
	BoardPencil  = "pencil"  // drawn by hand: a polyline
	BoardText    = "text"    // the upper left corner
	BoardImage   = "image"   // two corners; under everything that is drawn
)

// BoardDashed is the Line of an element that is not solid.
const BoardDashed = 3

// Board describes a whiteboard of a room.
type Board struct {
	ID        string `json:"id"` // chosen by whoever creates it
	Title     string `json:"title,omitempty"`
	Width     int    `json:"width"` // units of its coordinates; a unit is a pixel where nothing is scaled
	Height    int    `json:"height"`
	PageCount int    `json:"pageCount"`
	CurPage   int    `json:"curPage,omitempty"` // from 0
	Pos1      int    `json:"pos1,omitempty"`    // how far the page is scrolled
	Pos2      int    `json:"pos2,omitempty"`
	By        string `json:"by,omitempty"`      // UID of who created it; the server sets these three
	Created   uint64 `json:"created,omitempty"` // its first version
	Version   uint64 `json:"version,omitempty"` // of its last change, what is drawn on it aside
}

// Validate implements Validator.
func (b *Board) Validate() *Error {
	switch {
	case b.Width < 1 || b.Width > MaxBoardSide || b.Height < 1 || b.Height > MaxBoardSide:
		return Errorf(CodeBadParameter, "size %d x %d: sides are 1 to %d", b.Width, b.Height, MaxBoardSide)
	case b.PageCount < 1 || b.PageCount > MaxBoardPages:
		return Errorf(CodeBadParameter, "pageCount %d is not 1 to %d", b.PageCount, MaxBoardPages)
	case b.CurPage < 0 || b.CurPage >= b.PageCount:
		return Errorf(CodeBadParameter, "curPage %d is not 0 to %d", b.CurPage, b.PageCount-1)
	}
	return firstError(checkBoardID("id", b.ID), atMost("title", b.Title, MaxBoardTitleBytes), atMost("by", b.By, MaxUIDBytes))
}

func checkBoardID(field, id string) *Error {
	if id == "" {
		return missing(field)
	}
	return atMost(field, id, MaxBoardIDBytes)
}

func checkBoardPage(board string, page int) *Error {
	if page < 0 || page >= MaxBoardPages {
		return Errorf(CodeBadParameter, "page %d: pages are counted from 0", page)
	}
	return checkBoardID("board", board)
}

// BoardIDParams name a board.
type BoardIDParams struct {
	Board string `json:"board"`
}

// Validate implements Validator.
func (p *BoardIDParams) Validate() *Error { return checkBoardID("board", p.Board) }

// BoardPageParams let everybody look at a page.
type BoardPageParams struct {
	Board string `json:"board"`
	Page  int    `json:"page"`
	Pos1  int    `json:"pos1,omitempty"`
	Pos2  int    `json:"pos2,omitempty"`
}

// Validate implements Validator.
func (p *BoardPageParams) Validate() *Error { return checkBoardPage(p.Board, p.Page) }

// GetBoardPageParams ask for the elements of a page whose Order is above After.
type GetBoardPageParams struct {
	Board string `json:"board"`
	Page  int    `json:"page"`
	After uint64 `json:"after,omitempty"`
}

// Validate implements Validator.
func (p *GetBoardPageParams) Validate() *Error { return checkBoardPage(p.Board, p.Page) }

// BoardPageResult has as many elements as fit into a message, in their order.
type BoardPageResult struct {
	Elements []*BoardElement `json:"elements,omitempty"`
	More     bool            `json:"more,omitempty"` // ask again with the last one's Order
	Version  uint64          `json:"version"`        // of the page
}

// BoardElement is something drawn on a page.
type BoardElement struct {
	ID      string    `json:"id"` // chosen by its author
	Kind    string    `json:"kind"`
	Points  []float64 `json:"points"`           // x, y, x, y, ...
	Stroke  string    `json:"stroke,omitempty"` // #rrggbb; none: no line. Of a text, its colour
	Fill    string    `json:"fill,omitempty"`   // #rrggbb; none: not filled
	Width   float64   `json:"width,omitempty"`  // of the line
	Line    int       `json:"line,omitempty"`   // 3 dashed, else solid
	Opacity float64   `json:"opacity,omitempty"`
	Text    string    `json:"text,omitempty"`
	Size    float64   `json:"size,omitempty"`  // of the text's letters
	Image   []byte    `json:"image,omitempty"` // PNG or JPEG

	Author  string `json:"author,omitempty"`  // the server sets these: who added it
	Order   uint64 `json:"order,omitempty"`   // what is above what
	Version uint64 `json:"version,omitempty"` // of its last change; in a request: it is a change of an element that there is
}

// Bytes is how long the element is on the wire.
func (e *BoardElement) Bytes() int {
	text, _ := json.Marshal(e) // fails only for numbers that Validate refuses
	return len(text)
}

var colour = regexp.MustCompile(`^(#[0-9a-f]{6})?$`)

// pointsOf tells how many coordinates an element may have.
func pointsOf(kind string) (least, most int) {
	switch kind {
	case BoardPencil, BoardLine:
		return 2, 2 * MaxBoardPoints
	case BoardRect, BoardEllipse, BoardImage:
		return 4, 4
	case BoardText:
		return 2, 2
	}
	return 0, 0
}

// Validate implements Validator.
func (e *BoardElement) Validate() *Error {
	least, most := pointsOf(e.Kind)
	n := len(e.Points)
	switch {
	case most == 0:
		return Errorf(CodeBadParameter, "kind %.20q is none", e.Kind)
	case n < least || n > most || n%2 != 0:
		return Errorf(CodeBadParameter, "points: %d numbers, a %s has %d to %d, two for each point", n, e.Kind, least, most)
	case !colour.MatchString(e.Stroke) || !colour.MatchString(e.Fill):
		return Errorf(CodeBadParameter, "stroke %.20q, fill %.20q: a colour is #rrggbb", e.Stroke, e.Fill)
	case !(e.Width >= 0 && e.Width <= MaxBoardLineWidth):
		return Errorf(CodeBadParameter, "width %v is not 0 to %d", e.Width, MaxBoardLineWidth)
	case e.Line < 0 || e.Line > BoardDashed:
		return Errorf(CodeBadParameter, "line %d is not 0 to %d", e.Line, BoardDashed)
	case !(e.Opacity >= 0 && e.Opacity <= 1):
		return Errorf(CodeBadParameter, "opacity %v is not 0 to 1", e.Opacity)
	case !(e.Size >= 0 && e.Size <= MaxBoardTextSize) || e.Kind == BoardText && e.Size < 1:
		return Errorf(CodeBadParameter, "size %v is not 1 to %d", e.Size, MaxBoardTextSize)
	case e.Kind != BoardText && e.Text != "" || e.Kind != BoardImage && len(e.Image) > 0:
		return Errorf(CodeBadParameter, "a %s has no text or image", e.Kind)
	}
	for _, v := range e.Points {
		if !(math.Abs(v) <= MaxBoardCoordinate) { // NaN, too
			return Errorf(CodeBadParameter, "points: %v is too far away", v)
		}
	}
	if e.Kind == BoardImage {
		if err := checkBoardImage(e.Image); err != nil {
			return err
		}
	}
	return firstError(checkBoardID("id", e.ID), atMost("text", e.Text, MaxBoardTextBytes), atMost("author", e.Author, MaxUIDBytes))
}

var pngSignature, jpegSignature = []byte("\x89PNG\r\n\x1a\n"), []byte("\xff\xd8\xff")

// IsPNG tells whether a board's image is a PNG; else it is a JPEG.
func IsPNG(data []byte) bool { return bytes.HasPrefix(data, pngSignature) }

// checkBoardImage looks at an image's head only. The size keeps what decodes it from running out of memory.
func checkBoardImage(data []byte) *Error {
	var cfg image.Config
	var err error
	switch {
	case len(data) > MaxBoardImageBytes:
		return Errorf(CodeBadParameter, "image: %d bytes, at most %d are allowed", len(data), MaxBoardImageBytes)
	case IsPNG(data):
		cfg, err = png.DecodeConfig(bytes.NewReader(data))
	case bytes.HasPrefix(data, jpegSignature):
		cfg, err = jpeg.DecodeConfig(bytes.NewReader(data))
	default:
		return Errorf(CodeBadParameter, "image: neither PNG nor JPEG")
	}
	if err != nil {
		return Errorf(CodeBadParameter, "image: %v", err)
	}
	if cfg.Width < 1 || cfg.Height < 1 || cfg.Width > MaxBoardSide || cfg.Height > MaxBoardSide {
		return Errorf(CodeBadParameter, "image: %d x %d, sides are 1 to %d", cfg.Width, cfg.Height, MaxBoardSide)
	}
	return nil
}

// EditBoardParams are one edit of a page: all is removed if Clear is set, but for images; then Delete; and Put is added or,
// with a Version, changed. Elements that are gone already are no error.
type EditBoardParams struct {
	Board  string          `json:"board"`
	Page   int             `json:"page"`
	Clear  bool            `json:"clear,omitempty"`
	Delete []string        `json:"delete,omitempty"`
	Put    []*BoardElement `json:"put,omitempty"`
}

// Validate implements Validator.
func (p *EditBoardParams) Validate() *Error {
	if len(p.Delete) > MaxBoardElements {
		return Errorf(CodeBadParameter, "delete: %d elements, at most %d are allowed", len(p.Delete), MaxBoardElements)
	}
	for _, id := range p.Delete {
		if err := checkBoardID("delete", id); err != nil {
			return err
		}
	}
	return firstError(checkBoardPage(p.Board, p.Page), checkElements("put", p.Put))
}

func checkElements(field string, elements []*BoardElement) *Error {
	if len(elements) > MaxBoardPut {
		return Errorf(CodeBadParameter, "%s: %d elements, at most %d are allowed", field, len(elements), MaxBoardPut)
	}
	seen := make(map[string]bool, len(elements))
	for _, e := range elements {
		switch {
		case e == nil:
			return missing(field)
		case seen[e.ID]:
			return Errorf(CodeBadParameter, "%s: element %.40q is there twice", field, e.ID)
		}
		seen[e.ID] = true
		if err := e.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// UndoBoardParams take back the caller's last edit of a page, or make the last one that was taken back again.
type UndoBoardParams struct {
	Board string `json:"board"`
	Page  int    `json:"page"`
	Redo  bool   `json:"redo,omitempty"`
}

// Validate implements Validator.
func (p *UndoBoardParams) Validate() *Error { return checkBoardPage(p.Board, p.Page) }

// EditBoardResult answers an edit.
type EditBoardResult struct {
	Done    bool   `json:"done"` // false: there was nothing to do
	Version uint64 `json:"version,omitempty"`
}

// BoardCreated tells of a new board.
type BoardCreated struct {
	Board Board `json:"board"`
}

// BoardClosed tells that a board is gone.
type BoardClosed struct {
	Board string `json:"board"`
	By    string `json:"by,omitempty"`
}

// BoardPageChanged tells which page everybody shall look at.
type BoardPageChanged struct {
	Board   string `json:"board"`
	Page    int    `json:"page"`
	Pos1    int    `json:"pos1,omitempty"`
	Pos2    int    `json:"pos2,omitempty"`
	By      string `json:"by,omitempty"`
	Version uint64 `json:"version"`
}

// BoardEdited tells of an edit, or of a part of one that is too long for a message.
type BoardEdited struct {
	Board   string          `json:"board"`
	Page    int             `json:"page"`
	Put     []*BoardElement `json:"put,omitempty"` // as they are now
	Delete  []string        `json:"delete,omitempty"`
	Version uint64          `json:"version,omitempty"` // of the page; 0: more of the edit follows
	By      string          `json:"by,omitempty"`
}

// BoardPageState is how much of a page a client knows.
type BoardPageState struct {
	Board   string `json:"board"`
	Page    int    `json:"page"`
	Version uint64 `json:"version,omitempty"`
}

// RestoreBoardsParams are the boards that a client knew on a server that was restarted since, and the pages whose elements
// it has.
type RestoreBoardsParams struct {
	Boards []Board          `json:"boards"`
	Pages  []BoardPageState `json:"pages,omitempty"`
}

// Validate implements Validator.
func (p *RestoreBoardsParams) Validate() *Error {
	if len(p.Boards) > MaxBoards || len(p.Pages) > MaxBoards*MaxBoardPages {
		return Errorf(CodeBadParameter, "boards: %d boards and %d pages are too many", len(p.Boards), len(p.Pages))
	}
	for i := range p.Boards {
		if err := p.Boards[i].Validate(); err != nil {
			return err
		}
	}
	for _, page := range p.Pages {
		if err := checkBoardPage(page.Board, page.Page); err != nil {
			return err
		}
	}
	return nil
}

// RestoreBoardsResult tells which of the pages the server lacks.
type RestoreBoardsResult struct {
	Wanted []BoardPageState `json:"wanted,omitempty"`
}

// RestoreBoardPageParams are elements of such a page.
type RestoreBoardPageParams struct {
	Board    string          `json:"board"`
	Page     int             `json:"page"`
	Version  uint64          `json:"version,omitempty"` // with the last part: of the page that is complete now
	Elements []*BoardElement `json:"elements,omitempty"`
}

// Validate implements Validator.
func (p *RestoreBoardPageParams) Validate() *Error {
	return firstError(checkBoardPage(p.Board, p.Page), checkElements("elements", p.Elements))
}

// SomeElements tells how many of the first elements fit into a message; at least one, since each of them does.
func SomeElements(elements []*BoardElement) int {
	n, length := 0, 0
	for n < len(elements) && n < MaxBoardPut {
		length += elements[n].Bytes()
		if n > 0 && length > maxElementsBytes {
			break
		}
		n++
	}
	return n
}

// maxElementsBytes leaves room for what is around the elements in a message.
const maxElementsBytes = MaxMessageBytes - 64<<10
