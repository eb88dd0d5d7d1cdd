package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/wire"
)

func testBoard(id string) *wire.Board {
	return &wire.Board{ID: id, Title: "t", Width: 640, Height: 360, PageCount: 3}
}

// line is a small element.
func line(id string) *wire.BoardElement {
	return &wire.BoardElement{ID: id, Kind: wire.BoardPencil, Points: []float64{1, 2, 3, 4}, Stroke: "#ff0000", Width: 2}
}

// long is one of about so many bytes.
func longLine(id string, bytes int) *wire.BoardElement {
	el := line(id)
	for range bytes / 14 {
		el.Points = append(el.Points, 12345, 12.345)
	}
	return el
}

func (c *client) newBoard(id string) {
	c.t.Helper()
	c.must(wire.MethodCreateBoard, testBoard(id), nil)
}

func (c *client) edit(p wire.EditBoardParams) wire.EditBoardResult {
	c.t.Helper()
	var r wire.EditBoardResult
	p.Board = "b"
	c.must(wire.MethodEditBoard, p, &r)
	return r
}

func (c *client) draws(ids ...string) {
	c.t.Helper()
	for _, id := range ids {
		c.edit(wire.EditBoardParams{Put: []*wire.BoardElement{line(id)}})
	}
}

func (c *client) undo(redo bool) bool {
	c.t.Helper()
	var r wire.EditBoardResult
	c.must(wire.MethodUndoBoard, wire.UndoBoardParams{Board: "b", Redo: redo}, &r)
	return r.Done
}

// boardPage reads a page, part after part.
func (c *client) boardPage(page int) []*wire.BoardElement {
	c.t.Helper()
	var all []*wire.BoardElement
	for after := uint64(0); ; {
		var r wire.BoardPageResult
		c.must(wire.MethodGetBoardPage, wire.GetBoardPageParams{Board: "b", Page: page, After: after}, &r)
		all = append(all, r.Elements...)
		if !r.More {
			return all
		}
		after = r.Elements[len(r.Elements)-1].Order
	}
}

// shows tells the IDs of what is on the first page, from the bottom to the top.
func (c *client) shows() string {
	c.t.Helper()
	var ids []string
	for _, el := range c.boardPage(0) {
		ids = append(ids, el.ID)
	}
	return strings.Join(ids, " ")
}

func TestBoards(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	var made wire.Board
	ann.must(wire.MethodCreateBoard, testBoard("b"), &made)
	assert.Equal(t, "ann", made.By)
	assert.NotZero(t, made.Created)
	for _, c := range []*client{ann, bob} {
		assert.Equal(t, made, note[wire.BoardCreated](c, wire.NotifyBoardCreated).Board)
	}
	ann.must(wire.MethodCreateBoard, testBoard("b"), nil) // it is the same one
	ann.quiet()
	bob.fails(wire.CodeBadParameter, wire.MethodCreateBoard, testBoard("b"))
	bob.must(wire.MethodSetBoardPage, wire.BoardPageParams{Board: "b", Page: 2, Pos1: 7}, nil)
	moved := note[wire.BoardPageChanged](ann, wire.NotifyBoardPage)
	assert.Equal(t, wire.BoardPageChanged{Board: "b", Page: 2, Pos1: 7, By: "bob", Version: moved.Version}, moved)
	bob.fails(wire.CodeBadParameter, wire.MethodSetBoardPage, wire.BoardPageParams{Board: "b", Page: 3})
	bob.fails(wire.CodeBadParameter, wire.MethodSetBoardPage, wire.BoardPageParams{Board: "x"})

	carl := login(t, s, "carl")
	made.CurPage, made.Pos1, made.Version = 2, 7, moved.Version
	assert.Equal(t, []wire.Board{made}, carl.enter(room).Boards)
	bob.must(wire.MethodCloseBoard, wire.BoardIDParams{Board: "b"}, nil)
	assert.Equal(t, wire.BoardClosed{Board: "b", By: "bob"}, note[wire.BoardClosed](carl, wire.NotifyBoardClosed))
	bob.fails(wire.CodeBadParameter, wire.MethodCloseBoard, wire.BoardIDParams{Board: "b"})
	bob.fails(wire.CodeBadParameter, wire.MethodGetBoardPage, wire.GetBoardPageParams{Board: "b"})
	bob.fails(wire.CodeBadParameter, wire.MethodUndoBoard, wire.UndoBoardParams{Board: "b"})

	for i := range wire.MaxBoards {
		bob.newBoard(fmt.Sprint(i))
	}
	bob.fails(wire.CodeBadParameter, wire.MethodCreateBoard, testBoard("one more"))
}

