// Package web is the JavaScript face of the SDK and the page on which people join a room with a browser. A server
// serves both; what is in here needs no build step, for files are joined when the server starts.
//
//	/              the page
//	/crvideo.js    the SDK as a classic script: the CRVideo names are globals
//	/crvideo.mjs   the same as an ES module, with types in /crvideo.d.ts
package web

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed sdk page
var files embed.FS

// policy lets the page load nothing from elsewhere. WebSockets are named by scheme, since not every browser takes 'self' for them.
const policy = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; media-src 'self' blob: mediastream:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// Handler serves the page and the SDK. Other sites may load the SDK.
func Handler() http.Handler {
	made := make(map[string][]byte)
	for name, join := range map[string]func(fs.FS) ([]byte, error){"crvideo.js": bundle, "crvideo.mjs": module, "crvideo.d.ts": types} {
		content, err := join(files)
		if err != nil {
			panic(fmt.Errorf("web: %w", err)) // the embedded modules are not what bundle understands: every test of this package fails
		}
		made[name] = content
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		content := made[name]
		if name == "" {
			name = "page/index.html"
			h.Set("Content-Security-Policy", policy)
			h.Set("Referrer-Policy", "no-referrer")
		}
		if content == nil {
			var err error
			if content, err = fs.ReadFile(files, name); err != nil {
				http.NotFound(w, r)
				return
			}
		}
		h.Set("Content-Type", contentType(name))
		if !strings.HasPrefix(name, "page/") {
			h.Set("Access-Control-Allow-Origin", "*")
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
}

// contentType does not ask the system's table, which is wrong on some machines.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".ts":
		return "text/plain; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}
