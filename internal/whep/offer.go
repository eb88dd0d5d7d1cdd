package whep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"github.com/pion/webrtc/v4"

	"github.com/crvideo/crvideo-go/internal/wire"
)

const sdpType = "application/sdp"

var (
	errClosed  = errors.New("this video has ended")
	errTooMany = errors.New("too many viewers at the moment")
	errNoMedia = errors.New("it asks for neither video nor sound")
)

// badOfferError is an offer that cannot be answered: the viewer's fault.
type badOfferError struct{ err error }

func (e badOfferError) Error() string { return "bad offer: " + e.err.Error() }
func (e badOfferError) Unwrap() error { return e.err }

// serveOffer makes a viewer.
func (h *Handler) serveOffer(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != sdpType {
		w.Header().Set("Accept-Post", sdpType)
		http.Error(w, "the offer must be "+sdpType, http.StatusUnsupportedMediaType)
		return
	}
	offer, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxSDPBytes))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			http.Error(w, fmt.Sprintf("the offer is larger than %d bytes", wire.MaxSDPBytes), http.StatusRequestEntityTooLarge)
			return
		}
		http.Error(w, "the offer did not arrive whole", http.StatusBadRequest)
		return
	}
	id, answer, err := h.watch(r.Context(), string(offer))
	if err != nil {
		h.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", sdpType)
	w.Header().Set("Location", "whep/"+id)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, answer) // a viewer that is gone by now is removed like any other that does not connect
}

func (h *Handler) refuse(w http.ResponseWriter, err error) {
	var bad badOfferError
	switch {
	case errors.As(err, &bad):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case errors.Is(err, errTooMany), errors.Is(err, errClosed):
		w.Header().Set("Retry-After", "5")
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case errors.Is(err, context.Canceled): // nobody is there to read it, or the handler is closing
		http.Error(w, errClosed.Error(), http.StatusServiceUnavailable)
	default:
		h.log.Warn("cannot answer a viewer", "error", err)
		http.Error(w, "the connection could not be prepared", http.StatusInternalServerError)
	}
}

// watch answers an offer. ctx bounds the gathering of our candidates, not the viewer's life.
func (h *Handler) watch(ctx context.Context, offer string) (id, answer string, err error) {
	if h.apiErr != nil {
		return "", "", h.apiErr
	}
	if err := h.reserve(); err != nil {
		return "", "", err
	}
	v, err := newViewer(h)
	if err != nil {
		h.release()
		return "", "", err
	}
	if answer, err = v.answer(ctx, offer); err != nil {
		v.close()
		h.release()
		return "", "", err
	}
	return h.add(v), answer, nil
}

func (v *viewer) answer(ctx context.Context, offer string) (string, error) {
	if err := v.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", badOfferError{err}
	}
	if !slices.ContainsFunc(v.transceivers[:], func(t *webrtc.RTPTransceiver) bool { return t.Mid() != "" }) {
		return "", badOfferError{errNoMedia}
	}
	answer, err := v.pc.CreateAnswer(nil)
	if err != nil {
		return "", badOfferError{err}
	}
	gathered := webrtc.GatheringCompletePromise(v.pc)
	if err := v.pc.SetLocalDescription(answer); err != nil {
		return "", badOfferError{err}
	}
	select {
	case <-gathered:
		return v.pc.LocalDescription().SDP, nil
	case <-ctx.Done():
		return "", ctx.Err()
	case <-v.ctx.Done():
		return "", v.ctx.Err()
	}
}

// serveDelete ends a viewer.
func (h *Handler) serveDelete(w http.ResponseWriter, id string) {
	h.mu.Lock()
	v := h.viewers[id]
	h.mu.Unlock()
	if v == nil {
		http.Error(w, "no such viewer", http.StatusNotFound)
		return
	}
	v.cancel()
}
