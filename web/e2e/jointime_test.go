//go:build browser

package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/stretchr/testify/assert"

	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
)

// joinAndLook is the time, in ms, from the click on "join" to the first picture of another member: login, entry, media, key frame.
const joinAndLook = `new Promise((done) => {
	const from = performance.now();
	const look = () => {
		const video = [...document.querySelectorAll('.tile')].find((t) => t.dataset.uid === 'ann')?.querySelector('video');
		if (video?.videoWidth > 0 && video.style.visibility === 'visible') done(performance.now() - from);
		else setTimeout(look, 2);
	};
	enter.click();
	look();
})`

// bareLook is the same for nothing but a peer connection to a Go process that answers at once, and begins with a key frame.
const bareLook = `new Promise(async (done, failed) => {
	const from = performance.now();
	const pc = new RTCPeerConnection();
	pc.addTransceiver('video', {direction: 'recvonly'});
	const video = document.createElement('video');
	video.muted = true;
	document.body.append(video);
	pc.ontrack = (event) => { video.srcObject = new MediaStream([event.track]); video.play(); };
	await pc.setLocalDescription();
	const answer = await fetch('offer', {method: 'POST', body: JSON.stringify(pc.localDescription)});
	if (answer.status !== 200) return failed(answer.status);
	await pc.setRemoteDescription(await answer.json());
	const look = () => {
		if (video.videoWidth > 0) { done(performance.now() - from); pc.close(); video.remove(); }
		else setTimeout(look, 2);
	};
	look();
})`

// barePeer answers offers with peer connections of pion as it comes, which send frames over and over.
func barePeer(t testing.TB, frames [][]byte) (url string) {
	t.Helper()
	answer := func(offer webrtc.SessionDescription) (*webrtc.SessionDescription, error) {
		pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
		if err != nil {
			return nil, err
		}
		t.Cleanup(func() { assert.NoError(t, pc.Close()) })
		track, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "video", "bare")
		if err != nil {
			return nil, err
		}
		if _, err := pc.AddTrack(track); err != nil {
			return nil, err
		}
		pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
			if s != webrtc.PeerConnectionStateConnected {
				return
			}
			for n := 0; pc.ConnectionState() == webrtc.PeerConnectionStateConnected && t.Context().Err() == nil; n++ {
				if track.WriteSample(media.Sample{Data: frames[n%len(frames)], Duration: vp8Frame}) != nil {
					return
				}
				select {
				case <-time.After(vp8Frame):
				case <-t.Context().Done():
				}
			}
		})
		if err := pc.SetRemoteDescription(offer); err != nil {
			return nil, err
		}
		description, err := pc.CreateAnswer(nil)
		if err != nil {
			return nil, err
		}
		gathered := webrtc.GatheringCompletePromise(pc)
		if err := pc.SetLocalDescription(description); err != nil {
			return nil, err
		}
		<-gathered
		return pc.LocalDescription(), nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>bare</title>")
	})
	mux.HandleFunc("POST /offer", func(w http.ResponseWriter, r *http.Request) {
		var offer webrtc.SessionDescription
		err := json.NewDecoder(r.Body).Decode(&offer)
		if err == nil {
			var description *webrtc.SessionDescription
			if description, err = answer(offer); err == nil {
				err = json.NewEncoder(w).Encode(description)
			}
		}
		assert.NoError(t, err)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// TestJoinTime compares how long a person waits for the first picture with what a bare peer connection to pion takes for the same
// pictures.
func TestJoinTime(t *testing.T) {
	const runs = 9
	srv := crvideotest.NewServer(t)
	_, room, _ := vp8Member(t, srv)
	browser := chromiumtest.Start(t, chromiumtest.Devices...)
	page, bare := lobby(t, browser, pageURL(srv, room)), browser.Open(t, barePeer(t, vp8Frames(t)))
	fill(t, page, "name", "Grace")
	for _, device := range []string{"lobby-mic", "lobby-camera"} {
		click(t, page, device)
	}
	var joined, direct []float64
	for range runs { // by turns, since the machine has its moods
		var ms float64
		page.Eval(t, joinAndLook, &ms)
		joined = append(joined, ms)
		click(t, page, "leave")
		page.Wait(t, `!lobby.hidden && !enter.disabled`)
		bare.Eval(t, bareLook, &ms)
		direct = append(direct, ms)
	}
	slices.Sort(joined)
	slices.Sort(direct)
	t.Logf("join to first picture: median of %d %.0f ms, %.0f; a bare peer: %.0f ms, %.0f", runs, joined[runs/2], joined, direct[runs/2], direct)
	assert.Less(t, joined[0], direct[runs/2]+1000, "logging in and entering takes less than a second")
}
