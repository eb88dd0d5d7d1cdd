package crvideotest

// TB is what this package needs of a test: *testing.T, *testing.B and *testing.F have it. A program that is no test may
// bring one of its own, as `crvideo soak` does; so this package does not pull package testing into programs.
type TB interface {
	Helper()
	Cleanup(func()) // run at the end, last one first
	Logf(format string, args ...any)
	Errorf(format string, args ...any) // may come from any goroutine
	Fatalf(format string, args ...any) // must not return
}
