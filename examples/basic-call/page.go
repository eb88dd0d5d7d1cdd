package main

import (
	"fmt"
	"html"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/server"
)

// page is a small web site with one tile for each member that is shown.
type page struct {
	ln  net.Listener
	srv *http.Server
	mux *http.ServeMux

	mu  sync.Mutex
	uis map[string]*crvideo.VideoUI
}

func newPage(addr string) (*page, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	pg := &page{ln: ln, mux: http.NewServeMux(), uis: map[string]*crvideo.VideoUI{}}
	pg.srv = &http.Server{Handler: pg.mux, ReadHeaderTimeout: 5 * time.Second}
	pg.mux.HandleFunc("GET /{$}", pg.index)
	go func() { _ = pg.srv.Serve(ln) }() // ends with close
	return pg, nil
}

func (pg *page) url() string { return "http://" + pg.ln.Addr().String() + "/" }

// show adds a member, as a client sees it.
func (pg *page) show(c *crvideo.Client, uid string) error {
	pg.mu.Lock()
	defer pg.mu.Unlock()
	if pg.uis[uid] != nil {
		return nil
	}
	ui, err := c.CreateVideoObj()
	if err != nil {
		return err
	}
	if err := ui.SetVideo(uid, crvideo.DefaultCamera); err != nil {
		ui.Destroy()
		return err
	}
	pg.uis[uid] = ui
	prefix := fmt.Sprintf("/%d", len(pg.uis))
	pg.mux.Handle(prefix+"/", http.StripPrefix(prefix, ui.Handler()))
	return nil
}

func (pg *page) index(w http.ResponseWriter, _ *http.Request) {
	pg.mu.Lock()
	n := len(pg.uis)
	pg.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, `<!doctype html><meta name="viewport" content="width=device-width"><title>basic-call</title>
<style>body{background:#111;color:#ddd;font-family:sans-serif;margin:1rem}main{display:flex;flex-wrap:wrap;gap:1rem}
iframe{border:0;width:min(100%,640px);aspect-ratio:16/10;background:#000}</style><h1>`+html.EscapeString("basic-call")+`</h1><main>`)
	for i := 1; i <= n; i++ {
		fmt.Fprintf(w, `<iframe src="%d/" title="member %d" allow="autoplay"></iframe>`, i, i)
	}
	fmt.Fprint(w, `</main>`)
}

// joinLink is the address of a server's own page, from the address of its signalling.
func joinLink(addr string, room int64, password string) string {
	scheme, host, found := strings.Cut(addr, "://")
	if !found {
		scheme, host = "wss", addr
		if name, _, err := net.SplitHostPort(addr); err == nil && (name == "localhost" || net.ParseIP(name).IsLoopback()) {
			scheme = "ws"
		}
	}
	host, _, _ = strings.Cut(host, "/")
	return server.PageURL(scheme == "wss" || scheme == "https", host, room, password)
}

func (pg *page) close() {
	pg.mu.Lock()
	for _, ui := range pg.uis {
		ui.Destroy()
	}
	pg.mu.Unlock()
	_ = pg.srv.Close()
}
