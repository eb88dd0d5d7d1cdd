package crvideo_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/crvideotest"
)

// Whatever is cut, a command arrives once, and a buffer once and whole.
func TestChannelThroughCuts(t *testing.T) {
	n, alice, bob := twoUsers(t)
	atBob := record(t, bob)
	frames := func(d crvideotest.Direction, uid string, nth int) func(crvideotest.Message) bool {
		return crvideotest.Frames(d).Of(uid).Nth(nth)
	}
	method := func(d crvideotest.Direction, uid, method string) func(crvideotest.Message) bool {
		return crvideotest.Method(d, method).Of(uid).Nth(1)
	}
	cuts := []func(crvideotest.Message) bool{
		method(toServer, "alice", "sendCmd"), method(toClient, "alice", "sendCmd"), method(toClient, "bob", "cmdIn"),
		method(toServer, "alice", "offerTransfer"), method(toClient, "alice", "offerTransfer"), method(toClient, "bob", "transferIn"),
		method(toServer, "bob", "acceptTransfer"), method(toClient, "bob", "acceptTransfer"), method(toClient, "alice", "transferAccepted"),
		frames(toServer, "alice", 1), frames(toServer, "alice", 30), frames(toClient, "bob", 1), frames(toClient, "bob", 31),
		frames(toServer, "bob", 1), frames(toServer, "bob", 5), frames(toClient, "alice", 1), frames(toClient, "alice", 5),
		method(toServer, "bob", "endTransfer"), method(toClient, "bob", "endTransfer"), method(toClient, "alice", "transferEnded"),
	}
	for i, cut := range cuts {
		rule := n.CutAtMessage(cut)
		command, data := fmt.Sprint("command ", i), content(2<<20+i)
		require.NoError(t, alice.SendCmd(testContext(t), "bob", command), i)
		require.NoError(t, alice.SendBuffer(testContext(t), "bob", data), i)
		atBob.waitFor(t, crvideo.NotifyCmdData{UID: "alice", Data: command})
		waitEvent(t, atBob, "buffer", func(e crvideo.NotifyBufferData) bool { return bytes.Equal(data, e.Data) })
		wait(t, fmt.Sprint("cut ", i), rule.Hit())
	}
	assert.Len(t, relevant(atBob), 2*len(cuts))
}

// Connections that are cut in the middle of everything, of both, again and again, half open ones included, cost time only.
func TestFileThroughManyCuts(t *testing.T) {
	n, alice, bob := twoUsers(t)
	dir, data := t.TempDir(), content(12<<20+1)
	saved := savesIn(t, bob, dir)
	for _, uid := range []string{"alice", "bob"} {
		for nth := 40; nth < 400; nth += 120 {
			n.CutInMessage(crvideotest.Frames(bothWays).Of(uid).Nth(nth))
		}
	}
	var half sync.Once
	err := alice.SendFile(testContext(t), "bob", fileOf("big", data), crvideo.WithProgress(func(sent, total int64) {
		if sent > total/2 {
			half.Do(func() { n.HalfOpen("bob") })
		}
	}))
	require.NoError(t, err)
	require.NoError(t, receive(t, saved))
	holds(t, dir, map[string][]byte{"big": data})
}

