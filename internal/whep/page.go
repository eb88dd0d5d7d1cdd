package whep

import (
	"embed"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// The page is three files, so that it needs no inline script or style and the policy can forbid them.
//
//go:embed page
var pageFiles embed.FS

// The only thing that differs is the title, in element content. A template would call methods by names that the linker
// cannot know, and so keep every method of every type in any program that imports the client.
//
//go:embed page/index.html
var pageHTML string

const pageTitle = "{{title}}"

const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

func isAsset(name string) bool { return name == "player.js" || name == "style.css" }

func pageHeaders(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", contentPolicy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-cache")
}

func (h *Handler) servePage(w http.ResponseWriter, _ *http.Request) {
	var title strings.Builder
	_ = xml.EscapeText(&title, []byte(h.src.Look().Title)) // a builder takes everything; package html would bring a table of all entities along
	page := strings.ReplaceAll(pageHTML, pageTitle, title.String())
	pageHeaders(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(page)) // the reader's loss
}

// serveLook answers with how the page is to look now.
func (h *Handler) serveLook(w http.ResponseWriter, _ *http.Request) {
	pageHeaders(w)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(h.src.Look()) // fails for a reader that has gone
}

func serveAsset(w http.ResponseWriter, r *http.Request) {
	pageHeaders(w)
	http.ServeFileFS(w, r, pageFiles, path.Join("page", path.Base(r.URL.Path)))
}

// requestPath is the path as the browser knows it, escaped and before a prefix was stripped.
func requestPath(r *http.Request) string {
	if u, err := url.ParseRequestURI(r.RequestURI); err == nil {
		return u.EscapedPath()
	}
	return r.URL.EscapedPath()
}

// redirectToSlash leads to the page's own address, relative to the one that was asked for.
func redirectToSlash(w http.ResponseWriter, r *http.Request) {
	_, last := splitLast(requestPath(r))
	w.Header().Set("Location", "./"+last+"/")
	w.WriteHeader(http.StatusFound)
}
