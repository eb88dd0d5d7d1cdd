package whep

import (
	"bytes"
	"context"
	"image/jpeg"
	"net/http"
	"strconv"
)

const jpegQuality = 85 // of 100

// serveSnapshot answers with the next picture.
func (h *Handler) serveSnapshot(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), snapshotTimeout)
	defer cancel()
	defer context.AfterFunc(h.ctx, cancel)()
	img, err := h.src.Snapshot(ctx)
	if err != nil {
		h.log.Debug("snapshot", "error", err)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "there is no picture at the moment", http.StatusServiceUnavailable)
		return
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: jpegQuality}); err != nil {
		h.log.Warn("encode snapshot", "error", err)
		http.Error(w, "the picture could not be encoded", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Content-Length", strconv.Itoa(buf.Len()))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(buf.Bytes()) // the reader's loss
}
