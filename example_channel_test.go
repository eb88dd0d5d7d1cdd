package crvideo_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/crvideo/crvideo-go"
)

// Users send each other commands, buffers and files, in a room or not.
func ExampleClient_SendBuffer() {
	url, stop := startServer()
	defer stop()
	ctx := context.Background()
	ann, bob := logIn(ctx, url, "ann"), logIn(ctx, url, "bob")
	defer ann.Close()
	defer bob.Close()

	told := make(chan string, 3)
	bob.OnNotifyCmdData(func(e crvideo.NotifyCmdData) { told <- e.UID + " says " + e.Data })
	bob.OnNotifyBufferData(func(e crvideo.NotifyBufferData) { told <- fmt.Sprint(len(e.Data), " bytes of ", e.UID) })
	bob.OnNotifyFileData(func(e crvideo.NotifyFileData) { told <- e.FileName + ": " + string(e.FileBuffer) })
	must(ann.SendCmd(ctx, "bob", "hello"))
	fmt.Println(<-told)
	must(ann.SendBuffer(ctx, "bob", make([]byte, 1<<20)))
	fmt.Println(<-told)
	must(ann.SendFile(ctx, "bob", crvideo.OutgoingFile{Name: "tea.txt", Size: 5, Content: strings.NewReader("green")}))
	fmt.Println(<-told)
	// Output:
	// ann says hello
	// 1048576 bytes of ann
	// tea.txt: green
}
