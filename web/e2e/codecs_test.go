//go:build browser

package e2e_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/chromiumtest"
	"github.com/crvideo/crvideo-go/server"
)

// speak makes a blank page of the server a member by the ES module, with a camera of this codec.
const speak = `import('/crvideo.mjs').then((m) => new Promise((done, failed) => {
	document.body.replaceChildren();
	window.sdk = m;
	const [uid, codec, room] = %s;
	m.CRVideo_LoginSuccess.callback = () => m.CRVideo_EnterMeeting3(room);
	m.CRVideo_LoginFail.callback = (code) => failed('login ' + code);
	m.CRVideo_EnterMeetingRslt.callback = (code) => { if (code) failed('enter ' + code); else m.CRVideo_OpenVideo(''); };
	m.CRVideo_OpenVideoFailed.callback = (why) => failed(why);
	m.CRVideo_VideoStatusChanged.callback = (who, from, to) => { if (who === uid && to === 3) done(true); };
	m.CRVideo_Init({videoCodec: codec}).then(() => {
		m.CRVideo_SetServerAddr(location.host);
		m.CRVideo_Login('demo', '%s', uid, uid);
	}, failed);
}))`

// TestCodecs: a browser's camera in each codec reaches another browser, and the Go side, which decodes H.264 and VP8.
func TestCodecs(t *testing.T) {
	srv := crvideotest.NewServer(t)
	ann := goClient(t, srv, "ann")
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID))
	browser := chromiumtest.Start(t, chromiumtest.Devices...)
	blank := "http://" + srv.Addr().String() + "/healthz"
	var viewer *chromiumtest.Tab
	for _, codec := range []string{"video/H264", "video/VP8", "video/VP9"} {
		uid := strings.ToLower(strings.TrimPrefix(codec, "video/"))
		tab := browser.Open(t, blank)
		tab.Eval(t, fmt.Sprintf(speak, fmt.Sprintf(`[%q, %q, %d]`, uid, codec, info.ID), crvideo.MD5(server.DemoApp)), nil)
		require.Eventually(t, func() bool { return len(ann.GetOpenedVideoIDs(uid)) == 1 }, chromiumtest.Patience, poll)
		v, err := ann.Video(uid, crvideo.DefaultCamera)
		require.NoError(t, err)
		for i := range 10 {
			sample, err := v.ReadSample(testContext(t))
			require.NoError(t, err, codec)
			if i == 0 {
				assert.True(t, sample.Key, "%s begins with a key frame", codec)
			}
		}
		require.NoError(t, v.Close())
		if codec != "video/VP9" { // which is forwarded only
			seesFakeCamera(t, ann, uid)
		}
		if viewer == nil { // the first one watches the others
			viewer = tab
			continue
		}
		viewer.Eval(t, fmt.Sprintf(`(() => {
			const view = sdk.CRVideo_CreatVideoObj({id: %q});
			document.body.append(view.handler());
			view.setVideo(%q);
		})()`, "of-"+uid, uid), nil)
		viewer.Wait(t, fmt.Sprintf(`document.querySelector('#of-%s video').videoWidth > 0 && document.querySelector('#of-%s video').currentTime > 0.5`, uid, uid))
		var used string
		viewer.Eval(t, `sdk.CRVideo_GetStats().then((all) => [...all.values()].filter((r) => r.type === 'inbound-rtp' && r.kind === 'video' && r.framesDecoded > 0).map((r) => all.get(r.codecId).mimeType).join())`, &used)
		assert.Contains(t, used, codec)
	}
}

const vp8Frame = time.Second / 15

// vp8Frames are 30 frames of the test pattern of member 7, with a key frame every 15.
func vp8Frames(t testing.TB) (frames [][]byte) {
	t.Helper()
	ivf, err := os.ReadFile("../../internal/codec/testdata/pattern_vp8.ivf")
	require.NoError(t, err)
	for rest := ivf[32:]; len(rest) > 12; {
		n := binary.LittleEndian.Uint32(rest)
		frames = append(frames, rest[12:12+n])
		rest = rest[12+n:]
	}
	require.Len(t, frames, 30)
	return frames
}

// vp8Member is a Go member that shows the test pattern of member 7 as VP8, and what a page must see of it.
func vp8Member(t testing.TB, srv *crvideotest.Server) (ann *crvideo.Client, room int64, sees func(*chromiumtest.Tab)) {
	t.Helper()
	frames := vp8Frames(t)
	ann = goClient(t, srv, "ann")
	info, err := ann.CreateMeeting(testContext(t), crvideo.CreateParams{})
	require.NoError(t, err)
	require.NoError(t, ann.EnterMeeting(testContext(t), info.ID))
	cam, err := ann.AddCamera(testContext(t), "VP8", func(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
		return &vp8Source{frames: frames, tick: time.NewTicker(vp8Frame)}, nil
	})
	require.NoError(t, err)
	require.NoError(t, ann.SetDefaultVideo(testContext(t), "", cam))
	require.NoError(t, ann.OpenVideo(testContext(t), ""))
	return ann, info.ID, func(tab *chromiumtest.Tab) {
		t.Helper()
		shows(t, tab, "ann")
		seen := map[uint32]bool{}
		require.Eventually(t, func() bool {
			member, counter := look(t, tab, video("ann"))
			require.EqualValues(t, 7, member)
			require.Less(t, counter, uint32(len(frames)))
			seen[counter] = true
			return len(seen) >= 5
		}, chromiumtest.Patience, poll, "the picture moves")
	}
}

// TestVP8FromGo: a Go member sends the test pattern as VP8, and the page reads it: its member and its counter, which moves.
func TestVP8FromGo(t *testing.T) {
	srv := crvideotest.NewServer(t)
	_, room, sees := vp8Member(t, srv)
	tab := lobby(t, chromiumtest.Start(t, chromiumtest.Devices...), pageURL(srv, room))
	join(t, tab, "Grace")
	sees(tab)
	var used string
	tab.Eval(t, `import('/crvideo.mjs').then((m) => m.CRVideo_GetStats()).then((all) => [...all.values()].filter((r) => r.type === 'inbound-rtp' && r.kind === 'video' && r.framesDecoded > 0).map((r) => all.get(r.codecId).mimeType).join())`, &used)
	assert.Equal(t, "video/VP8", used)
}

// vp8Source sends frames over and over; a key frame is one of every fifteen.
type vp8Source struct {
	frames [][]byte
	tick   *time.Ticker
	n      int
	key    atomic.Bool // one is asked for
}

func (s *vp8Source) Codec() string    { return "video/VP8" }
func (s *vp8Source) RequestKeyFrame() { s.key.Store(true) }
func (s *vp8Source) SetBitrate(int)   {}

func (s *vp8Source) Close() error {
	s.tick.Stop()
	return nil
}

func (s *vp8Source) Next(ctx context.Context) (crvideo.Sample, error) {
	select {
	case <-ctx.Done():
		return crvideo.Sample{}, ctx.Err()
	case <-s.tick.C:
	}
	if s.key.Swap(false) {
		s.n += 14 - (s.n+14)%15
	}
	frame := s.frames[s.n%len(s.frames)]
	s.n++
	return crvideo.Sample{Data: frame, Key: frame[0]&1 == 0, Duration: vp8Frame}, nil
}
