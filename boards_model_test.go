package crvideo_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
)

// drawer is a member who draws at random. Of what it alone touches it knows what must be there: the model.
type drawer struct {
	t      *testing.T
	c      *crvideo.Client
	uid    string
	board  string
	rnd    *rand.Rand
	number int

	now    map[string]float64 // X of the first point of its elements
	done   []map[string]float64
	undone []map[string]float64
}

// edits makes one edit of its own elements.
func (d *drawer) edits() {
	d.done = append(d.done, maps.Clone(d.now))
	d.undone = nil
	var edit crvideo.BoardEdit
	for range 1 + d.rnd.IntN(3) {
		known := slices.Sorted(maps.Keys(d.now))
		kind := d.rnd.IntN(4)
		if len(known) == 0 || len(edit.Put)+len(edit.Delete) > 0 && kind != 0 { // one element is in an edit once
			kind = 1
		}
		x := float64(d.rnd.IntN(100))
		switch kind {
		case 0, 1:
			d.number++
			e := scribble(x, 1)
			e.ID = fmt.Sprint(d.uid, "-", d.number)
			edit.Put = append(edit.Put, e)
			d.now[e.ID] = x
		case 2:
			e := scribble(x, 2)
			e.ID, e.Version = known[d.rnd.IntN(len(known))], 1
			edit.Put = append(edit.Put, e)
			d.now[e.ID] = x
		default:
			id := known[d.rnd.IntN(len(known))]
			edit.Delete = append(edit.Delete, id)
			delete(d.now, id)
		}
	}
	_, err := d.c.EditBoard(testContext(d.t), d.board, 0, edit)
	require.NoError(d.t, err)
}

// goes takes an edit back, or makes it again.
func (d *drawer) goes(redo bool) {
	from, to, call := &d.done, &d.undone, d.c.UndoBoard
	if redo {
		from, to, call = to, from, d.c.RedoBoard
	}
	was, err := call(testContext(d.t), d.board, 0)
	require.NoError(d.t, err)
	require.Equal(d.t, len(*from) > 0, was)
	if !was {
		return
	}
	*to = append(*to, d.now)
	d.now = (*from)[len(*from)-1]
	*from = (*from)[:len(*from)-1]
}

func (d *drawer) step() {
	switch p := d.rnd.IntN(10); {
	case p < 6:
		d.edits()
	case p < 8:
		d.goes(false)
	default:
		d.goes(true)
	}
}

// meddles edits what anybody has drawn.
func (d *drawer) meddles() {
	all := page(d.t, d.c, d.board, 0)
	var edit crvideo.BoardEdit
	switch p := d.rnd.IntN(12); {
	case p == 0:
		edit.Clear = true
	case p < 4 && len(all) > 0:
		edit.Delete = []string{all[d.rnd.IntN(len(all))].ID}
	case p < 8 && len(all) > 0:
		e := all[d.rnd.IntN(len(all))]
		e.Stroke = fmt.Sprintf("#%06x", d.rnd.IntN(1<<24))
		edit.Put = []crvideo.BoardElement{e}
	case p < 10:
		_, err := d.c.UndoBoard(testContext(d.t), d.board, 0)
		require.NoError(d.t, err)
		return
	default:
		edit.Put = []crvideo.BoardElement{scribble(float64(d.rnd.IntN(100)), 3)}
	}
	_, err := d.c.EditBoard(testContext(d.t), d.board, 0, edit)
	require.NoError(d.t, err)
}

// TestBoardsConverge lets members draw at the same time, change and remove each other's elements and take back, while
// connections are cut. Who touches its own only finds what its model says; in the end all see the same, also who comes then.
func TestBoardsConverge(t *testing.T) {
	for _, run := range []struct {
		seed, members uint64
		steps         int
	}{{1, 2, 60}, {2, 3, 60}, {3, 8, 30}, {4, 50, 6}} {
		t.Run(fmt.Sprint(run.members, " members"), func(t *testing.T) {
			srv := newServer(t)
			n := srv.Network()
			light := func(p *crvideo.SDKParams) { p.ServerAddr, p.NoMedia = n.URL(), true }
			first := loggedIn(t, srv, "user0", light)
			room := newRoom(t, first).ID
			require.NoError(t, first.EnterMeeting(testContext(t), room))
			board := newBoard(t, first, 1)
			drawers := make([]*drawer, run.members)
			for i := range drawers {
				uid, c := fmt.Sprint("user", i), first
				if i > 0 {
					c = entered(t, srv, uid, room, light)
				}
				drawers[i] = &drawer{t: t, c: c, uid: uid, board: board, rnd: rand.New(rand.NewPCG(run.seed, uint64(i))), now: map[string]float64{}}
				page(t, c, board, 0)
			}
			together := func(step func(d *drawer)) {
				var all sync.WaitGroup
				for _, d := range drawers {
					all.Go(func() {
						for i := range run.steps {
							if i%20 == 5 {
								n.Cut(d.uid)
							}
							step(d)
						}
					})
				}
				all.Wait()
			}
			same := func() []crvideo.BoardElement {
				eventually(t, "all see the same", func() bool {
					want := page(t, first, board, 0)
					for _, d := range drawers {
						if !assert.ObjectsAreEqual(want, page(t, d.c, board, 0)) {
							return false
						}
					}
					return true
				})
				return page(t, first, board, 0)
			}
			together((*drawer).step)
			want := map[string]float64{}
			for _, d := range drawers {
				maps.Copy(want, d.now)
			}
			got := map[string]float64{}
			for _, e := range same() {
				got[e.ID] = e.Points[0].X
			}
			require.Equal(t, want, got)

			together((*drawer).meddles)
			all := same()
			late := entered(t, srv, "late", room, light)
			assert.Equal(t, all, page(t, late, board, 0))
		})
	}
}
