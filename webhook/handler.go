package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// maxBody is what a request may have.
const maxBody = 64 << 10

// ErrRefused is what the function of a Handler returns for a login that is not wanted.
var ErrRefused = errors.New("webhook: refused")

// Handler receives what a server sends: it checks each request and gives its event to fn. For a LoginAsked, nil lets the user log in
// and ErrRefused does not. Any other error is a failure: the server sends the event again later, or refuses the login with
// code 16. fn is called from several goroutines, but for one room not before the last call has returned.
func Handler(fn func(context.Context, Event) error, secrets ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, "the body cannot be read, or is too long", http.StatusBadRequest)
			return
		}
		e, err := Verify(r.Header, body, time.Now(), secrets...)
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		err = fn(r.Context(), e)
		refused := e.Type == LoginAsked && errors.Is(err, ErrRefused)
		switch {
		case err != nil && !refused:
			http.Error(w, "failed", http.StatusInternalServerError) // not why: that is the receiver's own
		case e.Type == LoginAsked:
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(Answer{Allow: !refused})
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	})
}
