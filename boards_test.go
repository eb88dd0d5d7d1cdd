package crvideo_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// scribble is a small element.
func scribble(x, y float64) crvideo.BoardElement {
	return crvideo.BoardElement{
		Kind: crvideo.BoardPencil, Points: []crvideo.BoardPoint{{X: x, Y: y}, {X: x + 10, Y: y + 10}}, Stroke: "#ff0000", LineWidth: 4,
	}
}

func newBoard(t *testing.T, c *crvideo.Client, pages int) string {
	t.Helper()
	board, err := c.CreateBoard(testContext(t), crvideo.BoardParams{Title: "plan", Width: 640, Height: 360, PageCount: pages})
	require.NoError(t, err)
	return board.BoardID
}

func page(t *testing.T, c *crvideo.Client, board string, n int) []crvideo.BoardElement {
	t.Helper()
	eventually(t, "the board", func() bool {
		return slices.ContainsFunc(c.Boards(), func(b crvideo.BoardObj) bool { return b.BoardID == board })
	})
	elements, err := c.BoardPage(testContext(t), board, n)
	require.NoError(t, err)
	return elements
}

func TestBoards(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	ctx := testContext(t)
	atAlice, atBob := record(t, alice), record(t, bob)
	board, err := alice.CreateBoard(ctx, crvideo.BoardParams{Title: "plan", PageCount: 2})
	require.NoError(t, err)
	want := crvideo.BoardObj{BoardID: board.BoardID, Title: "plan", Width: 1280, Height: 720, PageCount: 2, Owner: "alice"}
	assert.Equal(t, want, board)
	id := board.BoardID
	atAlice.waitFor(t, crvideo.NotifyCreateBoard{Board: want, UID: "alice"})
	atBob.waitFor(t, crvideo.NotifyCreateBoard{Board: want, UID: "alice"})

	one, err := bob.AddBoardElement(ctx, id, 0, scribble(0, 0))
	require.NoError(t, err)
	require.NotEmpty(t, one.ID)
	e := waitEvent(t, atAlice, "bob's line", func(e crvideo.NotifyBoardEdited) bool { return len(e.Put) == 1 })
	assert.Equal(t, []any{id, 0, "bob", one.ID, one.Points}, []any{e.BoardID, e.PageNo, e.UID, e.Put[0].ID, e.Put[0].Points})
	got := page(t, alice, id, 0)
	require.Len(t, got, 1)
	assert.Equal(t, "bob", got[0].Author)
	assert.Equal(t, page(t, bob, id, 0), got)
	assert.Empty(t, page(t, alice, id, 1))

	moved := got[0]
	moved.Points = []crvideo.BoardPoint{{X: 1.234, Y: 5}}
	_, err = alice.EditBoard(ctx, id, 0, crvideo.BoardEdit{Put: []crvideo.BoardElement{moved, scribble(5, 5)}})
	require.NoError(t, err)
	got = page(t, alice, id, 0)
	require.Len(t, got, 2)
	assert.Equal(t, []crvideo.BoardPoint{{X: 1.23, Y: 5}}, got[0].Points)
	assert.Equal(t, []string{"bob", "alice"}, []string{got[0].Author, got[1].Author})
	undone, err := bob.UndoBoard(ctx, id, 0)
	require.NoError(t, err)
	assert.False(t, undone, "alice has changed it since")
	undone, err = alice.UndoBoard(ctx, id, 0)
	require.NoError(t, err)
	assert.True(t, undone)
	assert.Len(t, page(t, alice, id, 0), 1)
	_, err = alice.EditBoard(ctx, id, 0, crvideo.BoardEdit{Delete: []string{one.ID}})
	require.NoError(t, err)
	waitEvent(t, atBob, "it to be gone", func(e crvideo.NotifyBoardEdited) bool { return len(e.Deleted) == 1 && e.Deleted[0] == one.ID })
	assert.Empty(t, page(t, bob, id, 0))

	require.NoError(t, bob.SetBoardCurPageNo(ctx, id, 1))
	atAlice.waitFor(t, crvideo.NotifyBoardCurPageNo{BoardID: id, CurPage: 1, UID: "bob"})
	want.CurPage = 1
	assert.Equal(t, []crvideo.BoardObj{want}, alice.Boards())
	require.NoError(t, bob.CloseBoard(ctx, id))
	atAlice.waitFor(t, crvideo.NotifyCloseBoard{BoardID: id, UID: "bob"})
	assert.Empty(t, alice.Boards())
	_, err = alice.BoardPage(ctx, id, 0)
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
}

