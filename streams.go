package crvideo

import (
	"context"
	"io"
	"sync"
)

// NotifyAudioStream tells that there is sound to be had of a side (CRVideo_NotifyAudioStream): of one's own when the
// microphone is open, of the others' when a room is entered. Stream.Open gives it. It comes to its handler only, never to
// Events.
type NotifyAudioStream struct {
	Side   AudioSide
	Stream AudioStream
}

// NotifyVideoStream tells that there are pictures to be had of another member's camera (CRVideo_NotifyVideoStream): it was
// opened, or is open when one enters. Stream.Open gives them. It comes to its handler only, never to Events.
type NotifyVideoStream struct {
	UID     string
	VideoID int
	Stream  VideoStream
}

func (NotifyAudioStream) isEvent() {}
func (NotifyVideoStream) isEvent() {}

// PCMReader is sound that is read; Mix and AudioReader are such.
type PCMReader interface {
	// ReadPCM waits for sound: signed 16 bit, channels interleaved. It returns the number of values; io.EOF after Close.
	ReadPCM(ctx context.Context, pcm []int16) (int, error)
	Close() error
}

// AudioStream is the sound of one side.
type AudioStream struct {
	c    *Client
	side AudioSide
}

// Open begins to read: the others' mixed, as Client.Mix does, or one's own as the others get it, in the form that options
// say. Close must be called at its end. Errors: 5 impossible form, 8005 the build cannot decode, 11 client closed.
func (s AudioStream) Open(options ...PCMOption) (PCMReader, error) {
	const op = "AudioStream.Open"
	if s.c == nil {
		return nil, failf(op, CodeBadParameter, "no stream")
	}
	if s.side == AudioSideSpeaker {
		return s.c.Mix(options...)
	}
	if err := s.c.notClosed(op); err != nil {
		return nil, err
	}
	o, err := pcmOptionsOf(op, options)
	if err != nil {
		return nil, err
	}
	r := &ownSound{life: s.c.life.Done(), limit: o.format.Rate * o.format.Channels, ready: make(chan struct{}, 1), closed: make(chan struct{})}
	if r.unlisten, err = s.c.feedMic(o.format, r.put); err != nil {
		return nil, toError(op, err)
	}
	return r, nil
}

// ownSound reads what one's own microphone sends. Of a reader that is a second behind the oldest is dropped.
type ownSound struct {
	life     <-chan struct{}
	limit    int // values
	unlisten func()
	ready    chan struct{} // capacity 1
	closed   chan struct{}
	once     sync.Once

	mu   sync.Mutex
	held []int16
}

func (r *ownSound) put(pcm []int16) {
	r.mu.Lock()
	r.held = append(r.held, pcm...)
	if extra := len(r.held) - r.limit; extra > 0 {
		r.held = r.held[:copy(r.held, r.held[extra:])]
	}
	r.mu.Unlock()
	select {
	case r.ready <- struct{}{}:
	default:
	}
}

func (r *ownSound) ReadPCM(ctx context.Context, pcm []int16) (int, error) {
	for {
		select {
		case <-r.closed: // what is left is of no interest
			return 0, io.EOF
		default:
		}
		r.mu.Lock()
		n := copy(pcm, r.held)
		r.held = r.held[:copy(r.held, r.held[n:])]
		r.mu.Unlock()
		if n > 0 || len(pcm) == 0 {
			return n, nil
		}
		select {
		case <-r.ready:
		case <-r.closed:
			return 0, io.EOF
		case <-r.life:
			return 0, io.EOF
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func (r *ownSound) Close() error {
	r.once.Do(func() {
		close(r.closed)
		r.unlisten()
	})
	return nil
}

var _, _, _ PCMReader = (*Mix)(nil), (*AudioReader)(nil), (*ownSound)(nil)

// VideoStream is one camera of another member.
type VideoStream struct {
	c       *Client
	uid     string
	videoID int
}

// Open begins to receive the pictures, as Client.Video does.
func (s VideoStream) Open(options ...VideoOption) (*VideoReader, error) {
	if s.c == nil {
		return nil, failf("VideoStream.Open", CodeBadParameter, "no stream")
	}
	return s.c.Video(s.uid, s.videoID, options...)
}

// tellHandler queues an event for its handler alone.
func tellHandler[E Event](c *Client, s *slot[E], e E) {
	if s.isSet() {
		c.events.post(func() { s.call(e) })
	}
}

func (c *Client) tellAudioStream(side AudioSide) {
	tellHandler(c, &c.on.audioStream, NotifyAudioStream{side, AudioStream{c, side}})
}

// tellStreamsLocked tells of the cameras of a member that are open since it was called last, unless they only come back
// after the server was away.
func (r *room) tellStreamsLocked(m *member) {
	if m.UID == r.login.uid {
		return
	}
	quiet := m.shown != nil || m.missing || m.openBefore != nil
	told := make(map[int]uint32, len(m.told))
	for i := range m.Videos {
		v := &m.Videos[i]
		if v.Stream == nil {
			continue
		}
		told[v.ID] = v.Stream.Num
		if m.told[v.ID] != v.Stream.Num && !quiet {
			tellHandler(r.c, &r.c.on.videoStream, NotifyVideoStream{m.UID, v.ID, VideoStream{r.c, m.UID, v.ID}})
		}
	}
	m.told = told
}

// OnNotifyAudioStream sets the handler of NotifyAudioStream.
func (c *Client) OnNotifyAudioStream(fn func(NotifyAudioStream)) { c.on.audioStream.set(fn) }

// OnNotifyVideoStream sets the handler of NotifyVideoStream.
func (c *Client) OnNotifyVideoStream(fn func(NotifyVideoStream)) { c.on.videoStream.set(fn) }

// OnNotifyAudioStream sets the handler of NotifyAudioStream on the default client.
func OnNotifyAudioStream(fn func(NotifyAudioStream)) { std.on.audioStream.set(fn) }

// OnNotifyVideoStream sets the handler of NotifyVideoStream on the default client.
func OnNotifyVideoStream(fn func(NotifyVideoStream)) { std.on.videoStream.set(fn) }

// streamCallbacks are the handlers of streams; no reader of Events hears of these.
type streamCallbacks struct {
	audioStream slot[NotifyAudioStream]
	videoStream slot[NotifyVideoStream]
}