func TestBoardEdits(t *testing.T) {
	s := start(t)
	ann, bob, _ := two(t, s)
	ann.newBoard("b")
	ann.draws("1", "2")
	bob.draws("3")
	assert.Equal(t, "1 2 3", bob.shows())
	bob.skip(1) // the board
	told := note[wire.BoardEdited](bob, wire.NotifyBoardEdited)
	require.Len(t, told.Put, 1)
	one := told.Put[0]
	assert.Equal(t, "ann", one.Author)
	assert.Equal(t, one.Version, told.Version)

	bob.fails(wire.CodeBadParameter, wire.MethodEditBoard, wire.EditBoardParams{Board: "b", Put: []*wire.BoardElement{line("1")}})
	moved := *one
	moved.Points = []float64{9, 9}
	bob.edit(wire.EditBoardParams{Put: []*wire.BoardElement{&moved}})
	page := ann.boardPage(0)
	assert.Equal(t, []float64{9, 9}, page[0].Points)
	assert.Equal(t, "ann", page[0].Author, "who added it")
	assert.Equal(t, one.Order, page[0].Order, "it stays where it was")

	assert.True(t, ann.edit(wire.EditBoardParams{Delete: []string{"1", "nothing"}}).Done)
	assert.False(t, ann.edit(wire.EditBoardParams{Delete: []string{"1"}}).Done)
	assert.False(t, bob.edit(wire.EditBoardParams{Put: []*wire.BoardElement{&moved}}).Done, "what was removed is not changed any more")
	assert.Equal(t, "2 3", ann.shows())
	picture := &wire.BoardElement{ID: "image", Kind: wire.BoardImage, Points: []float64{0, 0, 10, 10}, Image: somePNG(t, 2, 2)}
	ann.edit(wire.EditBoardParams{Put: []*wire.BoardElement{picture}})
	ann.edit(wire.EditBoardParams{Clear: true, Put: []*wire.BoardElement{line("4")}})
	assert.Equal(t, "image 4", bob.shows())
}

func somePNG(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))))
	return out.Bytes()
}

func TestBoardUndo(t *testing.T) {
	s := start(t)
	ann, bob, room := two(t, s)
	ann.newBoard("b")
	assert.False(t, ann.undo(false))
	ann.draws("1")
	bob.draws("2")
	ann.draws("3")
	assert.True(t, ann.undo(false))
	assert.Equal(t, "1 2", ann.shows(), "only one's own")
	assert.True(t, ann.undo(false))
	assert.False(t, ann.undo(false))
	assert.Equal(t, "2", ann.shows())
	assert.True(t, ann.undo(true))
	assert.True(t, ann.undo(true))
	assert.False(t, ann.undo(true))
	assert.Equal(t, "1 2 3", ann.shows(), "where they were")
	ann.undo(false)
	ann.draws("4")
	assert.False(t, ann.undo(true), "another edit ends what could be made again")

	change := *ann.boardPage(0)[0]
	change.Width = 9
	bob.edit(wire.EditBoardParams{Put: []*wire.BoardElement{&change}})
	assert.True(t, ann.undo(false)) // 4
	assert.False(t, ann.undo(false), "the other one was changed by bob since")
	assert.True(t, bob.undo(false))
	assert.InDelta(t, 2, ann.boardPage(0)[0].Width, 0)

	bob.edit(wire.EditBoardParams{Clear: true})
	assert.Empty(t, ann.shows())
	assert.True(t, bob.undo(false))
	assert.Equal(t, "1 2", ann.shows())

	bob.must(wire.MethodExitMeeting, nil, nil)
	bob.enter(room)
	assert.True(t, bob.undo(false), "who comes back may go on")
	assert.Equal(t, "1", ann.shows())
	ann.must(wire.MethodCloseBoard, wire.BoardIDParams{Board: "b"}, nil)
	ann.newBoard("b")
	assert.False(t, ann.undo(false))
}

