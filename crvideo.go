package crvideo

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/transport/v5"

	"github.com/crvideo/crvideo-go/internal/audio"
	"github.com/crvideo/crvideo-go/internal/playback"
	"github.com/crvideo/crvideo-go/internal/wire"
)

// Version is the version of this SDK.
const Version = "0.1.0"

// Client is one user of a server: one login and at most one room at a time. Any number of clients live in a process.
// All methods may be called from any goroutine, event handlers included.
type Client struct {
	on     *callbacks
	events *eventHub
	log    *slog.Logger
	done   chan struct{} // closed when nothing of the client is left

	life     context.Context // ends with Close
	endLife  context.CancelFunc
	tasks    sync.WaitGroup // every goroutine of the client but the dispatcher's and those of outside
	underWay atomic.Int64   // transfers
	outside  sync.WaitGroup // goroutines that run the application's sources, which may call Close

	// sending is held from the decision to send a device request to its sending, so that an open and a close of the
	// same device reach the server in the order in which they were decided. It is taken before mu.
	sending sync.Mutex

	mu       sync.Mutex // guards everything below; never held while calling out
	closed   bool
	params   SDKParams
	addr     string
	login    *login                  // nil: logged out
	room     *room                   // nil: in no room
	last     wire.EnterMeetingParams // the last room, for Reenter
	leaving  chan struct{}           // closed when the last room has been left for good; nil: nothing to wait for
	devices  deviceTable
	audioCfg AudioCfg
	videoCfg VideoCfg
	mic      publisher
	camera   publisher
	speakers speakers       // has locks of its own
	feeds    pcmFeeds       // has a lock of its own
	sound    micSound       // has locks of its own
	hearing  wire.AudioWish // whose sound is wanted; its list is replaced, never changed
	uis      map[*VideoUI]struct{}
	boardUIs map[*BoardUIObj]struct{}

	network transport.Net // of media; nil: the machine's. Tests put a virtual one here

	find func() (cameras, mics []foundDevice) // of the machine
	poll *time.Timer                          // calls it again and again

	firstPictureTime, nextPictureTime time.Duration

	wishes    map[*wish]struct{} // cameras that somebody watches here
	followers map[*follower]struct{}
	lastMsg   uint64        // number of the last message to a room
	changed   chan struct{} // closed and replaced whenever a stream or the room comes or goes
}

// New makes a client. Close must be called at its end. In the mirror this is Init.
func New(params SDKParams) (*Client, error) {
	return newClient(params, &callbacks{})
}

func newClient(params SDKParams, on *callbacks) (*Client, error) {
	if err := params.check("Init"); err != nil {
		return nil, err
	}
	c := &Client{
		on:        on,
		log:       params.logger(),
		done:      make(chan struct{}),
		params:    params,
		addr:      params.ServerAddr,
		audioCfg:  defaultAudioCfg(),
		videoCfg:  defaultVideoCfg(),
		uis:       map[*VideoUI]struct{}{},
		boardUIs:  map[*BoardUIObj]struct{}{},
		wishes:    map[*wish]struct{}{},
		followers: map[*follower]struct{}{},
		changed:   make(chan struct{}),

		find: findDevices, firstPictureTime: firstPictureTime, nextPictureTime: nextPictureTime,
	}
	c.sound.chain = audio.NewChain()
	c.sound.apply(&c.audioCfg)
	c.mic = publisher{status: StatusUnknown}
	c.camera = publisher{status: StatusUnknown}
	c.life, c.endLife = context.WithCancel(context.Background())
	c.events = newEventHub(func() {
		c.log.Error("event queue overflow: the login is ended", "events", eventQueueLimit)
		go c.lineOff(nil, CodeInternal) // not from under the queue's lock
	})
	c.devices.find()
	c.mu.Lock() // which the timer's function takes, too
	c.poll = time.AfterFunc(devicePoll, c.pollDevices)
	c.mu.Unlock()
	if playback.Registered() != nil {
		c.spawn(c.watchSpeakers)
	}
	return c, nil
}

// Close ends the client: it leaves the room, logs out and releases devices and sockets. When it returns no media
// flows any more; Done tells when the last event has been delivered and the application's own sources are closed. It
// may be called at any moment, from any goroutine, those of event handlers and sources included, and more than once.
func (c *Client) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	c.poll.Stop()
	l, r := c.login, c.detachRoomLocked()
	c.login = nil
	uis, boardUIs := slices.Collect(maps.Keys(c.uis)), slices.Collect(maps.Keys(c.boardUIs))
	c.mu.Unlock()

	c.endLife()
	c.stopPCM(AudioSideMic)
	c.stopPCM(AudioSideSpeaker)
	for _, ui := range uis {
		ui.Destroy()
	}
	for _, ui := range boardUIs {
		ui.Destroy()
	}
	if r != nil {
		r.release(false)
	}
	if l != nil {
		l.end()
	}
	c.tasks.Wait()
	c.events.close()
	go func() {
		c.outside.Wait()
		<-c.events.queue.Done()
		close(c.done)
	}()
	return nil
}

// Done is closed when the client has ended and its last event has been delivered. No event comes after it.
func (c *Client) Done() <-chan struct{} { return c.done }

// notClosed fails once the client is closed, which every call says before it looks at its arguments.
func (c *Client) notClosed(op string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return fail(op, CodeNotInit, nil)
	}
	return nil
}

// spawn runs fn on a goroutine that Close waits for. It reports false, and runs nothing, once the client is closed.
func (c *Client) spawn(fn func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spawnLocked(fn)
}

func (c *Client) spawnLocked(fn func()) bool {
	if c.closed {
		return false
	}
	c.tasks.Go(fn)
	return true
}

// broadcastLocked wakes everybody who waits for a stream.
func (c *Client) broadcastLocked() {
	c.turnLocked()
	close(c.changed)
	c.changed = make(chan struct{})
}

// await starts a verb and waits for its one end, or gives it up when ctx ends first.
func await[T any](ctx context.Context, op string, start func(done func(T, error)) (abandon func())) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	var none T
	if err := ctx.Err(); err != nil {
		return none, toError(op, err)
	}
	ch := make(chan outcome, 1)
	abandon := start(func(v T, err error) { ch <- outcome{v, err} })
	select {
	case o := <-ch:
		return o.value, toError(op, o.err)
	case <-ctx.Done():
		abandon()
		return none, toError(op, ctx.Err())
	}
}

// nothing is the value of verbs that only succeed or fail.
type nothing = struct{}

func noAbandon() {}
