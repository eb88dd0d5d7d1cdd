// Command pion is a small program that uses pion: what its import costs is looked at.
package main

import (
	"fmt"
	"os"

	"github.com/pion/webrtc/v4"
)

func main() {
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err == nil {
		pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { fmt.Println(t.Codec().MimeType) })
		_, err = pc.CreateOffer(nil)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
