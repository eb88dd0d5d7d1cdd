//go:build browser

package whep

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go/internal/chromiumtest"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/source"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

const member = 7 // whose picture and tone the browser gets

// liveTrack packetises a synthetic source.
type liveTrack struct {
	*fakeTrack
	src source.Source
}

func startLive(t *testing.T, src source.Source, err error, payloader rtp.Payloader, rate uint32) *liveTrack {
	t.Helper()
	require.NoError(t, err)
	l := &liveTrack{fakeTrack: newFakeTrack(src.Codec()), src: src}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	packets := rtp.NewPacketizer(1200, 0, 1, payloader, rtp.NewRandomSequencer(), rate)
	wg.Go(func() {
		for {
			sample, err := src.Next(ctx)
			if err != nil {
				return
			}
			for _, p := range packets.Packetize(sample.Data, uint32(sample.Duration.Seconds()*float64(rate))) {
				select {
				case l.packets <- p:
				case <-ctx.Done():
					return
				}
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		_ = src.Close()
	})
	return l
}

// RequestKeyFrame hands the wish to the encoder.
func (l *liveTrack) RequestKeyFrame() { l.src.RequestKeyFrame() }

// TestBrowser proves by content that a real browser shows the picture and plays the sound.
func TestBrowser(t *testing.T) {
	src := newFakeSource()
	camera, err := source.NewSyntheticCamera(member, codec.VideoParams{})
	src.video <- startLive(t, camera, err, &codecs.H264Payloader{}, 90000)
	microphone, err := source.NewSyntheticMicrophone(member, nil)
	src.audio <- startLive(t, microphone, err, &codecs.OpusPayloader{}, 48000)
	h := New(src, nil)
	mux := http.NewServeMux()
	mux.Handle("/rooms/1/", h)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(func() { require.NoError(t, h.Close()) })

	from := time.Now()
	page := chromiumtest.Start(t).Open(t, server.URL+"/rooms/1/")
	page.Wait(t, `window.video && video.videoWidth === 640 && video.videoHeight === 360 && stateLine.textContent === 'Live'`)
	t.Logf("live %v after the browser's start", time.Since(from).Round(time.Millisecond))

	first, at := look(t, page)
	page.Wait(t, `video.currentTime > 1`)
	second, later := look(t, page)
	assert.Greater(t, second, first, "the picture's counter moves")
	assert.Greater(t, later, at)

	page.Eval(t, `(sound.click(), video.muted)`, new(bool))
	page.Wait(t, `!video.muted && sound.textContent === 'Turn sound off'`)
	var hz float64
	page.Eval(t, listen, &hz)
	assert.InDelta(t, testpattern.ToneFrequency(member), hz, 5, "the tone is the member's")

	// the end is told, and so is its reason
	require.NoError(t, h.Close())
	page.Wait(t, `stateLine.dataset.state === 'failed' && message.textContent.includes('this video has ended')`)
}

// look reads the test pattern off the page, and the time that the video is at.
func look(t *testing.T, page *chromiumtest.Tab) (counter uint32, at float64) {
	t.Helper()
	var shot struct {
		Data string
		At   float64
	}
	page.Eval(t, `(() => {
		const canvas = document.createElement('canvas');
		[canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
		canvas.getContext('2d').drawImage(video, 0, 0);
		return {data: canvas.toDataURL('image/png').split(',')[1], at: video.currentTime};
	})()`, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	require.NoError(t, err)
	img, err := png.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 640, 360), img.Bounds())
	who, counter, ok := testpattern.Read(img)
	require.True(t, ok, "the picture cannot be read")
	require.EqualValues(t, member, who)
	return counter, shot.At
}

// listen finds the loudest frequency of the sound, once there is one.
const listen = `new Promise((done) => {
	const audio = new AudioContext();
	const ears = audio.createAnalyser();
	ears.fftSize = 32768;
	ears.smoothingTimeConstant = 0;
	audio.createMediaStreamSource(video.srcObject).connect(ears);
	const bins = new Float32Array(ears.frequencyBinCount);
	const end = Date.now() + 20000;
	const look = setInterval(() => {
		ears.getFloatFrequencyData(bins);
		const peak = bins.reduce((best, v, i) => v > bins[best] ? i : best, 0);
		if (bins[peak] < -40 && Date.now() < end) return; // dB
		clearInterval(look);
		done(peak * audio.sampleRate / ears.fftSize);
	}, 700); // longer than what is analysed
})`
