package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
	"github.com/crvideo/crvideo-go/examples/internal/solo"
)

const (
	hearRate  = 16000
	speakRate = 24000
	frame     = 20 * time.Millisecond
	loud      = 300                    // root mean square from which on somebody speaks
	pause     = 300 * time.Millisecond // of silence ends what somebody says
	shortest  = 200 * time.Millisecond // is not worth an answer, or an interruption
	answerHz  = 660.0
	answerFor = 3 * time.Second
)

// agent listens until somebody has said something, and answers.
type agent struct {
	out   io.Writer
	c     *crvideo.Client
	voice *crvideo.PCMQueue

	answering sync.WaitGroup
}

func newAgent(ctx context.Context, out io.Writer, c *crvideo.Client) (*agent, error) {
	voice, err := crvideo.NewPCMQueue(crvideo.WithRate(speakRate))
	if err != nil {
		return nil, err
	}
	return &agent{out: out, c: c, voice: voice}, solo.Speak(ctx, c, "agent", voice)
}

func (a *agent) run(ctx context.Context) error {
	defer a.answering.Wait()
	room, err := a.c.Mix(crvideo.WithRate(hearRate), crvideo.WithFrame(frame))
	if err != nil {
		return err
	}
	defer room.Close()
	var said []int16 // since somebody began to speak
	var quiet time.Duration
	pcm := make([]int16, int(frame)*hearRate/int(time.Second))
	for {
		if _, err := room.ReadPCM(ctx, pcm); err != nil {
			return err
		}
		if loudness(pcm) >= loud {
			said, quiet = append(said, pcm...), 0
			if a.voice.Queued() > 0 && length(said) >= shortest {
				a.interrupt()
			}
			continue
		}
		if quiet += frame; quiet < pause || len(said) == 0 {
			continue
		}
		if length(said) >= shortest {
			fmt.Fprintf(a.out, "the agent heard %v\n", length(said))
			a.say(ctx, answer(said))
		}
		said = nil
	}
}

// say writes faster than real time; the queue paces it.
func (a *agent) say(ctx context.Context, pcm []int16) {
	a.answering.Go(func() {
		before := a.voice.Played()
		err := a.voice.Write(ctx, pcm)
		if err == nil {
			err = a.voice.Wait(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		interrupted := errors.Is(err, crvideo.ErrFlushed) || a.voice.Played()-before < time.Duration(len(pcm))*time.Second/speakRate
		fmt.Fprintf(a.out, "the agent said %v, interrupted: %v\n", (a.voice.Played() - before).Round(frame), interrupted)
	})
}

func (a *agent) interrupt() {
	dropped := a.voice.Flush()
	fmt.Fprintf(a.out, "the agent is interrupted: %v stay unsaid in the queue\n", dropped)
	a.answering.Wait()
}

// answer takes the place of recognition, model and synthesis: it gives a tone, whatever was said.
func answer([]int16) []int16 {
	pcm := make([]int16, int(answerFor.Seconds()*speakRate))
	for i := range pcm {
		pcm[i] = int16(6000 * math.Sin(2*math.Pi*answerHz*float64(i)/speakRate))
	}
	return pcm
}

func loudness(pcm []int16) float64 {
	var sum float64
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(pcm)))
}

func length(pcm []int16) time.Duration { return time.Duration(len(pcm)) * time.Second / hearRate }
