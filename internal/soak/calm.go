package soak

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crvideo/crvideo-go"
)

const (
	settleTime = 2*serverTimeout + 10*time.Second // until who vanished is put out, and everybody is back
	settleLook = 200 * time.Millisecond
	proofTime  = 20 * time.Second
	proofs     = 5 // of each kind in one calm
)

// user is a bot of either kind, as it is looked at when it is calm.
type user struct {
	uid  string
	num  uint32
	d    *diary
	life *life
	c    *crvideo.Client
}

// users are those who have a client.
func (s *soak) users() (all []user) {
	for _, b := range s.bots {
		if b.life != nil {
			all = append(all, user{b.uid, b.num, b.d, b.life, b.life.c})
		}
	}
	if b := s.twin; b.life != nil {
		all = append(all, user{b.uid, b.num, b.d, b.life, b.life.c})
	}
	return all
}

// rooms are the users by the room that they are in.
func (s *soak) rooms() map[int64][]user {
	rooms := map[int64][]user{}
	for _, u := range s.users() {
		if id := u.c.GetMeetInfo().ID; id != 0 {
			rooms[id] = append(rooms[id], u)
		}
	}
	return rooms
}

// calm holds what must hold when nobody acts and nothing is hurt.
func (s *soak) calm(chance *rand.Rand, cycle int) {
	s.gate.Lock()
	defer s.gate.Unlock()
	start := time.Now()
	s.twin.cookies.all()
	s.agree()
	s.provenBy(chance)
	s.print("calm %d: %d in %d rooms agree, media proven, after %v", cycle, len(s.users()), len(s.rooms()), time.Since(start).Round(time.Millisecond))
	s.drill(cycle)
	if left := s.calls.left(); len(left) > 0 {
		s.fail(nil, "calls that do not end: %s", strings.Join(left, ", "))
	}
}

// agree waits until everybody's view of the rooms is the same and right, after something of everybody's that all must
// hear of.
func (s *soak) agree() {
	var renaming sync.WaitGroup
	for _, b := range s.bots {
		if b.life != nil && b.life.c.GetMeetInfo().ID != 0 {
			renaming.Go(func() { _ = b.rename() })
		}
	}
	renaming.Wait()
	since := time.Now()
	var diffs []string
	for agreed := 0; agreed < 2; {
		diffs = s.disagreements(since)
		if agreed++; len(diffs) > 0 {
			agreed = 0
			if time.Since(since) > settleTime {
				break
			}
		}
		time.Sleep(settleLook)
	}
	for _, d := range diffs[:min(len(diffs), 10)] {
		s.fail(nil, "no agreement after %v: %s", settleTime, d)
	}
	s.settled(time.Since(since))
}

// disagreements are what different users see differently, and what of media does not flow.
func (s *soak) disagreements(since time.Time) (diffs []string) {
	for id, there := range s.rooms() {
		truth := map[string]string{}
		for _, u := range there {
			truth[u.uid] = s.describe(u.c, u.uid)
		}
		for _, u := range there {
			told := fmt.Sprintf("room %d at %s: ", id, u.uid)
			seen := map[string]bool{}
			for _, info := range u.c.GetAllMembers() {
				seen[info.UID] = true
				want, there := truth[info.UID]
				if got := s.describe(u.c, info.UID); !there {
					diffs = append(diffs, told+info.UID+" is not there")
				} else if got != want {
					diffs = append(diffs, fmt.Sprintf("%s%s is %s, and says of itself %s", told, info.UID, got, want))
				}
			}
			for uid := range truth {
				if !seen[uid] {
					diffs = append(diffs, told+"does not see "+uid)
				}
			}
			for _, d := range append(u.life.model.differences(u.c), s.silence(u, since)...) {
				diffs = append(diffs, told+d)
			}
		}
	}
	slices.Sort(diffs)
	return diffs
}

// describe is what a client says of a member.
func (s *soak) describe(c *crvideo.Client, uid string) string {
	info, _ := c.GetMemberInfo(uid)
	return fmt.Sprintf("%q audio %v video %v open %v default %d", info.Nickname, info.AudioStatus, info.VideoStatus,
		c.GetOpenedVideoIDs(uid), c.GetDefaultVideo(uid))
}

// silence are the sounds that do not come, though they are sent.
func (s *soak) silence(u user, since time.Time) (diffs []string) {
	stats := u.c.GetStats()
	if stats.Media != "connected" {
		return []string{"media is " + stats.Media}
	}
	for _, in := range stats.Receiving {
		if in.Kind != crvideo.KindAudio || in.LastPacket.After(since) || u.life.deaf.Load() {
			continue
		}
		diffs = append(diffs, fmt.Sprintf("nothing is heard of %s, %d packets before", in.UID, in.Packets))
	}
	return diffs
}

// provenBy lets some users decode what they get of some others.
func (s *soak) provenBy(chance *rand.Rand) {
	type pair struct{ at, of user }
	var sounds, views []pair
	for _, there := range s.rooms() {
		for _, at := range there {
			for _, of := range there {
				if at.uid == of.uid {
					continue
				}
				if of.c.GetAudioStatus("") == crvideo.StatusOpen && !at.life.deaf.Load() {
					sounds = append(sounds, pair{at, of})
				}
				if of.c.GetVideoStatus("") == crvideo.StatusOpen {
					views = append(views, pair{at, of})
				}
			}
		}
	}
	order := func(a, b pair) int { return strings.Compare(a.at.uid+a.of.uid, b.at.uid+b.of.uid) }
	prove := func(what string, pairs []pair, proof func(context.Context, *crvideo.Client, string, uint32) error) {
		slices.SortFunc(pairs, order)
		for range min(proofs, len(pairs)) {
			p := pairs[chance.IntN(len(pairs))]
			ctx, cancel := context.WithTimeout(context.Background(), proofTime)
			err := proof(ctx, p.at.c, p.of.uid, p.of.num)
			cancel()
			if err != nil {
				s.fail(p.at.d, "%s of %s: %v", what, p.of.uid, err)
			}
			s.proven(what)
		}
	}
	prove("sound", sounds, hears)
	prove("picture", views, sees)
}
