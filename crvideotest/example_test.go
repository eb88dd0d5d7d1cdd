package crvideotest_test

import (
	"context"
	"testing"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// A test of how a program bears a bad network, and a lost connection in the middle of a request.
func ExampleServer_Network() {
	_ = func(t *testing.T) { // TestRoomIsMadeOnce
		network := crvideotest.NewServer(t).Network()
		client, err := crvideo.New(crvideo.SDKParams{ServerAddr: network.URL()})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = client.Close() }()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := client.Login(ctx, crvideo.LoginParams{
			AppID: crvideotest.AppID, AppSecret: crvideo.MD5(crvideotest.AppSecret), UID: "ann", Nickname: "Ann",
		}); err != nil {
			t.Fatal(err)
		}
		network.Media(crvideotest.BothWays, crvideotest.MediaFaults{Loss: 0.1, Delay: 50 * time.Millisecond})
		answer := network.CutAtMessage(crvideotest.Method(crvideotest.ToClient, "createMeeting").Of("ann").Nth(1))
		if _, err := client.CreateMeeting(ctx, crvideo.CreateParams{}); err != nil {
			t.Fatal("the answer was lost with the connection, and the client did not get it again:", err)
		}
		<-answer.Hit()
	}
}
