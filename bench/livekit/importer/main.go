// Command importer is a small program that uses LiveKit's client: what its import costs is looked at.
package main

import (
	"fmt"
	"os"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
)

func main() {
	room, err := lksdk.ConnectToRoom("ws://127.0.0.1:7880", lksdk.ConnectInfo{
		APIKey: "devkey", APISecret: "secret", RoomName: "room", ParticipantIdentity: "bot",
	}, &lksdk.RoomCallback{ParticipantCallback: lksdk.ParticipantCallback{
		OnTrackSubscribed: func(t *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
			fmt.Println(t.Codec().MimeType)
		},
	}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer room.Disconnect()
	select {}
}