// A late joiner has what the others have, also of pages that do not fit into a message.
func TestBoardsOfALateJoiner(t *testing.T) {
	srv := newServer(t)
	alice, bob := pair(t, srv)
	ctx := testContext(t)
	id := newBoard(t, alice, 3)
	long := scribble(0, 0)
	for i := range 3000 {
		long.Points = append(long.Points, crvideo.BoardPoint{X: float64(i) + 0.25, Y: float64(i) * 0.5})
	}
	for i := range 12 {
		who := []*crvideo.Client{alice, bob}[i%2]
		_, err := who.AddBoardElement(ctx, id, 2, long)
		require.NoError(t, err)
	}
	require.NoError(t, bob.SetBoardCurPageNo(ctx, id, 2))
	carl := loggedIn(t, srv, "carl")
	seen := record(t, carl)
	require.NoError(t, carl.EnterMeeting(ctx, alice.GetMeetInfo().ID))
	init := waitEvent(t, seen, "the boards", func(crvideo.NotifyInitBoards) bool { return true })
	assert.Equal(t, carl.Boards(), init.Boards)
	assert.Equal(t, 2, init.Boards[0].CurPage)
	got := page(t, carl, id, 2)
	require.Len(t, got, 12)
	eventually(t, "the same at alice", func() bool { return assert.ObjectsAreEqual(got, page(t, alice, id, 2)) })
	assert.Empty(t, page(t, carl, id, 0))
	_, err := carl.AddBoardElement(ctx, id, 2, scribble(1, 1))
	require.NoError(t, err)
	eventually(t, "carl's line at alice", func() bool { return assert.ObjectsAreEqual(page(t, carl, id, 2), page(t, alice, id, 2)) })
}

func TestBoardBadInput(t *testing.T) {
	alice, _ := pair(t, newServer(t))
	ctx := testContext(t)
	id := newBoard(t, alice, 1)
	for name, p := range map[string]crvideo.BoardParams{
		"wide": {Width: 5000, Height: 10}, "flat": {Width: 10, Height: -1}, "pages": {PageCount: 101}, "no pages": {PageCount: -1},
		"title": {Title: string(make([]byte, 129))},
	} {
		_, err := alice.CreateBoard(ctx, p)
		assert.ErrorIs(t, err, crvideo.CodeBadParameter, name)
	}
	bad := func(change func(*crvideo.BoardElement)) crvideo.BoardElement {
		e := scribble(0, 0)
		change(&e)
		return e
	}
	nan := 0.0
	for name, e := range map[string]crvideo.BoardElement{
		"kind": {Points: scribble(0, 0).Points}, "no points": bad(func(e *crvideo.BoardElement) { e.Points = nil }),
		"NaN":      bad(func(e *crvideo.BoardElement) { e.Points[0].X = nan / nan }),
		"infinite": bad(func(e *crvideo.BoardElement) { e.Points[0].X = 1 / nan }), "far": scribble(1e6, 0),
		"colour":  bad(func(e *crvideo.BoardElement) { e.Stroke = `red"/><script>` }),
		"width":   bad(func(e *crvideo.BoardElement) { e.LineWidth = -1 }),
		"opacity": bad(func(e *crvideo.BoardElement) { e.Opacity = 2 }), "line": bad(func(e *crvideo.BoardElement) { e.LineType = 9 }),
		"text of a line": bad(func(e *crvideo.BoardElement) { e.Text = "x" }),
		"small text":     bad(func(e *crvideo.BoardElement) { e.Kind, e.Text, e.Points = crvideo.BoardText, "x", e.Points[:1] }),
		"image":          bad(func(e *crvideo.BoardElement) { e.Kind, e.Image = crvideo.BoardImage, []byte("GIF89a") }),
		"id":             bad(func(e *crvideo.BoardElement) { e.ID = string(make([]byte, 33)) }),
	} {
		_, err := alice.AddBoardElement(ctx, id, 0, e)
		assert.ErrorIs(t, err, crvideo.CodeBadParameter, name)
	}
	for _, n := range []int{-1, 1, 1000} {
		_, err := alice.BoardPage(ctx, id, n)
		assert.ErrorIs(t, err, crvideo.CodeBadParameter)
		_, err = alice.AddBoardElement(ctx, id, n, scribble(0, 0))
		assert.ErrorIs(t, err, crvideo.CodeBadParameter)
	}
	twice := scribble(0, 0)
	twice.ID = "same"
	_, err := alice.EditBoard(ctx, id, 0, crvideo.BoardEdit{Put: []crvideo.BoardElement{twice, twice}})
	assert.ErrorIs(t, err, crvideo.CodeBadParameter)
	assert.Empty(t, page(t, alice, id, 0))
}

