package dispatch_test

import (
	"fmt"

	"github.com/crvideo/crvideo-go/internal/dispatch"
)

func ExampleQueue() {
	q := dispatch.New(65536, func() { fmt.Println("too much") })
	q.Post(func() { fmt.Println("first") })
	q.Post(func() { fmt.Println("second"); q.Close() })
	<-q.Done()
	// Output:
	// first
	// second
}
