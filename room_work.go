package crvideo

import (
	"context"
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// startWorkLocked begins the room's work, which ends with r.ctx, and which release waits for.
func (r *room) startWorkLocked() {
	if r.c.room != r {
		return
	}
	r.tasks.Add(1)
	r.c.tasks.Add(1)
	r.later = time.AfterFunc(time.Hour, r.poke)
	r.later.Stop()
	r.chores.start(r.work, func() {
		r.later.Stop()
		r.releaseRequests()
		r.tasks.Done()
		r.c.tasks.Done()
	})
	context.AfterFunc(r.ctx, r.chores.end)
	r.clock = time.AfterFunc(tickInterval, r.tick)
}

// poke lets work look again.
func (r *room) poke() { r.chores.poke() }

// work connects media, then keeps it, and what the server knows of us, up to date. Nothing else negotiates or enters
// again.
func (r *room) work() {
	if err := r.takeAnswer(); err != nil {
		r.chores.end()
		r.mediaFailed("the server's answer is refused: " + err.Error())
		return
	}
	ctx := r.beginRound()
	again, err := r.round(ctx)
	if err != nil && ctx.Err() == nil {
		r.c.log.Warn("the server does not follow, trying again", "room", r.id, "error", err)
		again = retryDelay
	}
	if again > 0 {
		r.later.Reset(again)
	}
}

// takeAnswer gives the answer to enterMeeting to media, once.
func (r *room) takeAnswer() error {
	r.c.mu.Lock()
	conn, answer := r.conn, r.answer
	r.answer = ""
	r.c.mu.Unlock()
	if conn == nil || answer == "" {
		return nil
	}
	return conn.Answer(answer)
}

// beginRound gives the context of a round of work, which ends when the server turns out to have forgotten us.
func (r *room) beginRound() context.Context {
	ctx, cancel := context.WithCancel(r.ctx)
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	if r.endRound != nil {
		r.endRound()
	}
	r.endRound = cancel
	return ctx
}

// round does what is to be done, and may ask to be called again after a time.
func (r *room) round(ctx context.Context) (again time.Duration, err error) {
	if err := r.enterAgain(ctx); err != nil {
		return 0, err
	}
	if err := r.restoreAttrs(ctx); err != nil {
		return 0, err
	}
	again = r.endGrace()
	if r.params.NoMedia {
		return again, nil
	}
	soon, err := r.repairMedia(ctx)
	if err == nil {
		err = r.syncWishes(ctx)
	}
	if err == nil {
		err = r.growSlots(ctx)
	}
	return sooner(again, soon), err
}

// sooner is the smaller of two waits, of which 0 means none.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// retryDelay is how long work waits before it repeats what failed.
const retryDelay = time.Second

// growSlots negotiates as many more receive slots as the server asked for, and as many more places to send from as
// there are cameras to be opened.
func (r *room) growSlots(ctx context.Context) (err error) {
	r.c.mu.Lock()
	conn, need, again, cameras := r.conn, r.need, r.offerFailed, r.placesWantedLocked()
	r.need, r.offerFailed = wire.SlotsNeeded{}, false
	again = again || cameras > r.places
	r.c.mu.Unlock()
	if conn == nil || need.Audio <= 0 && need.Video <= 0 && !again {
		return nil
	}
	defer func() {
		if err != nil {
			r.locked(func(*Client) { r.offerFailed = true })
		}
	}()
	if err := conn.AddCameras(cameras); err != nil {
		return err
	}
	offer, err := conn.Grow(clamp(need.Audio), clamp(need.Video))
	if err != nil {
		return err
	}
	if err := r.negotiate(ctx, conn, offer); err != nil {
		return err
	}
	r.locked(func(*Client) { r.takePlacesLocked(conn) })
	return nil
}

func clamp(slots int) int { return min(max(slots, 0), maxSlots) }

// tickInterval is how often a room is looked at by the clock.
const tickInterval = energyInterval

// tick tells how loud everybody is, and now and then how good the network is, until the room is left. It is called by a
// timer: in between it needs no goroutine.
func (r *room) tick() {
	r.locked(func(c *Client) {
		c.meterLocked(r)
		if r.ticks++; r.ticks%(int(netInterval/tickInterval)) == 0 && r.conn != nil {
			r.lookLocked()
		}
		r.clock.Reset(tickInterval)
	})
}