// TestBoardHistoryIsBounded by number and by bytes; the oldest edits go first.
func TestBoardHistoryIsBounded(t *testing.T) {
	h, b := boardHistory{}, &board{}
	for range maxBoardEdits + 10 {
		h.add(&boardEdit{by: "ann", board: b, bytes: 1})
	}
	assert.Len(t, h.edits, maxBoardEdits)
	h.add(&boardEdit{by: "bob", board: b, bytes: maxHistoryBytes - 10})
	assert.LessOrEqual(t, h.bytes, maxHistoryBytes)
	assert.Len(t, h.edits, 11)
	assert.Equal(t, "bob", h.last("bob", b, 0, false).by)
	h.forget(b)
	assert.Zero(t, h.bytes)
}

func TestBoardLimits(t *testing.T) {
	s := start(t, withLimits(func(l *Limits) { l.BytesPerSecond, l.ByteBurst = 1<<30, 1<<30 }))
	ann, bob, _ := two(t, s)
	ann.newBoard("b")
	full := func(prefix string) (put []*wire.BoardElement) {
		for i := range wire.MaxBoardPut {
			put = append(put, line(fmt.Sprint(prefix, i)))
		}
		return put
	}
	for i := range wire.MaxBoardElements / wire.MaxBoardPut {
		ann.edit(wire.EditBoardParams{Put: full(fmt.Sprint(i, "-"))})
	}
	one := wire.EditBoardParams{Board: "b", Put: []*wire.BoardElement{line("one more")}}
	ann.fails(wire.CodeBadParameter, wire.MethodEditBoard, one)
	one.Delete = []string{"0-0"}
	ann.edit(one)
	require.Len(t, bob.boardPage(0), wire.MaxBoardElements)
	ann.edit(wire.EditBoardParams{Clear: true})
	ann.notes, bob.notes = nil, nil
	assert.True(t, ann.undo(false)) // told in parts that fit into messages
	require.Len(t, bob.boardPage(0), wire.MaxBoardElements)

	n := 0
	for ann.answer(ann.send(wire.MethodEditBoard, wire.EditBoardParams{Board: "b", Page: 1, Put: []*wire.BoardElement{longLine(fmt.Sprint(n), 50_000)}})).Error == nil {
		n++
	}
	assert.InDelta(t, wire.MaxBoardPageBytes/50_000, n, 4)
	require.Len(t, bob.boardPage(1), n)
	// what is removed by undo leaves its room to others, and cannot come back into it
	bob.edit(wire.EditBoardParams{Page: 2, Put: []*wire.BoardElement{longLine("bob's", 50_000)}})
	var r wire.EditBoardResult
	bob.must(wire.MethodUndoBoard, wire.UndoBoardParams{Board: "b", Page: 2}, &r)
	for i := range n {
		ann.edit(wire.EditBoardParams{Page: 2, Put: []*wire.BoardElement{longLine(fmt.Sprint(i), 50_000)}})
	}
	bob.fails(wire.CodeBadParameter, wire.MethodUndoBoard, wire.UndoBoardParams{Board: "b", Page: 2, Redo: true})
}

// TestBoardsSurviveARestart of a server with a store, as they are, but for what could be undone.
func TestBoardsSurviveARestart(t *testing.T) {
	path := t.TempDir() + "/rooms.json"
	open := func() *FileStore {
		store, err := OpenFileStore(path)
		require.NoError(t, err)
		return store
	}
	var room wire.MeetInfo
	var before []*wire.BoardElement
	t.Run("before", func(t *testing.T) {
		s := start(t, withStore(open()))
		ann := login(t, s, "ann")
		room = ann.create(wire.CreateMeetingParams{Regular: true})
		ann.enter(room.ID)
		ann.newBoard("b")
		ann.draws("1", "2")
		ann.edit(wire.EditBoardParams{Page: 1, Put: []*wire.BoardElement{longLine("long", 50_000)}})
		ann.edit(wire.EditBoardParams{Delete: []string{"1"}})
		before = append(ann.boardPage(0), ann.boardPage(1)...)
	})
	s := start(t, withStore(open()))
	bob := login(t, s, "bob")
	boards := bob.enter(room.ID).Boards
	require.Len(t, boards, 1)
	assert.Equal(t, "ann", boards[0].By)
	assert.Equal(t, before, append(bob.boardPage(0), bob.boardPage(1)...))
	bob.must(wire.MethodDestroyMeeting, wire.MeetIDParams{MeetID: room.ID}, nil)
	assert.Empty(t, open().boards)
	assert.NoFileExists(t, open().boardsPath(room.ID))
}

