package crvideo

import "sync"

// worker calls a function after it was poked, one call at a time, on a goroutine that is there only meanwhile.
type worker struct {
	run   func()
	ended func()

	mu    sync.Mutex
	ready bool // started, and not ended
	poked bool
	busy  bool // there is a goroutine
}

// start lets run be called from now on. ended is called once, after the last call and end.
func (w *worker) start(run, ended func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.run, w.ended, w.ready = run, ended, true
}

// poke has run called, once more if it is being called. It never blocks, and does nothing before start and after end.
func (w *worker) poke() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ready {
		return
	}
	w.poked = true
	if !w.busy {
		w.busy = true
		go w.loop()
	}
}

// end lets run not be called any more. It does not wait for a call that is under way, and may be called in it.
func (w *worker) end() {
	w.mu.Lock()
	first, idle := w.ready, !w.busy
	w.ready = false
	w.mu.Unlock()
	if first && idle {
		w.ended()
	}
}

func (w *worker) loop() {
	for w.next() {
		w.run()
	}
}

// next tells whether to run once more; else the goroutine ends.
func (w *worker) next() bool {
	w.mu.Lock()
	again := w.poked && w.ready
	over := !w.ready
	w.poked = false
	w.busy = again
	w.mu.Unlock()
	if over {
		w.ended()
	}
	return again
}
