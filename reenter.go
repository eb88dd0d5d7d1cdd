package crvideo

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// ReenterPolicy says how Reenter tries. The zero value is what the vendor's demo does.
type ReenterPolicy struct {
	Attempts int           // how often to try; default 10
	Interval time.Duration // from the end of one attempt to the next; default 1 s
	GiveUp   []Code        // after which another attempt is of no use, besides 5, 11 and 12; default 1, 9, 201, 800, 801, 802, 805, 806
}

var hopeless = []Code{CodeUnknown, CodeLoginState, CodeNoServerAddr, CodeNoRoom, CodeRoomPassword, CodeRoomFull, codeOutOfCredit, CodeInvalidUser}

// unchanging are the errors that no time mends, whatever the policy says.
var unchanging = []Code{CodeBadParameter, CodeNotInit, CodeNotLoggedIn}

// codeOutOfCredit is of the vendor's service only.
const codeOutOfCredit Code = 805

// attempts calls try until it succeeds, is hopeless, or has been called often enough, and returns its last error.
func (p ReenterPolicy) attempts(ctx context.Context, try func(n int) error) error {
	giveUp := p.GiveUp
	if giveUp == nil {
		giveUp = hopeless
	}
	for n := 1; ; n++ {
		err := try(n)
		switch {
		case err == nil || n >= orDefault(p.Attempts, 10):
			return err
		case slices.Contains(giveUp, CodeOf(err)), slices.Contains(unchanging, CodeOf(err)):
			return err
		}
		timer := time.NewTimer(orDefault(p.Interval, time.Second))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}

// Reenter enters the last room again, with the same options, after MeetingDropped: several times, until it succeeds or
// an answer leaves no hope. It returns the last error. In a handler, start it in a goroutine or with the mirror's Reenter,
// since other events wait for the end of a handler.
func (c *Client) Reenter(ctx context.Context, policy ReenterPolicy) error {
	const op = "Reenter"
	return policy.attempts(ctx, func(int) error {
		_, err := await(ctx, op, func(done func(nothing, error)) func() {
			return c.startReenter(op, func(err error) { done(nothing{}, err) })
		})
		return err
	})
}

func (c *Client) startReenter(op string, done func(error)) (abandon func()) {
	c.mu.Lock()
	last, closed := c.last, c.closed
	c.mu.Unlock()
	switch {
	case closed:
		done(fail(op, CodeNotInit, nil))
		return noAbandon
	case last.MeetID == 0:
		done(failf(op, CodeBadParameter, "no room was entered before"))
		return noAbandon
	}
	return c.startEnterWith(last, done)
}

// Reenter enters the last room of the default client again, after MeetingDropped, as the vendor's demo does. Each attempt
// ends with EnterMeetingRslt, whose cookie is "reEnter_1", "reEnter_2" and so on.
func Reenter(policy ReenterPolicy) {
	c := Default()
	try := func(n int) error {
		_, err := await(c.life, "Reenter", func(done func(nothing, error)) func() {
			return c.startReenter("Reenter", func(err error) {
				result(c, &std.on.enterMeetingRslt, EnterMeetingRslt{CodeOf(err), err, fmt.Sprint("reEnter_", n)})
				done(nothing{}, err)
			})
		})
		return err
	}
	if !c.spawn(func() { _ = policy.attempts(c.life, try) }) {
		err := fail("Reenter", CodeNotInit, nil)
		result(c, &std.on.enterMeetingRslt, EnterMeetingRslt{CodeNotInit, err, "reEnter_1"})
	}
}
