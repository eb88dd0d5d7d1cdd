package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

const (
	toneWindow = crvideo.PCMRate / 5 // 200 ms of sound are searched for a tone
	moved      = 3                   // different pictures that count as a moving one
)

// observer decodes what one member sends, and keeps account of it.
type observer struct {
	self, uid string
	c         *crvideo.Client
	video     *crvideo.VideoReader
	audio     *crvideo.AudioReader
	wg        sync.WaitGroup

	mu            sync.Mutex // guards what follows
	width, height int
	frames        int // decoded pictures
	pictures      int // of them: different from the one before
	pattern       bool
	member        uint32
	counter       uint32
	tone          float64 // Hz; 0: none found
	toneFound     bool    // at any time
	failure       error
	last          lastLine
}

// lastLine is what the figures of a line are the difference to.
type lastLine struct {
	at           time.Time
	frames       int
	video, audio crvideo.StreamStats
}

// observe watches and listens to a member until ctx ends or close is called.
func observe(ctx context.Context, c *crvideo.Client, uid string) (*observer, error) {
	o := &observer{self: c.UID(), uid: uid, c: c, last: lastLine{at: time.Now()}}
	var err error
	if o.video, err = c.Video(uid, crvideo.DefaultCamera); err != nil {
		return nil, err
	}
	if o.audio, err = c.Audio(uid); err != nil {
		_ = o.video.Close()
		return nil, err
	}
	o.wg.Go(func() { o.see(ctx) })
	o.wg.Go(func() { o.hear(ctx) })
	return o, nil
}

func (o *observer) close() {
	_ = o.video.Close()
	_ = o.audio.Close()
	o.wg.Wait()
}

func (o *observer) see(ctx context.Context) {
	var lastLuma [16]byte
	for {
		f, err := o.video.ReadFrame(ctx)
		if err != nil {
			o.fail(err)
			return
		}
		luma := fingerprint(f.Image.Y)
		member, counter, ok := crvideotest.ReadPattern(f.Image)
		o.mu.Lock()
		o.frames++
		o.width, o.height = f.Image.Rect.Dx(), f.Image.Rect.Dy()
		if (ok && counter != o.counter) || (!ok && luma != lastLuma) {
			o.pictures++
		}
		o.pattern, o.member, o.counter = ok, member, counter
		o.mu.Unlock()
		lastLuma = luma
	}
}

// fingerprint takes some pixels of a picture to see whether it moves.
func fingerprint(luma []byte) (f [16]byte) {
	for i := range luma {
		f[i%len(f)] ^= luma[i]
	}
	return f
}

func (o *observer) hear(ctx context.Context) {
	window := make([]int16, toneWindow)
	filled := 0
	for {
		n, err := o.audio.ReadPCM(ctx, window[filled:])
		if err != nil {
			o.fail(err)
			return
		}
		if filled += n; filled < len(window) {
			continue
		}
		filled = 0
		hz, ok := crvideotest.DetectTone(window, crvideo.PCMRate)
		o.mu.Lock()
		o.tone = 0
		if ok {
			o.tone, o.toneFound = hz, true
		}
		o.mu.Unlock()
	}
}

func (o *observer) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failure = err
}

// missing names what has not been decoded; empty if nothing is missing.
func (o *observer) missing() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var m []string
	info, _ := o.c.GetMemberInfo(o.uid)
	switch {
	case o.frames == 0:
		m = append(m, "a picture")
	case o.pictures < moved:
		m = append(m, "a moving picture")
	case o.pattern && info.Num != 0 && o.member != info.Num:
		m = append(m, fmt.Sprintf("the right picture (it is of member %d, not %d)", o.member, info.Num))
	}
	if !o.toneFound {
		m = append(m, "a tone")
	}
	if o.failure != nil && len(m) > 0 {
		m = append(m, o.failure.Error())
	}
	return strings.Join(m, ", ")
}

// line is one second in figures.
func (o *observer) line() string {
	stats := o.c.GetStats()
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	seconds := now.Sub(o.last.at).Seconds()
	next := lastLine{at: now, frames: o.frames}
	for _, s := range stats.Receiving {
		if s.UID != o.uid {
			continue
		}
		if s.Kind == crvideo.KindVideo {
			next.video = s
		} else {
			next.audio = s
		}
	}
	picture := "no pattern"
	if o.pattern {
		picture = fmt.Sprintf("frame %d of member %d", o.counter, o.member)
	}
	tone := "no tone"
	if o.tone > 0 {
		tone = fmt.Sprintf("tone %.1f Hz", o.tone)
	}
	text := fmt.Sprintf("%s: %s %dx%d %.1f fps %s, %s; %s %s, %s; rtt %.1f ms", o.uid,
		codec(next.video), o.width, o.height, float64(o.frames-o.last.frames)/seconds, rate(next.video, o.last.video, seconds), picture,
		codec(next.audio), rate(next.audio, o.last.audio, seconds), tone, float64(stats.RTT.Microseconds())/1000)
	o.last = next
	return text
}

func codec(s crvideo.StreamStats) string {
	if s.Codec == "" {
		return "nothing"
	}
	_, name, _ := strings.Cut(s.Codec, "/")
	return name
}

func rate(now, before crvideo.StreamStats, seconds float64) string {
	if now.Bytes < before.Bytes { // another stream
		before = crvideo.StreamStats{}
	}
	kbps := float64(now.Bytes-before.Bytes) * 8 / 1000 / seconds
	lost := 0.0
	if expected := float64(now.Packets-before.Packets) + float64(now.Lost-before.Lost); expected > 0 {
		lost = 100 * float64(now.Lost-before.Lost) / expected
	}
	return fmt.Sprintf("%.0f kbps loss %.1f%%", kbps, lost)
}
