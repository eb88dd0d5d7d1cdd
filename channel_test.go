package crvideo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/server"
)

func init() {
	verbs = append(verbs, []verb{
		{"SendCmd", false, func(ctx context.Context, c *crvideo.Client) error { return c.SendCmd(ctx, "nobody", "") }},
		{"SendBuffer", false, func(ctx context.Context, c *crvideo.Client) error { return c.SendBuffer(ctx, "nobody", nil) }},
		{"SendFile", false, func(ctx context.Context, c *crvideo.Client) error {
			return c.SendFile(ctx, "nobody", crvideo.OutgoingFile{Name: "x", Content: strings.NewReader("")})
		}},
		{"CancelSend", false, func(ctx context.Context, c *crvideo.Client) error { return c.CancelSend(ctx, "id") }},
	}...)
}

// content is some bytes that are like no others.
func content(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n), byte(n >> 8)}).Read(b)
	return b
}

func fileOf(name string, data []byte) crvideo.OutgoingFile {
	return crvideo.OutgoingFile{Name: name, Size: int64(len(data)), Content: bytes.NewReader(data)}
}

// savesIn has a client put what it is offered into a folder. The results come in the channel.
func savesIn(t *testing.T, c *crvideo.Client, dir string) <-chan error {
	results := make(chan error, 100)
	var work sync.WaitGroup
	t.Cleanup(work.Wait)
	c.OnNotifyFileOffer(func(e crvideo.NotifyFileOffer) {
		work.Go(func() {
			path, err := e.File.SaveIn(context.Background(), dir)
			if err == nil {
				assert.Equal(t, dir, filepath.Dir(path))
			}
			results <- err
		})
	})
	return results
}

// holds checks what is in a folder, and that there is nothing else.
func holds(t *testing.T, dir string, want map[string][]byte) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
		got, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		assert.True(t, bytes.Equal(want[e.Name()], got), "content of %s", e.Name())
	}
	assert.Len(t, names, len(want), "%v", names)
}

func TestSendCmd(t *testing.T) {
	_, alice, bob := twoUsers(t)
	ctx := testContext(t)
	atBob := record(t, bob)
	for _, data := range []string{"", "hello", "\x00<&>\u2028", strings.Repeat("<", 30_000), strings.Repeat("x", crvideo.MaxCmdBytes)} {
		require.NoError(t, alice.SendCmd(ctx, "bob", data))
		atBob.waitFor(t, crvideo.NotifyCmdData{UID: "alice", Data: data})
	}
	assert.ErrorIs(t, alice.SendCmd(ctx, "bob", strings.Repeat("x", crvideo.MaxCmdBytes+1)), crvideo.CodeCmdTooLarge)
	assert.ErrorIs(t, alice.SendCmd(ctx, "bob", strings.Repeat("\x01", crvideo.MaxCmdBytes)), crvideo.CodeCmdTooLarge, "in JSON")
	assert.ErrorIs(t, alice.SendCmd(ctx, "nobody", ""), crvideo.CodeNoTarget)
	assert.ErrorIs(t, alice.SendCmd(ctx, "alice", ""), crvideo.CodeBadParameter)
	assert.ErrorIs(t, alice.SendCmd(ctx, "", ""), crvideo.CodeBadParameter)
	assert.Len(t, relevant(atBob), 5)
}

