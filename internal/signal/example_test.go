package signal_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/crvideo/crvideo-go/internal/mocksignal"
	"github.com/crvideo/crvideo-go/internal/signal"
	"github.com/crvideo/crvideo-go/internal/wire"
)

func ExampleLogin() {
	server := mocksignal.New(&testing.T{}) // any signalling server
	defer server.Close()
	go func() {
		conn := server.Accept(context.Background())
		conn.Login(context.Background())
		conn.Expect(context.Background(), wire.MethodCreateMeeting).Reply(wire.MeetInfo{ID: 10000001})
		conn.Expect(context.Background(), wire.MethodLogout).Reply(nil)
	}()

	ctx := context.Background()
	s, who, err := signal.Login(ctx, signal.Config{URL: server.URL()}, wire.LoginParams{
		AppID: "demo", SecretMD5: "fe01ce2a7fbac8fafaed7c982a04e229", UID: "anna", Nickname: "Anna",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	var room wire.MeetInfo
	err = s.Call(ctx, wire.MethodCreateMeeting, wire.CreateMeetingParams{Subject: "tea"}, &room)
	fmt.Println(who.UID, room.ID, err)
	// Output: anna 10000001 <nil>
}