// A server that is restarted without its memory goes on in the middle of transfers both ways, and with what nobody has
// decided over yet. What has arrived does not come again.
func TestTransfersAfterRestarts(t *testing.T) {
	n, alice, bob := twoUsers(t)
	ctx, dir := testContext(t), t.TempDir()
	offers := make(chan *crvideo.IncomingFile, 1)
	bob.OnNotifyFileOffer(func(e crvideo.NotifyFileOffer) { offers <- e.File })
	atAlice, atBob := record(t, alice), record(t, bob)
	data, back := content(6<<20+9), content(5<<20)
	ends := make(chan error, 3)
	slow := &gate{r: bytes.NewReader(data), at: 2 << 20, open: make(chan struct{})}
	go func() {
		ends <- alice.SendFile(ctx, "bob", crvideo.OutgoingFile{Name: "a", Size: int64(len(data)), Content: slow})
	}()
	file := receive(t, offers)
	n.RestartFresh(0) // offered, and not decided over
	saved := make(chan error, 1)
	go func() { saved <- second(file.SaveIn(ctx, dir)) }()
	wait(t, "the middle", slow.reached(t))
	n.RestartFresh(50 * time.Millisecond)
	close(slow.open)
	go func() { ends <- bob.SendBuffer(ctx, "alice", back) }()
	require.NoError(t, receive(t, saved))
	for range 2 {
		require.NoError(t, receive(t, ends))
	}
	holds(t, dir, map[string][]byte{"a": data})
	waitEvent(t, atAlice, "buffer", func(e crvideo.NotifyBufferData) bool { return bytes.Equal(back, e.Data) })

	// The last word of the receiver is lost with the server that it was said to.
	rule := n.DropMessage(crvideotest.Method(toServer, "endTransfer").Of("bob"))
	go func() { ends <- alice.SendBuffer(ctx, "bob", back) }()
	wait(t, "the last word", rule.Hit())
	rule.Remove()
	n.RestartFresh(0)
	require.NoError(t, receive(t, ends))
	waitEvent(t, atBob, "buffer", func(e crvideo.NotifyBufferData) bool { return bytes.Equal(back, e.Data) })
	flush(t, bob)
	buffers := 0
	for _, e := range atBob.all() {
		if _, is := e.(crvideo.NotifyBufferData); is {
			buffers++
		}
	}
	assert.Equal(t, 1, buffers)
}

// gate is a reader that stops in the middle until it is opened.
type gate struct {
	r    io.Reader
	at   int
	open chan struct{}

	mu   sync.Mutex
	read int
}

func (g *gate) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.mu.Lock()
	g.read += n
	stop := g.read >= g.at
	g.mu.Unlock()
	if stop {
		<-g.open
	}
	return n, err
}

func (g *gate) reached(t *testing.T) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		eventually(t, "the middle", func() bool { g.mu.Lock(); defer g.mu.Unlock(); return g.read >= g.at })
	}()
	return done
}