func TestSendBuffer(t *testing.T) {
	_, alice, bob := twoUsers(t)
	ctx := testContext(t)
	atBob := record(t, bob)
	for _, n := range []int{0, 1, 32 << 10, 3<<20 + 7} {
		data := content(n)
		var seen []int64
		require.NoError(t, alice.SendBuffer(ctx, "bob", data, crvideo.WithProgress(func(sent, total int64) {
			assert.EqualValues(t, n, total)
			seen = append(seen, sent)
		})))
		waitEvent(t, atBob, "buffer", func(e crvideo.NotifyBufferData) bool { return e.UID == "alice" && bytes.Equal(data, e.Data) })
		flush(t, alice)
		require.NotEmpty(t, seen)
		assert.EqualValues(t, n, seen[len(seen)-1])
		assert.IsIncreasing(t, append([]int64{-1}, seen...))
	}
	assert.ErrorIs(t, alice.SendBuffer(ctx, "nobody", nil), crvideo.CodeNoTarget)
	assert.ErrorIs(t, alice.SendBuffer(ctx, "alice", nil), crvideo.CodeBadParameter)
	assert.ErrorIs(t, alice.SendBuffer(ctx, "bob", make([]byte, crvideo.MaxBufferBytes+1)), crvideo.CodeDataTooLarge)
	assert.Len(t, relevant(atBob), 4)
}

// Where nobody listens nothing is taken.
func TestNobodyListens(t *testing.T) {
	srv := newServer(t)
	alice := loggedIn(t, srv, "alice", func(p *crvideo.SDKParams) { p.NoMedia = true })
	deaf, err := crvideo.New(crvideo.SDKParams{ServerAddr: srv.URL(), NoMedia: true}) // without what watches all others
	require.NoError(t, err)
	defer func() { assert.NoError(t, deaf.Close()) }()
	require.NoError(t, deaf.Login(testContext(t), loginParams("deaf")))
	assert.ErrorIs(t, alice.SendBuffer(testContext(t), "deaf", []byte("x")), crvideo.CodeCallRefused)
	assert.ErrorIs(t, alice.SendFile(testContext(t), "deaf", fileOf("x", []byte("x"))), crvideo.CodeCallRefused)
	got := make(chan crvideo.NotifyBufferData, 1)
	deaf.OnNotifyBufferData(func(e crvideo.NotifyBufferData) { got <- e })
	assert.NoError(t, alice.SendBuffer(testContext(t), "deaf", []byte("x")))
	assert.Equal(t, crvideo.NotifyBufferData{UID: "alice", Data: []byte("x")}, receive(t, got))
}

// flush waits until all events before it have been handled.
func flush(t *testing.T, c *crvideo.Client) {
	done := make(chan struct{})
	crvideo.PostEvent(c, func() { close(done) })
	wait(t, "events", done)
}

func TestSendFile(t *testing.T) {
	_, alice, bob := twoUsers(t)
	ctx, dir := testContext(t), t.TempDir()
	small, big := content(5), content(2<<20+1)
	atBob := record(t, bob)

	bob.OnNotifyFileOffer(nil) // which the watch has set
	require.NoError(t, alice.SendFile(ctx, "bob", fileOf("dir/../tea.txt", small)))
	waitEvent(t, atBob, "file", func(e crvideo.NotifyFileData) bool {
		return e.UID == "alice" && e.FileName == "tea.txt" && bytes.Equal(small, e.FileBuffer)
	})

	saved := savesIn(t, bob, dir)
	require.NoError(t, alice.SendFile(ctx, "bob", fileOf("tea.txt", big)))
	require.NoError(t, receive(t, saved))
	offer := waitEvent(t, atBob, "offer", func(crvideo.NotifyFileOffer) bool { return true })
	assert.Equal(t, "alice", offer.UID)
	assert.EqualValues(t, len(big), offer.Size)
	assert.Equal(t, offer.TaskID, offer.File.TaskID())
	assert.ErrorIs(t, second(offer.File.SaveIn(ctx, dir)), crvideo.CodeBadParameter, "once only")
	require.NoError(t, alice.SendFile(ctx, "bob", fileOf("tea.txt", small)))
	require.NoError(t, receive(t, saved))
	holds(t, dir, map[string][]byte{"tea.txt": big, "tea (1).txt": small})

	var out bytes.Buffer
	bob.OnNotifyFileOffer(func(e crvideo.NotifyFileOffer) { assert.NoError(t, e.File.SaveTo(ctx, &out)) })
	require.NoError(t, alice.SendFile(ctx, "bob", fileOf("x", big)))
	flush(t, bob)
	assert.True(t, bytes.Equal(big, out.Bytes()))
}

