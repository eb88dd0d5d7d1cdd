//go:build browser

package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
)

// shoot saves what a page looks like if CRVIDEO_SHOTS names a folder: how the pictures in docs are made.
func shoot(t testing.TB, tab *chromiumtest.Tab, name string) {
	t.Helper()
	if dir := os.Getenv("CRVIDEO_SHOTS"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".png"), tab.Screenshot(t), 0o600))
	}
}

// pageURL is the page's address, in English.
func pageURL(srv *crvideotest.Server, room int64) string { return srv.PageURL(room, "") }

// lobby opens the page and waits for its lobby.
func lobby(t testing.TB, b *chromiumtest.Browser, url string) *chromiumtest.Tab {
	t.Helper()
	tab := b.Open(t, "about:blank")
	tab.Prepare(t, keepPlayers)
	tab.Navigate(t, url)
	tab.Wait(t, `!document.querySelector('#lobby').hidden && document.querySelector('#enter').textContent`)
	return tab
}

// fill writes into a field as a person does.
func fill(t testing.TB, tab *chromiumtest.Tab, field, text string) {
	t.Helper()
	tab.Eval(t, fmt.Sprintf(`(() => {
		const field = document.getElementById(%q);
		field.focus();
		field.value = %q;
		for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {bubbles: true}));
	})()`, field, text), nil)
}

func click(t testing.TB, tab *chromiumtest.Tab, button string) {
	t.Helper()
	tab.Eval(t, fmt.Sprintf(`document.getElementById(%q).click()`, button), nil)
}

// join goes from the lobby into the room, and gives its number.
func join(t testing.TB, tab *chromiumtest.Tab, name string) int64 {
	t.Helper()
	fill(t, tab, "name", name)
	click(t, tab, "enter")
	tab.Wait(t, `!document.querySelector('#room').hidden`)
	var room string
	tab.Eval(t, `new URLSearchParams(location.hash.slice(1)).get('room')`, &room)
	n, err := strconv.ParseInt(room, 10, 64)
	require.NoError(t, err)
	return n
}

// tile is the JavaScript for the tile of a member with this name, and video for its picture.
func tile(name string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('.tile')].find((t) => t.querySelector('.who').textContent.replace(' (you)', '') === %q)`, name)
}

func video(name string) string { return tile(name) + `.querySelector('video')` }

// shows waits until a tile's picture moves.
func shows(t testing.TB, tab *chromiumtest.Tab, name string) {
	t.Helper()
	tab.Wait(t, video(name)+`.videoWidth > 0 && `+video(name)+`.style.visibility === 'visible'`)
	var at float64
	tab.Eval(t, video(name)+`.currentTime`, &at)
	tab.Wait(t, fmt.Sprintf(`%s.currentTime > %f`, video(name), at))
}

// TestRoomOfFive: three browsers and two Go clients see and hear each other.
func TestRoomOfFive(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann, bob := goClient(t, srv, "ann"), goClient(t, srv, "bob")
	browser := chromiumtest.Start(t, chromiumtest.Devices...)
	first := lobby(t, browser, pageURL(srv, 0))
	first.Wait(t, `document.querySelector('#preview').videoWidth > 0`)
	fill(t, first, "name", "Grace Hopper")
	shoot(t, first, "lobby")
	room := join(t, first, "Grace Hopper")
	names := []string{"Grace Hopper", "王小明", "Tim"}
	tabs := []*chromiumtest.Tab{first}
	for _, name := range names[1:] {
		tab := lobby(t, browser, pageURL(srv, room))
		require.Equal(t, room, join(t, tab, name))
		tabs = append(tabs, tab)
	}
	require.NoError(t, ann.EnterMeeting(testContext(t), room))
	require.NoError(t, bob.EnterMeeting(testContext(t), room))
	publishes(t, ann)
	publishes(t, bob)
	for _, tab := range tabs {
		tab.Wait(t, `document.querySelectorAll('.tile').length === 5`)
		for _, name := range append([]string{"ann", "bob"}, names...) {
			shows(t, tab, name)
		}
		for name, num := range map[string]uint32{"ann": 4, "bob": 5} {
			member, _ := look(t, tab, video(name))
			require.Equal(t, num, member, "the tile of %s", name)
		}
		hears(t, tab, 4, 5)
	}
	first.Wait(t, `[...document.querySelectorAll('.bars')].every((b) => b.dataset.level === '3')`)
	click(t, tabs[2], "camera")
	click(t, tabs[2], "mic")
	first.Wait(t, tile("Tim")+`.textContent.includes('microphone off') && !`+tile("Tim")+`.querySelector('.face').hidden`)
	shoot(t, first, "room")
	first.Size(t, 390, 844, true)
	first.Wait(t, `innerWidth === 390`)
	shoot(t, first, "phone")
	for _, c := range ann.GetAllMembers() {
		if c.UID != "ann" && c.UID != "bob" && c.Nickname != "Tim" {
			seesFakeCamera(t, ann, c.UID)
			hearsBeep(t, bob, c.UID)
		}
	}
}