// An edit that is cut happens once, and everybody sees each edit once.
func TestBoardsThroughCuts(t *testing.T) {
	t.Parallel()
	n, alice, bob := hurtPair(t)
	id := newBoard(t, alice, 1)
	seen := record(t, bob)
	const times = 20
	for i := range times {
		switch i % 4 {
		case 1:
			n.CutAtMessage(crvideotest.Method(toServer, "editBoard").Of("alice").Nth(1))
		case 2:
			n.CutAtMessage(crvideotest.Method(toClient, "editBoard").Of("alice").Nth(1))
		case 3:
			n.CutAtMessage(crvideotest.Method(toClient, "boardEdited").Of("bob").Nth(1))
		}
		_, err := alice.AddBoardElement(testContext(t), id, 0, scribble(float64(i), 0))
		require.NoError(t, err)
	}
	eventually(t, "all at bob", func() bool { return len(page(t, bob, id, 0)) == times })
	eventually(t, "the same at alice", func() bool { return assert.ObjectsAreEqual(page(t, alice, id, 0), page(t, bob, id, 0)) })
	var got []float64
	for _, e := range seen.all() {
		if e, is := e.(crvideo.NotifyBoardEdited); is {
			require.Len(t, e.Put, 1)
			got = append(got, e.Put[0].Points[0].X)
		}
	}
	for i, x := range got {
		assert.InDelta(t, float64(i), x, 0)
	}
	assert.Len(t, got, times)
}

// Boards of a room that no store keeps come back from those who know them, with what was drawn while the server was away.
func TestBoardsAfterARestart(t *testing.T) {
	n, alice, bob := hurtPair(t)
	ctx := testContext(t)
	id := newBoard(t, alice, 2)
	for i := range 30 {
		_, err := alice.AddBoardElement(ctx, id, 0, scribble(float64(i), 0))
		require.NoError(t, err)
	}
	_, err := bob.AddBoardElement(ctx, id, 1, scribble(0, 0)) // alice does not know this page
	require.NoError(t, err)
	_, err = alice.EditBoard(ctx, id, 0, crvideo.BoardEdit{Delete: []string{page(t, alice, id, 0)[3].ID}})
	require.NoError(t, err)
	require.NoError(t, bob.SetBoardCurPageNo(ctx, id, 1))
	eventually(t, "the page at alice", func() bool { return alice.Boards()[0].CurPage == 1 })
	before, second := page(t, alice, id, 0), page(t, bob, id, 1)
	atAlice, atBob := record(t, alice), record(t, bob)
	n.Down()
	drawn := inBackground(func() error {
		_, err := bob.AddBoardElement(testContext(t), id, 0, scribble(99, 99))
		return err
	})
	n.RestartFresh(100 * time.Millisecond)
	require.NoError(t, receive(t, drawn))
	eventually(t, "all as before, and what bob has drawn", func() bool {
		a, b := page(t, alice, id, 0), page(t, bob, id, 0)
		return len(a) == len(before)+1 && assert.ObjectsAreEqual(before, a[:len(before)]) && assert.ObjectsAreEqual(a, b) &&
			assert.ObjectsAreEqual(second, page(t, alice, id, 1))
	})
	assert.Equal(t, 1, alice.Boards()[0].CurPage)
	for _, r := range []*recorder{atAlice, atBob} {
		for _, e := range r.all() {
			switch e.(type) {
			case crvideo.NotifyCreateBoard, crvideo.NotifyCloseBoard, crvideo.NotifyBoardCurPageNo:
				t.Errorf("who was there notices: %T%+v", e, e)
			}
		}
	}
}

