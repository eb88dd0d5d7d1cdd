package audio

const (
	maxFar  = 48000 / 5 // samples: 200 ms between speaker and microphone is more than their clocks account for
	farIdle = 50        // frames without anything played until the speaker counts as silent
	farLook = 50        // frames after which it is looked whether more is held than need be
)

// far is what the speaker was given and the microphone has not been asked about yet, mono. What it gives should stay in
// step with what the microphone hears: an echo canceller has to learn anew when that changes. When the speaker is late
// it gives silence, which is what the speaker plays then. If it was only unpunctual, too much is held from then on, and
// that is dropped again.
type far struct {
	held    []int16
	frame   []int16
	idle    int
	playing bool
	spare   int // least that was held after a frame was taken, of late
	looked  int
}

func (f *far) put(pcm []int16, channels int) {
	for i := 0; i+channels <= len(pcm); i += channels {
		sum := 0
		for _, v := range pcm[i : i+channels] {
			sum += int(v)
		}
		f.held = append(f.held, int16(sum/channels))
	}
	f.drop(len(f.held) - maxFar) // nobody asks
	f.idle = 0
}

func (f *far) drop(n int) {
	if n > 0 {
		f.held = f.held[:copy(f.held, f.held[n:])]
	}
}

// take returns the next frame, of silence if the speaker is late, nil if it plays nothing.
func (f *far) take(n int) []int16 {
	if f.idle++; f.idle > farIdle {
		f.held, f.playing = f.held[:0], false
	}
	if !f.playing {
		if len(f.held) < n {
			return nil
		}
		f.drop(len(f.held) - 2*n)
		f.playing, f.spare, f.looked = true, maxFar, 0
	}
	if cap(f.frame) < n {
		f.frame = make([]int16, n)
	}
	f.frame = f.frame[:n]
	got := copy(f.frame, f.held)
	clear(f.frame[got:])
	f.drop(got)
	f.spare = min(f.spare, len(f.held))
	if f.looked++; f.looked == farLook {
		f.drop(f.spare - 2*n)
		f.spare, f.looked = maxFar, 0
	}
	return f.frame
}
