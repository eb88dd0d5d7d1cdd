package crvideo

import (
	"slices"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// AudioSubscribeMode says whose sound is received.
type AudioSubscribeMode int

// The audio subscribe modes.
const (
	// Everybody's; the default. While more than 8 members (the server may be set otherwise) have their microphone open,
	// that of the loudest.
	AudioSubscribeAll AudioSubscribeMode = 0
	// That of the members on the list, however many they are.
	AudioSubscribeListed AudioSubscribeMode = 1
	// That of everybody who is not on the list. With an empty list: that of everybody without exception, as a recorder
	// wants it.
	AudioSubscribeOthers AudioSubscribeMode = 2
)

// SetAudioSubscribeMode chooses whose sound is received (CRVideo_SetAudioSubscribeMode). The server does not send what is
// not wanted. It holds from now on, in rooms entered later too; in a room the server is told in the background.
// Errors: 5 no such mode, 11 client closed.
func (c *Client) SetAudioSubscribeMode(mode AudioSubscribeMode) error {
	return c.hear("SetAudioSubscribeMode", func(w *wire.AudioWish) { w.Mode = int(mode) })
}

// SetAudioSubscribeList sets the list of SetAudioSubscribeMode, at most 256 members (CRVideo_SetAudioSubscribeList).
// Who is on it need not be in the room. Errors: 5 too many or an empty UID, 11 client closed.
func (c *Client) SetAudioSubscribeList(uids []string) error {
	list := slices.Clone(uids)
	slices.Sort(list)
	return c.hear("SetAudioSubscribeList", func(w *wire.AudioWish) { w.UIDs = slices.Compact(list) })
}

// GetAudioSubscribeMode tells whose sound is received (CRVideo_GetAudioSubscribeMode).
func (c *Client) GetAudioSubscribeMode() AudioSubscribeMode {
	c.mu.Lock()
	defer c.mu.Unlock()
	return AudioSubscribeMode(c.hearing.Mode)
}

func (c *Client) hear(op string, change func(*wire.AudioWish)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return fail(op, CodeNotInit, nil)
	}
	w := c.hearing
	change(&w)
	if err := w.Validate(); err != nil {
		return toError(op, err)
	}
	c.hearing = w
	if c.room != nil {
		c.room.poke()
	}
	return nil
}
