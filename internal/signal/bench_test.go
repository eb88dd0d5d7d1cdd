package signal

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// echoServer answers every request with its parameters and nothing else, so that what is measured is the client.
func echoServer(b *testing.B) string {
	upgrader := websocket.Upgrader{Subprotocols: []string{wire.Subprotocol}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		for {
			_, data, err := ws.ReadMessage()
			if err != nil {
				return
			}
			m, err := wire.Decode(data)
			if err != nil {
				return
			}
			var result any = m.Params
			if m.Method == wire.MethodLogin {
				result = wire.LoginResult{Session: "s", Key: "k"}
			}
			answer, _ := wire.Response(m.ID, result, nil)
			data, _ = wire.Encode(answer)
			if ws.WriteMessage(websocket.TextMessage, data) != nil {
				return
			}
		}
	}))
	b.Cleanup(server.Close)
	return "ws" + strings.TrimPrefix(server.URL, "http")
}

func benchmarkSession(b *testing.B) *Session {
	s, _, err := Login(context.Background(), Config{URL: echoServer(b)}, credentials)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	return s
}

func BenchmarkCall(b *testing.B) {
	for name, params := range map[string]any{
		"small": wire.VideoParams{UID: "anna", VideoID: -1},
		"offer": wire.OfferParams{Offer: strings.Repeat("a=rtpmap:111 opus/48000/2\r\n", 400)},
	} {
		b.Run(name, func(b *testing.B) {
			s := benchmarkSession(b)
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Call(context.Background(), "echo", params, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCallParallel(b *testing.B) {
	s := benchmarkSession(b)
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.Call(context.Background(), "echo", wire.UIDParams{UID: "anna"}, nil); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkLogin(b *testing.B) {
	url := echoServer(b)
	b.ReportAllocs()
	for b.Loop() {
		s, _, err := Login(context.Background(), Config{URL: url}, credentials)
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
