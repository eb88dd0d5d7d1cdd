package whep

import (
	"bytes"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/pion/webrtc/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMounts proves that the page's relative addresses work wherever it is mounted.
func TestMounts(t *testing.T) {
	h := New(newFakeSource(), nil)
	defer func() { require.NoError(t, h.Close()) }()
	stripped, bare, root := http.NewServeMux(), http.NewServeMux(), http.NewServeMux()
	stripped.Handle("/a/watch/", http.StripPrefix("/a/watch", h))
	bare.Handle("/a/watch/", h)
	root.Handle("/", h)
	for name, c := range map[string]struct {
		mux  http.Handler
		page string
	}{"stripped": {stripped, "/a/watch/"}, "bare": {bare, "/a/watch/"}, "root": {root, "/"}} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.mux)
			defer server.Close()
			page := request(t, http.MethodGet, server.URL+c.page)
			require.Equal(t, http.StatusOK, page.status)
			for _, link := range regexp.MustCompile(`(?:href|src)="([^":]+)"`).FindAllStringSubmatch(page.body, -1) {
				assert.Equal(t, http.StatusOK, request(t, http.MethodGet, server.URL+c.page+link[1]).status, link[1])
			}
			reply := post(t, server.URL+c.page+"whep", "application/sdp", offer(t, webrtc.RTPTransceiverDirectionRecvonly))
			require.Equal(t, http.StatusCreated, reply.status)
			assert.Equal(t, http.StatusOK, request(t, http.MethodDelete, reply.location).status, reply.location)
			assert.Equal(t, http.StatusNotFound, request(t, http.MethodGet, server.URL+c.page+"favicon.ico").status)
		})
	}
}

func TestPageWithoutSlash(t *testing.T) {
	h := New(newFakeSource(), nil)
	defer func() { require.NoError(t, h.Close()) }()
	server := httptest.NewServer(http.StripPrefix("/a/watch", h))
	defer server.Close()
	for path, want := range map[string]string{"/a/watch": "/a/watch/", "/a/watch/http:%2F%2Fevil": "/a/watch/http:%2F%2Fevil/"} {
		reply := request(t, http.MethodGet, server.URL+path)
		assert.Equal(t, http.StatusFound, reply.status)
		assert.Equal(t, server.URL+want, reply.location)
	}
}

func TestPageIsSafe(t *testing.T) {
	h := New(newFakeSource(), nil)
	defer func() { require.NoError(t, h.Close()) }()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	assert.Contains(t, w.Body.String(), "Anna &amp; &#34;&lt;b&gt;Bob&lt;/b&gt;&#34;", "the title is text")
	assert.NotContains(t, w.Body.String(), "<b>")
	policy := w.Header().Get("Content-Security-Policy")
	assert.Contains(t, policy, "default-src 'none'")
	assert.NotContains(t, policy, "unsafe")
	for _, file := range []string{"page/index.html", "page/player.js", "page/style.css"} {
		text, err := pageFiles.ReadFile(file)
		require.NoError(t, err)
		assert.NotRegexp(t, `(https?:)?//[a-z]+\.`, string(text), "%s names another host", file)
	}
}

func TestLook(t *testing.T) {
	h := New(newFakeSource(), nil)
	defer func() { require.NoError(t, h.Close()) }()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/x/look.json", nil))
	assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	assert.JSONEq(t, `{"title":"Anna & \"<b>Bob</b>\"","hideTitle":true,"titleStyle":{"color":"red"},"id":"anna","hidden":false,
		"noFullScreen":false,"left":"","top":"","width":"320px","height":""}`, w.Body.String())
}

func TestMethods(t *testing.T) {
	h := New(newFakeSource(), nil)
	defer func() { require.NoError(t, h.Close()) }()
	for path, methods := range map[string]string{
		"/": "GET, HEAD", "/look.json": "GET, HEAD", "/snapshot.jpg": "GET, HEAD", "/player.js": "GET, HEAD", "/whep": "POST", "/whep/x": "DELETE",
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPut, path, nil))
		assert.Equal(t, http.StatusMethodNotAllowed, w.Code, path)
		assert.Equal(t, methods, w.Header().Get("Allow"), path)
	}
}

// A page of another origin that asks whether it may is not told that it may.
func TestPreflight(t *testing.T) {
	h := New(newFakeSource(), nil)
	defer func() { require.NoError(t, h.Close()) }()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodOptions, "/whep", nil)
	r.Header.Set("Origin", "https://other.example")
	r.Header.Set("Access-Control-Request-Method", http.MethodPost)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
	assert.Empty(t, w.Header().Get("Access-Control-Allow-Origin"))
}

func TestSnapshot(t *testing.T) {
	src := newFakeSource()
	h := New(src, nil)
	defer func() { require.NoError(t, h.Close()) }()
	get := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/ui/snapshot.jpg", nil))
		return w
	}
	w := get()
	require.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, "image/jpeg", w.Header().Get("Content-Type"))
	img, err := jpeg.Decode(bytes.NewReader(w.Body.Bytes()))
	require.NoError(t, err)
	assert.Equal(t, src.picture.Bounds(), img.Bounds())
	r, g, b, _ := img.At(16, 9).RGBA()
	assert.Greater(t, min(r, g, b), uint32(0xf000), "it is white")

	src.picture = nil
	w = get()
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, "there is no picture at the moment", strings.TrimSpace(w.Body.String()))
}
