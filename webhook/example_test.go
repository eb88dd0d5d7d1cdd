package webhook_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/crvideo/crvideo-go/webhook"
)

// A business server hears of its rooms, and lets users log in whose code it knows.
func ExampleHandler() {
	receiver := webhook.Handler(func(_ context.Context, e webhook.Event) error {
		switch e.Type {
		case webhook.LoginAsked:
			if e.Login.AuthCode != "good code of "+e.Login.UID {
				return webhook.ErrRefused
			}
		case webhook.MemberEntered:
			fmt.Println(e.Member.Nickname, "is in room", e.Room.ID)
		}
		return nil
	}, "the secret of the hook")
	// http.ListenAndServe(":8080", receiver)

	event := []byte(`{"id":"1","event":"memberEntered","room":{"id":12345678},"member":{"uid":"ann","nickname":"Ann","num":1}}`)
	request := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(event)) // as a server sends it
	webhook.Sign(request.Header, "the secret of the hook", event, time.Now())
	receiver.ServeHTTP(httptest.NewRecorder(), request)
	// Output: Ann is in room 12345678
}