// Of two who do not come back to a restarted server, and one whose login is forgotten by the same server, the other hears.
func TestTransferWithoutTheOther(t *testing.T) {
	srv := newServer(t)
	noMedia := func(p *crvideo.SDKParams) { p.NoMedia = true }
	alice, bob := loggedIn(t, srv, "alice", noMedia), loggedIn(t, srv, "bob", noMedia)
	ctx := testContext(t)
	offers := make(chan *crvideo.IncomingFile, 1)
	bob.OnNotifyFileOffer(func(e crvideo.NotifyFileOffer) { offers <- e.File })
	end := make(chan error, 1)
	send := func() {
		go func() {
			end <- alice.SendFile(ctx, "bob", crvideo.OutgoingFile{Name: "x", Size: 1 << 30, Content: zeros{}})
		}()
	}
	send()
	file := receive(t, offers)
	wrote := make(chan struct{}, 1)
	saved := make(chan error, 1)
	go func() {
		saved <- file.SaveTo(ctx, writerFunc(func(p []byte) (int, error) {
			select {
			case wrote <- struct{}{}:
			default:
			}
			return len(p), nil
		}))
	}()
	receive(t, wrote)
	other := loggedIn(t, srv, "alice", noMedia) // puts the first one out
	assert.ErrorIs(t, receive(t, saved), crvideo.CodeOffline)
	assert.ErrorIs(t, receive(t, end), crvideo.CodeNotLoggedIn)
	alice = other
	send()
	receive(t, offers)
	require.NoError(t, bob.Close())
	assert.ErrorIs(t, receive(t, end), crvideo.CodeOffline)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// A receiver whose connection stands still costs another pair nothing, and its sender's memory a window.
func TestStalledReceiver(t *testing.T) {
	srv := newServer(t)
	n := srv.Network()
	through := func(p *crvideo.SDKParams) { p.ServerAddr, p.NoMedia = n.URL(), true }
	alice, bob, carol := loggedIn(t, srv, "alice", through), loggedIn(t, srv, "bob", through), loggedIn(t, srv, "carol", through)
	ctx, cancel := context.WithCancel(testContext(t))
	defer cancel()
	saved := savesIn(t, bob, t.TempDir())
	var mu sync.Mutex
	read := 0
	end := make(chan error, 1)
	stalled := make(chan struct{})
	go func() {
		end <- alice.SendFile(ctx, "bob", crvideo.OutgoingFile{Name: "x", Size: 1 << 30, Content: readerFunc(func(p []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			if read += len(p); read == 4<<20 {
				n.Stall(toClient, "bob")
				close(stalled)
			}
			return len(p), nil
		})})
	}()
	wait(t, "the middle", stalled)
	atCarol := record(t, carol)
	for i := range 8 { // as much as one likes, from the sender that waits for bob, too
		data := content(1<<20 + i)
		require.NoError(t, alice.SendBuffer(ctx, "carol", data))
		waitEvent(t, atCarol, "buffer", func(e crvideo.NotifyBufferData) bool { return bytes.Equal(data, e.Data) })
	}
	mu.Lock()
	assert.LessOrEqual(t, read, 4<<20+1<<20, "no more than a window was read from the one that waits, and as much that was on its way")
	mu.Unlock()
	n.Resume("bob")
	eventually(t, "it goes on", func() bool { mu.Lock(); defer mu.Unlock(); return read > 8<<20 })
	cancel()
	assert.ErrorIs(t, receive(t, end), context.Canceled)
	assert.ErrorIs(t, receive(t, saved), crvideo.CodeTransferGone)
}

// Twenty users at once while the server is restarted and connections are cut: every command and every buffer that was
// sent well has arrived once, in the order of its sender.
func TestChannelInAStorm(t *testing.T) {
	const users, rounds = 20, 6
	srv := newServer(t)
	n := srv.Network()
	clients := make([]*crvideo.Client, users)
	var mu sync.Mutex
	got := map[string]int{}
	last := map[string]int{}
	for i := range clients {
		c := loggedIn(t, srv, fmt.Sprint("user", i), func(p *crvideo.SDKParams) { p.ServerAddr, p.NoMedia = n.URL(), true })
		me := fmt.Sprint("user", i)
		c.OnNotifyBufferData(func(e crvideo.NotifyBufferData) {
			mu.Lock()
			defer mu.Unlock()
			got[fmt.Sprint(e.UID+">"+me, len(e.Data))]++
		})
		c.OnNotifyCmdData(func(e crvideo.NotifyCmdData) {
			mu.Lock()
			defer mu.Unlock()
			var round int
			_, err := fmt.Sscan(e.Data, &round)
			assert.NoError(t, err)
			assert.Greater(t, round, last[e.UID+">"+me], "order")
			last[e.UID+">"+me] = round
			got[e.UID+">"+me+" cmd "+e.Data]++
		})
		clients[i] = c
	}
	sent := map[string]bool{}
	// patiently sends to somebody who may not be back yet after a restart.
	patiently := func(what string, send func() error) {
		err := send()
		for crvideo.CodeOf(err) == crvideo.CodeNoTarget {
			err = send()
		}
		assert.NoError(t, err)
		mu.Lock()
		defer mu.Unlock()
		sent[what] = true
	}
	var all sync.WaitGroup
	for i, c := range clients {
		way := fmt.Sprintf("user%d>user%d", i, (i+1)%users)
		to := fmt.Sprint("user", (i+1)%users)
		all.Go(func() {
			for round := 1; round <= rounds; round++ {
				patiently(fmt.Sprint(way, " cmd ", round), func() error { return c.SendCmd(testContext(t), to, fmt.Sprint(round)) })
				data := content(100_000*round + i)
				patiently(fmt.Sprint(way, len(data)), func() error { return c.SendBuffer(testContext(t), to, data) })
			}
		})
	}
	for i := range users { // while they are at it
		eventually(t, "deliveries", func() bool { mu.Lock(); defer mu.Unlock(); return len(got) >= 6*i })
		if i%4 == 0 {
			n.RestartFresh(0)
		} else {
			n.Cut(fmt.Sprint("user", i))
		}
	}
	all.Wait()
	for _, c := range clients {
		flush(t, c)
	}
	mu.Lock()
	defer mu.Unlock()
	for what := range sent {
		if !strings.Contains(what, "cmd") { // a command that the server had for somebody who was away is lost with that server
			assert.Equal(t, 1, got[what], what)
		}
	}
	for what, times := range got {
		assert.Equal(t, 1, times, what)
	}
}
