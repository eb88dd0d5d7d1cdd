//go:build browser

package e2e_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image/png"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
)

// look reads the test pattern of the picture that a <video> shows: whose it is and its frame counter.
func look(t testing.TB, tab *chromiumtest.Tab, video string) (member, counter uint32) {
	t.Helper()
	var url string
	tab.Eval(t, `(() => {
		const video = `+video+`, canvas = document.createElement('canvas');
		[canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
		canvas.getContext('2d').drawImage(video, 0, 0);
		return canvas.toDataURL('image/png');
	})()`, &url)
	data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(url, "data:image/png;base64,"))
	require.NoError(t, err)
	img, err := png.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	member, counter, ok := crvideotest.ReadPattern(img)
	require.True(t, ok, "the picture of %v cannot be read", img.Bounds())
	return member, counter
}

// hears finds the members' tones in everything that the page plays, and waits until all are there.
func hears(t testing.TB, tab *chromiumtest.Tab, members ...uint32) {
	t.Helper()
	for _, m := range members {
		var hz float64
		tab.Eval(t, listenFor(crvideotest.ToneFrequency(m)), &hz)
		require.InDelta(t, crvideotest.ToneFrequency(m), hz, 6, "the tone of member %d", m)
	}
}

// keepPlayers makes a page remember everything that it plays: before its own scripts run.
const keepPlayers = `
	window.played = new Set();
	const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject');
	Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
		...source,
		set(stream) { if (stream) window.played.add(this); source.set.call(this, stream); },
	});
`

// listenFor finds the loudest frequency of that of the page's players which plays a tone, or else of the loudest one.
func listenFor(hz float64) string {
	return fmt.Sprintf(`new Promise((done) => {
		const wanted = %f;
		window.ears ??= {audio: new AudioContext(), by: new Map()};
		const {audio, by} = window.ears;
		const end = Date.now() + 20000;
		const look = () => {
			let best = 0;
			for (const player of window.played) {
				const stream = player.srcObject;
				if (!(player instanceof HTMLAudioElement) || !stream?.active || player.paused || player.muted) continue;
				if (!by.has(stream)) {
					const ears = audio.createAnalyser();
					ears.fftSize = 32768;
					ears.smoothingTimeConstant = 0;
					audio.createMediaStreamSource(stream).connect(ears);
					by.set(stream, ears);
				}
				const ears = by.get(stream);
				const bins = new Float32Array(ears.frequencyBinCount);
				ears.getFloatFrequencyData(bins);
				const peak = bins.reduce((top, v, i) => v > bins[top] ? i : top, 0);
				if (bins[peak] < -50) continue; // dB
				const found = peak * audio.sampleRate / ears.fftSize;
				if (Math.abs(found - wanted) < Math.abs(best - wanted)) best = found;
			}
			if (Math.abs(best - wanted) < 6 || Date.now() > end) done(best);
			else setTimeout(look, 300);
		};
		look();
	})`, hz)
}

const poll = 20 * time.Millisecond

// seesFakeCamera decodes, in Go, a browser's fake camera: a green picture on which a white disc sector turns and a clock runs.
func seesFakeCamera(t testing.TB, c *crvideo.Client, uid string) {
	t.Helper()
	v, err := c.Video(uid, crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	var last []byte
	for different := 0; different < 5; {
		f, err := v.ReadFrame(testContext(t))
		require.NoError(t, err)
		r, g, b, _ := f.Image.At(f.Image.Rect.Dx()/10, f.Image.Rect.Dy()/10).RGBA()
		require.Truef(t, g > 2*r && g > 2*b, "the corner of %v is not green: %d %d %d", f.Image.Rect, r>>8, g>>8, b>>8)
		if last != nil && !bytes.Equal(last, f.Image.Y) {
			different++
		}
		last = append(last[:0], f.Image.Y...)
	}
}

// hearsBeep decodes, in Go, a browser's fake microphone: a short beep each second, and silence between.
func hearsBeep(t testing.TB, c *crvideo.Client, uid string) {
	t.Helper()
	a, err := c.Audio(uid)
	require.NoError(t, err)
	defer func() { require.NoError(t, a.Close()) }()
	loud, quiet := 0, 0
	window := make([]int16, crvideo.PCMRate/50)
	for ctx := testContext(t); loud < 3 || quiet < 10; {
		for filled := 0; filled < len(window); {
			n, err := a.ReadPCM(ctx, window[filled:])
			require.NoError(t, err, "loud %d, quiet %d windows", loud, quiet)
			filled += n
		}
		energy := 0.0
		for _, s := range window {
			energy += float64(s) * float64(s)
		}
		if math.Sqrt(energy/float64(len(window))) > 300 {
			loud++
		} else {
			quiet++
		}
	}
}

// pictures decodes, in Go, a few different pictures of whatever a member shows.
func pictures(t testing.TB, c *crvideo.Client, uid string) {
	t.Helper()
	v, err := c.Video(uid, crvideo.DefaultCamera)
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	for range 3 {
		_, err := v.ReadFrame(testContext(t))
		require.NoError(t, err)
	}
}