func TestStoredBoardsThatAreBroken(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON": `{`, "board": `{"boards":[{"id":""}]}`,
		"element": `{"boards":[{"id":"b","width":1,"height":1,"pageCount":1,"pages":[{"page":0,"elements":[{"id":"x","kind":"x"}]}]}]}`,
	} {
		store := NewMemoryStore()
		require.NoError(t, store.SaveRoom(t.Context(), StoredRoom{ID: 12345678, AppID: "app", Boards: json.RawMessage(text)}))
		_, err := New(Config{Addr: "127.0.0.1:0", Store: store})
		assert.ErrorContains(t, err, "boards of room 12345678", name)
	}
}

// TestBoardsAreRestored: who comes back to a server that has forgotten the room brings them, and what was removed
// meanwhile does not come back.
func TestBoardsAreRestored(t *testing.T) {
	s := start(t)
	ann, bob, _ := two(t, s)
	el := func(id string, version uint64) *wire.BoardElement {
		e := line(id)
		e.Author, e.Version, e.Order = "eve", version, version
		return e
	}
	info := *testBoard("b")
	info.By, info.Created, info.Version = "eve", 5, 7
	known := wire.RestoreBoardsParams{Boards: []wire.Board{info}, Pages: []wire.BoardPageState{{Board: "b", Version: 30}, {Board: "b", Page: 9, Version: 30}}}
	var r wire.RestoreBoardsResult
	ann.must(wire.MethodRestoreBoards, known, &r)
	assert.Equal(t, []wire.BoardPageState{{Board: "b", Version: 30}}, r.Wanted)
	ann.must(wire.MethodRestoreBoardPage, wire.RestoreBoardPageParams{Board: "b", Elements: []*wire.BoardElement{el("1", 10), el("2", 20)}}, nil)
	ann.must(wire.MethodRestoreBoardPage, wire.RestoreBoardPageParams{Board: "b", Elements: []*wire.BoardElement{el("3", 30)}, Version: 30}, nil)
	assert.Equal(t, "1 2 3", bob.shows())
	assert.Equal(t, "eve", bob.boardPage(0)[0].Author)
	var nothing wire.RestoreBoardsResult
	bob.must(wire.MethodRestoreBoards, known, &nothing)
	assert.Empty(t, nothing.Wanted, "no more than what is here")

	ann.draws("new")
	ann.edit(wire.EditBoardParams{Delete: []string{"3"}})
	known.Pages[0].Version = 40
	bob.must(wire.MethodRestoreBoards, known, &r)
	require.Len(t, r.Wanted, 1)
	changed := el("1", 40)
	changed.Order = 10
	bob.must(wire.MethodRestoreBoardPage, wire.RestoreBoardPageParams{Board: "b", Version: 40, Elements: []*wire.BoardElement{changed, el("3", 30)}}, nil)
	assert.Equal(t, "1 new", ann.shows(), "2 had been removed before the restart, 3 has been since")
	assert.EqualValues(t, 40, ann.boardPage(0)[0].Version)

	// versions of a clock that is ahead, and orders that are taken
	far := el("far", 1<<62)
	twin := el("twin", 41)
	twin.Order = 10
	bob.must(wire.MethodRestoreBoardPage, wire.RestoreBoardPageParams{Board: "b", Elements: []*wire.BoardElement{far, twin}}, nil)
	assert.Equal(t, "1 new far twin", ann.shows())
	ann.must(wire.MethodCloseBoard, wire.BoardIDParams{Board: "b"}, nil)
	bob.must(wire.MethodRestoreBoards, known, nil)
	bob.fails(wire.CodeBadParameter, wire.MethodGetBoardPage, wire.GetBoardPageParams{Board: "b"})

	bob.newBoard("b")
	endless := func(part int) wire.RestoreBoardPageParams {
		p := wire.RestoreBoardPageParams{Board: "b"}
		for i := range wire.MaxBoardPut {
			p.Elements = append(p.Elements, el(fmt.Sprint(part, "-", i), 1))
		}
		return p
	}
	for i := range wire.MaxBoardElements / wire.MaxBoardPut {
		bob.must(wire.MethodRestoreBoardPage, endless(i), nil)
	}
	bob.fails(wire.CodeBadParameter, wire.MethodRestoreBoardPage, endless(99))
}
