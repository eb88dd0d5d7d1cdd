package crvideo

import (
	"time"

	"github.com/crvideo/crvideo-go/internal/audio"
)

const (
	energyInterval = 100 * time.Millisecond
	energyHold     = 3 // intervals without any sound until it counts as silence
)

// energy is how loud a member was of late. Guarded by Client.mu.
type energy struct {
	now   int // as reported
	quiet int // intervals since anything was heard
}

// meterLocked reports how loud everybody is.
func (c *Client) meterLocked(r *room) {
	for uid, m := range r.voices {
		var power float64
		var heard bool
		switch {
		case uid == r.login.uid:
			power, heard = c.sound.meter.Take()
			heard = heard && c.mic.status == StatusOpen
		case m.audio != nil:
			power, heard = m.audio.Loudness()
		}
		e := &m.energy
		now := e.now
		if heard {
			now, e.quiet = audio.Energy(power), 0
		} else if e.quiet++; e.quiet >= energyHold {
			now = 0
			if m.audio == nil && uid != r.login.uid {
				delete(r.voices, uid)
			}
		}
		if now != e.now {
			old := e.now
			e.now = now
			emit(c, &c.on.micEnergy, MicEnergyUpdate{uid, old, now})
		}
	}
}

// GetMicEnergy tells how loud a member is, 0 to 10, as of the last 100 ms (CRVideo_GetMicEnergy): ten times the root
// mean square of the sound, with full scale as 1. An empty UID is oneself. 0 if there is no such member.
func (c *Client) GetMicEnergy(uid string) (level int) {
	c.withMember(uid, func(_ *room, m *member) { level = m.energy.now })
	return level
}
