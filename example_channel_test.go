package crvideo_test

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/crvideo/crvideo-go"
)

// A command, and a file that the other one puts into a folder of its choice.
func ExampleClient_SendFile() {
	ctx := context.Background()
	url, stop := startServer()
	defer stop()
	ann, _ := join(ctx, url, "ann", 0)
	defer ann.Close()
	bob, _ := join(ctx, url, "bob", 0)
	defer bob.Close()
	dir, err := os.MkdirTemp("", "inbox-")
	must(err)
	defer func() { must(os.RemoveAll(dir)) }()

	commands := make(chan string, 1)
	bob.OnNotifyCmdData(func(e crvideo.NotifyCmdData) { commands <- e.Data })
	bob.OnNotifyFileOffer(func(e crvideo.NotifyFileOffer) {
		_, err := e.File.SaveIn(ctx, dir) // or SaveTo an io.Writer, or Refuse
		must(err)
	})

	must(ann.SendCmd(ctx, "bob", "here it comes"))
	content := []byte("dear Bob")
	must(ann.SendFile(ctx, "bob", crvideo.OutgoingFile{Name: "letter.txt", Size: int64(len(content)), Content: bytes.NewReader(content)}))
	letter, err := os.ReadFile(dir + "/letter.txt")
	must(err)
	fmt.Println(<-commands, string(letter))
	// Output: here it comes dear Bob
}
