package crvideo

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"path"
	"time"
)

//go:embed boardui.html
var boardPageHTML []byte

//go:embed boardui.js
var boardPageScript []byte

// Handler is the object's face for a browser, to be mounted wherever the application likes (handler() in JavaScript, which
// gives a DOM element): a page that follows what is drawn, "page.svg" and "page.png". Mount it with a trailing slash:
//
//	mux.Handle("/board/", http.StripPrefix("/board", ui.Handler()))
func (ui *BoardUIObj) Handler() http.Handler { return http.HandlerFunc(ui.serve) }

const (
	boardPagePolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; style-src 'unsafe-inline'"
	boardSVGPolicy  = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"
)

func (ui *BoardUIObj) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", boardPagePolicy)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "only GET", http.StatusMethodNotAllowed)
		return
	}
	switch path.Base(path.Clean("/" + r.URL.Path)) {
	case "/":
		h.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(boardPageHTML) // who asked is gone: nobody to tell
	case "page.js":
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write(boardPageScript)
	case "page.svg":
		svg, err := ui.SVG(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		h.Set("Content-Security-Policy", boardSVGPolicy)
		h.Set("Content-Type", "image/svg+xml")
		_, _ = w.Write(svg)
	case "page.png":
		img, err := ui.GetCanvasElement(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		h.Set("Content-Type", "image/png")
		_ = png.Encode(w, img)
	case "events":
		h.Set("Content-Type", "text/event-stream")
		ui.follow(r.Context(), w)
	default:
		http.NotFound(w, r)
	}
}

// boardView is what a viewer is told.
type boardView struct {
	Count int
	Title string
	BoardLook
}

// followPause is the least time between two pictures for a viewer.
const followPause = 50 * time.Millisecond

// follow tells a viewer of every change, until it or the object goes.
func (ui *BoardUIObj) follow(ctx context.Context, w http.ResponseWriter) {
	flush := http.NewResponseController(w)
	pause := time.NewTicker(followPause)
	defer pause.Stop()
	for view := (boardView{}); ; {
		ui.mu.Lock()
		news, at := ui.news, ui.page
		ui.mu.Unlock()
		view.Count++
		view.BoardLook = ui.Look()
		view.Title = ""
		for _, b := range ui.c.Boards() {
			if b.BoardID == at.board {
				view.Title = b.Title
			}
		}
		text, err := json.Marshal(view)
		if err != nil {
			return // never: strings and numbers
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil || flush.Flush() != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ui.done:
			return
		case <-news:
		}
		select {
		case <-ctx.Done():
			return
		case <-ui.done:
			return
		case <-pause.C:
		}
	}
}