// Whatever a sender calls its file, it lies in the folder, under a plain name, and nothing else is touched.
func TestHostileFileNames(t *testing.T) {
	_, alice, bob := twoUsers(t)
	parent := t.TempDir()
	dir := filepath.Join(parent, "inbox")
	require.NoError(t, os.Mkdir(dir, 0o700))
	saved := savesIn(t, bob, dir)
	names := []string{
		"../../escape", "/etc/passwd", `..\..\win.ini`, "..", "a/b/c", ".crvideo-x.part", "CON", "nul.txt", "x\x00y", "\u202egpj.exe", " ",
		strings.Repeat("ä", 127), "C:\\x", "inbox", "../inbox",
	}
	for _, name := range names {
		require.NoError(t, alice.SendFile(testContext(t), "bob", fileOf(name, []byte(name))), "%q", name)
		require.NoError(t, receive(t, saved))
	}
	for _, name := range []string{"", strings.Repeat("x", 256), "bad\xff"} {
		assert.ErrorIs(t, alice.SendFile(testContext(t), "bob", fileOf(name, nil)), crvideo.CodeBadParameter, "%q", name)
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, len(names))
	entries, err = os.ReadDir(parent)
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}

// Each way in which a transfer can fail tells both sides, and leaves nothing.
func TestTransferFails(t *testing.T) {
	srv := newServer(t, func(cfg *server.Config) {
		cfg.Limits.TransferOfferTime, cfg.Limits.TransferBytes, cfg.Limits.Transfers = 100*time.Millisecond, 8<<20, 3
	})
	noMedia := func(p *crvideo.SDKParams) { p.NoMedia = true }
	alice, bob := loggedIn(t, srv, "alice", noMedia), loggedIn(t, srv, "bob", noMedia)
	ctx, dir := testContext(t), t.TempDir()
	offers := make(chan *crvideo.IncomingFile, 10)
	bob.OnNotifyFileOffer(func(e crvideo.NotifyFileOffer) { offers <- e.File })
	big := content(4 << 20)
	send := func(content io.Reader) <-chan error {
		end := make(chan error, 1)
		go func() {
			end <- alice.SendFile(ctx, "bob", crvideo.OutgoingFile{Name: "x", Size: int64(len(big)), Content: content})
		}()
		return end
	}
	end := send(bytes.NewReader(big))
	late := receive(t, offers)
	assert.ErrorIs(t, receive(t, end), crvideo.CodeCallNoAnswer)
	assert.ErrorIs(t, second(late.SaveIn(ctx, dir)), crvideo.CodeCallNoAnswer)

	end = send(bytes.NewReader(big))
	receive(t, offers).Refuse()
	assert.ErrorIs(t, receive(t, end), crvideo.CodeCallRefused)

	end = send(io.MultiReader(bytes.NewReader(big[:1<<20]), iotest.ErrReader(errors.New("broken"))))
	assert.ErrorIs(t, second(receive(t, offers).SaveIn(ctx, dir)), crvideo.CodeFile)
	err := receive(t, end)
	assert.ErrorIs(t, err, crvideo.CodeFile)
	assert.ErrorContains(t, err, "broken")

	end = send(bytes.NewReader(big[:1<<20]))
	assert.ErrorIs(t, second(receive(t, offers).SaveIn(ctx, dir)), crvideo.CodeFile)
	assert.ErrorIs(t, receive(t, end), io.ErrUnexpectedEOF)

	end = send(bytes.NewReader(big))
	broken := errors.New("no room")
	err = receive(t, offers).SaveTo(ctx, writerFunc(func([]byte) (int, error) { return 0, broken }))
	assert.ErrorIs(t, err, broken)
	assert.ErrorIs(t, err, crvideo.CodeFile)
	assert.ErrorIs(t, receive(t, end), crvideo.CodeFile)

	end = send(bytes.NewReader(big))
	assert.ErrorIs(t, second(receive(t, offers).SaveIn(ctx, filepath.Join(dir, "nowhere"))), os.ErrNotExist)
	assert.ErrorIs(t, receive(t, end), crvideo.CodeFile)

	for name, cancel := range map[string]func(file *crvideo.IncomingFile){
		"by the receiver": func(f *crvideo.IncomingFile) { assert.NoError(t, bob.CancelSend(ctx, f.TaskID())) },
		"by the sender":   func(f *crvideo.IncomingFile) { assert.NoError(t, alice.CancelSend(ctx, f.TaskID())) },
	} {
		end = send(bytes.NewReader(big))
		file := receive(t, offers)
		err := file.SaveTo(ctx, writerFunc(func(p []byte) (int, error) { cancel(file); cancel = func(*crvideo.IncomingFile) {}; return len(p), nil }))
		assert.ErrorIs(t, err, crvideo.CodeTransferGone, name)
		assert.ErrorIs(t, receive(t, end), crvideo.CodeTransferGone, name)
	}
	assert.ErrorIs(t, alice.CancelSend(ctx, "no such"), crvideo.CodeTransferGone)

	ended := make(chan error, 1)
	given, giveUp := context.WithCancel(ctx)
	go func() { ended <- alice.SendFile(given, "bob", fileOf("x", big)) }()
	file := receive(t, offers)
	giveUp()
	assert.ErrorIs(t, receive(t, ended), context.Canceled)
	assert.ErrorIs(t, file.SaveTo(ctx, io.Discard), crvideo.CodeTransferGone)

	assert.ErrorIs(t, alice.SendFile(ctx, "bob", fileOf("x", content(8<<20+1))), crvideo.CodeDataTooLarge)
	assert.ErrorIs(t, alice.SendFile(ctx, "bob", crvideo.OutgoingFile{Name: "x", Size: -1, Content: bytes.NewReader(nil)}), crvideo.CodeBadParameter)
	assert.ErrorIs(t, alice.SendFile(ctx, "bob", crvideo.OutgoingFile{Name: "x"}), crvideo.CodeBadParameter)

	end = send(bytes.NewReader(big))
	file = receive(t, offers)
	gone := make(chan error, 1)
	err = file.SaveTo(ctx, writerFunc(func(p []byte) (int, error) {
		select {
		case gone <- bob.Logout(ctx):
		default:
		}
		return len(p), nil
	}))
	assert.ErrorIs(t, err, crvideo.CodeNotLoggedIn)
	assert.NoError(t, <-gone)
	assert.ErrorIs(t, receive(t, end), crvideo.CodeOffline)
	holds(t, dir, nil)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Fifty users send each other buffers: each arrives once, whole.
func TestBuffersOfMany(t *testing.T) {
	const users = 50
	srv := newServer(t)
	clients := make([]*crvideo.Client, users)
	var mu sync.Mutex
	got := map[string]int{}
	for i := range clients {
		c := loggedIn(t, srv, fmt.Sprint("user", i), func(p *crvideo.SDKParams) { p.NoMedia = true })
		c.OnNotifyBufferData(func(e crvideo.NotifyBufferData) {
			mu.Lock()
			defer mu.Unlock()
			got[fmt.Sprint(e.UID, " to ", c.UID(), " ", len(e.Data))]++
		})
		clients[i] = c
	}
	var all sync.WaitGroup
	for i, c := range clients {
		for k := 1; k <= 3; k++ {
			all.Go(func() {
				assert.NoError(t, c.SendBuffer(testContext(t), fmt.Sprint("user", (i+k)%users), content(k*70_000)))
			})
		}
	}
	all.Wait()
	for _, c := range clients {
		flush(t, c)
	}
	assert.Len(t, got, 3*users)
	for what, n := range got {
		assert.Equal(t, 1, n, what)
	}
}