// A session that is forgotten while the room lives: what happened meanwhile is seen afterwards.
func TestBoardsAfterALostSession(t *testing.T) {
	n, alice, bob := hurtPair(t)
	ctx := testContext(t)
	kept, closed := newBoard(t, alice, 1), newBoard(t, alice, 1)
	first, err := alice.AddBoardElement(ctx, kept, 0, scribble(0, 0))
	require.NoError(t, err)
	require.Len(t, page(t, bob, kept, 0), 1)
	page(t, bob, closed, 0)
	seen := record(t, bob)
	back := resumed(n, "bob")
	restore := cutOff(t, n, "bob")
	_, err = alice.EditBoard(ctx, kept, 0, crvideo.BoardEdit{Delete: []string{first.ID}, Put: []crvideo.BoardElement{scribble(1, 1)}})
	require.NoError(t, err)
	require.NoError(t, alice.CloseBoard(ctx, closed))
	for i := range 2100 { // more than the server keeps for him
		eventually(t, "another name, when it is not too fast", func() bool {
			err := alice.SetNickName(ctx, "alice", fmt.Sprint("a", i))
			return err == nil || !assert.ErrorIs(t, err, crvideo.CodeTooFast)
		})
	}
	restore()
	wait(t, "resume", back.Hit())
	eventually(t, "bob as alice", func() bool {
		return len(bob.Boards()) == 1 && assert.ObjectsAreEqual(page(t, alice, kept, 0), page(t, bob, kept, 0))
	})
	seen.waitFor(t, crvideo.NotifyCloseBoard{BoardID: closed})
	e := waitEvent(t, seen, "what was missed", func(e crvideo.NotifyBoardEdited) bool { return len(e.Deleted) > 0 })
	assert.Equal(t, []string{first.ID}, e.Deleted)
}

func TestBoardsOfARegularRoomAfterARestart(t *testing.T) {
	srv := newServer(t)
	n := srv.Network()
	through := func(p *crvideo.SDKParams) { p.ServerAddr = n.URL() }
	alice := loggedIn(t, srv, "alice", through)
	room, err := alice.CreateMeeting(testContext(t), crvideo.CreateParams{Regular: true})
	require.NoError(t, err)
	require.NoError(t, alice.EnterMeeting(testContext(t), room.ID))
	id := newBoard(t, alice, 1)
	_, err = alice.AddBoardElement(testContext(t), id, 0, scribble(1, 2))
	require.NoError(t, err)
	want := page(t, alice, id, 0)
	require.NoError(t, alice.Close())
	n.RestartFresh(0)
	bob := entered(t, srv, "bob", room.ID, through)
	require.Len(t, bob.Boards(), 1)
	assert.Equal(t, want, page(t, bob, id, 0))
}

func TestMirrorBoards(t *testing.T) {
	srv := newServer(t)
	mirrored(t, srv)
	_, err := crvideo.CreateBoard("early", 10, 10, 1)
	require.ErrorIs(t, err, crvideo.CodeNotLoggedIn)
	seen := record(t, crvideo.Default())
	require.NoError(t, crvideo.Default().Login(testContext(t), loginParams("alice")))
	require.NoError(t, crvideo.Default().EnterMeeting(testContext(t), newRoom(t, crvideo.Default()).ID))
	id, err := crvideo.CreateBoard("plan", 100, 50, 2)
	require.NoError(t, err)
	require.NoError(t, crvideo.SetBoardCurPageNo(id, 1))
	seen.waitFor(t, crvideo.NotifyBoardCurPageNo{BoardID: id, CurPage: 1, UID: "alice"})
	ui, err := crvideo.CreateBoardUIObj(crvideo.BoardUIParams{BoardID: id, PageNo: 1})
	require.NoError(t, err)
	_, err = ui.Draw(testContext(t), crvideo.BoardPoint{X: 1, Y: 1})
	require.NoError(t, err)
	assert.Len(t, page(t, crvideo.Default(), id, 1), 1)
	require.NoError(t, crvideo.CloseBoard(id))
	seen.waitFor(t, crvideo.NotifyCloseBoard{BoardID: id, UID: "alice"})
	assert.ErrorIs(t, crvideo.CloseBoard(id), crvideo.CodeBadParameter)
}

func init() {
	verbs = append(verbs, []verb{
		{"CreateBoard", true, func(ctx context.Context, c *crvideo.Client) error {
			_, err := c.CreateBoard(ctx, crvideo.BoardParams{})
			return err
		}},
		{"CloseBoard", true, func(ctx context.Context, c *crvideo.Client) error { return c.CloseBoard(ctx, "b") }},
		{"SetBoardCurPageNo", true, func(ctx context.Context, c *crvideo.Client) error { return c.SetBoardCurPageNo(ctx, "b", 0) }},
		{"BoardPage", true, func(ctx context.Context, c *crvideo.Client) error { _, err := c.BoardPage(ctx, "b", 0); return err }},
		{"EditBoard", true, func(ctx context.Context, c *crvideo.Client) error {
			_, err := c.EditBoard(ctx, "b", 0, crvideo.BoardEdit{Clear: true})
			return err
		}},
		{"UndoBoard", true, func(ctx context.Context, c *crvideo.Client) error { _, err := c.UndoBoard(ctx, "b", 0); return err }},
		{"RedoBoard", true, func(ctx context.Context, c *crvideo.Client) error { _, err := c.RedoBoard(ctx, "b", 0); return err }},
	}...)
}
