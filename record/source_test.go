package record_test

import (
	"context"
	"image"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
	"github.com/crvideo/crvideo-go/internal/codec"
	"github.com/crvideo/crvideo-go/internal/testpattern"
)

const (
	bound    = 30 * time.Second
	fps      = 25
	burstHz  = 1000
	burst    = 100 * time.Millisecond // of each second
	packetMS = 20
)

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	t.Cleanup(cancel)
	return ctx
}

// stage is a camera and a microphone with one clock: picture n is taken at n/25 s, and each second begins with a tone
// of 100 ms.
type stage struct {
	once  sync.Once
	start time.Time
}

func (s *stage) began() time.Time {
	s.once.Do(func() { s.start = time.Now() })
	return s.start
}

// clocked waits for the moments of a stage.
type clocked struct {
	stage *stage
	step  time.Duration
	n     int64
	done  chan struct{}
	once  sync.Once
}

func newClocked(s *stage, step time.Duration) *clocked {
	c := &clocked{stage: s, step: step, done: make(chan struct{})}
	c.n = int64(time.Since(s.began())/step) + 1
	return c
}

func (c *clocked) next(ctx context.Context) (int64, error) {
	timer := time.NewTimer(time.Until(c.stage.began().Add(time.Duration(c.n) * c.step)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.done:
		return 0, io.EOF
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	c.n++
	return c.n - 1, nil
}

func (c *clocked) close() (first bool) {
	c.once.Do(func() { close(c.done); first = true })
	return first
}

type camera struct {
	*clocked
	encoder codec.VideoEncoder
	img     *image.YCbCr
}

func (s *stage) camera(_ context.Context, f crvideo.SourceFormat) (crvideo.Source, error) {
	e, err := codec.NewVideoEncoder(codec.DefaultVideo, codec.VideoParams{Width: f.Width, Height: f.Height, FPS: fps, Bitrate: 1_000_000})
	if err != nil {
		return nil, err
	}
	return &camera{newClocked(s, time.Second/fps), e, image.NewYCbCr(image.Rect(0, 0, f.Width&^1, f.Height&^1), image.YCbCrSubsampleRatio420)}, nil
}

func (*camera) Codec() string      { return codec.DefaultVideo }
func (c *camera) RequestKeyFrame() { _ = c.encoder.ForceKeyFrame() }
func (*camera) SetBitrate(int)     {}
func (c *camera) Close() error {
	if c.close() {
		return c.encoder.Close()
	}
	return nil
}

func (c *camera) Next(ctx context.Context) (crvideo.Sample, error) {
	for frames := time.Duration(1); ; frames++ {
		n, err := c.next(ctx)
		if err != nil {
			return crvideo.Sample{}, err
		}
		testpattern.Draw(c.img, 1, uint32(n))
		data, key, err := c.encoder.Encode(c.img)
		if err != nil {
			return crvideo.Sample{}, err
		}
		if len(data) > 0 {
			return crvideo.Sample{Data: data, Key: key, Duration: frames * c.step}, nil
		}
	}
}

type microphone struct {
	*clocked
	encoder codec.AudioEncoder
	tone    *testpattern.Tone
	packet  []byte
}

func (s *stage) microphone(context.Context, crvideo.SourceFormat) (crvideo.Source, error) {
	e, err := codec.NewAudioEncoder(codec.Opus, 48000, 1, 64000)
	if err != nil {
		return nil, err
	}
	if err := e.SetDTX(true); err != nil { // what is between the bursts is not sent
		return nil, err
	}
	return &microphone{newClocked(s, packetMS*time.Millisecond), e, testpattern.NewTone(burstHz, 48000), make([]byte, codec.MaxAudioPacket)}, nil
}

func (*microphone) Codec() string    { return codec.Opus }
func (*microphone) RequestKeyFrame() {}
func (*microphone) SetBitrate(int)   {}
func (m *microphone) Close() error {
	if m.close() {
		return m.encoder.Close()
	}
	return nil
}

func (m *microphone) Next(ctx context.Context) (crvideo.Sample, error) {
	n, err := m.next(ctx)
	if err != nil {
		return crvideo.Sample{}, err
	}
	pcm := make([]int16, 48000*packetMS/1000)
	if time.Duration(n%(1000/packetMS))*packetMS*time.Millisecond < burst {
		m.tone.Fill(pcm)
	}
	size, err := m.encoder.Encode(pcm, m.packet)
	return crvideo.Sample{Data: m.packet[:size], Duration: packetMS * time.Millisecond}, err
}

// member is a client in a room; room 0 makes one.
func member(t testing.TB, url, uid string, room int64) (*crvideo.Client, int64) {
	c, err := crvideo.New(crvideo.SDKParams{ServerAddr: url, AllowSynthetic: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()); <-c.Done() })
	require.NoError(t, c.SetVideoCfg(testContext(t), crvideo.VideoCfg{Size: 7, FPS: fps}))
	require.NoError(t, c.Login(testContext(t), crvideo.LoginParams{
		AppID: crvideotest.AppID, AppSecret: crvideo.MD5(crvideotest.AppSecret), UID: uid, Nickname: uid,
	}))
	if room == 0 {
		info, err := c.CreateMeeting(testContext(t), crvideo.CreateParams{})
		require.NoError(t, err)
		room = info.ID
	}
	require.NoError(t, c.EnterMeeting(testContext(t), room))
	return c, room
}

// onStage is a member with the devices of a stage.
func onStage(t testing.TB, url, uid string, room int64, s *stage) (*crvideo.Client, int64) {
	c, room := member(t, url, uid, room)
	cam, err := c.AddCamera(testContext(t), "stage", s.camera)
	require.NoError(t, err)
	require.NoError(t, c.SetDefaultVideo(testContext(t), "", cam))
	mic, err := c.AddMic(testContext(t), "stage", s.microphone)
	require.NoError(t, err)
	require.NoError(t, c.SetAudioCfg(testContext(t), crvideo.AudioCfg{MicID: mic}))
	return c, room
}
