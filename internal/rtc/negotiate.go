package rtc

import (
	"errors"
	"fmt"

	"github.com/pion/webrtc/v4"
)

// Offer returns the session description to send to the server. It does not wait for candidates: the server learns the
// client's addresses from its connectivity checks. It takes the place of an offer that was not answered.
func (c *Conn) Offer() (string, error) { return c.offer(nil) }

// Restart returns an offer that makes the transport anew (ICE restart), to be completed by Answer: on other addresses
// if the network has changed, by TCP if UDP does not get through. It may be called in every state but Closed, Failed
// included. Slots, outlets, inlets, their counts and the encryption stay. The old path is given up at once, so media
// stops until the answer is there and a new path is found; receivers are then given key frames.
func (c *Conn) Restart() (string, error) {
	if c.pc.CurrentRemoteDescription() == nil {
		return c.offer(nil) // nothing was begun yet
	}
	offer, err := c.offer(&webrtc.OfferOptions{ICERestart: true})
	c.restarted() // not before: the old path may come back to life until then
	return offer, err
}

// Rollback takes back an offer that was not answered, and does nothing if there is none or if it is the first. Slots
// that Grow added are in the next offer. Rolling back a Restart does not bring the old path back: only another Restart
// connects again.
func (c *Conn) Rollback() error {
	if c.pc.SignalingState() != webrtc.SignalingStateHaveLocalOffer {
		return nil
	}
	current := c.pc.CurrentRemoteDescription()
	if current == nil {
		return nil
	}
	// pion has no rollback in this state; an answer as it was before, which changes nothing, ends the negotiation too
	same := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: withoutCandidates(current.SDP)}
	if err := c.pc.SetRemoteDescription(same); err != nil {
		return fmt.Errorf("roll back the offer: %w", err)
	}
	return nil
}

func (c *Conn) offer(options *webrtc.OfferOptions) (string, error) {
	if c.closing.Load() {
		return "", ErrClosed
	}
	if err := c.Rollback(); err != nil {
		return "", err
	}
	if pending := c.pc.PendingLocalDescription(); pending != nil {
		return compactOffer(pending.SDP), nil // the first offer again: there is nothing else to say
	}
	offer, err := c.pc.CreateOffer(options)
	if err != nil {
		return "", fmt.Errorf("create offer: %w", err)
	}
	if err := c.pc.SetLocalDescription(offer); err != nil {
		return "", fmt.Errorf("set offer: %w", err)
	}
	return compactOffer(offer.SDP), nil
}

// Answer takes the server's answer to the last offer.
func (c *Conn) Answer(sdp string) error {
	if c.closing.Load() {
		return ErrClosed
	}
	sdp, later := c.cfg.TCP.candidates(sdp)
	if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: compactAnswer(sdp)}); err != nil {
		return fmt.Errorf("set answer: %w", err)
	}
	c.answered(later)
	asked := make(map[webrtc.RTPCodecType]bool, 2)
	for _, t := range c.pc.GetTransceivers() {
		if r := t.Receiver(); r != nil && t.Direction() == webrtc.RTPTransceiverDirectionRecvonly {
			for _, track := range r.Tracks() {
				c.rx.declare(uint32(track.SSRC()), uint32(track.RtxSSRC()))
			}
			if asked[t.Kind()] {
				continue // all of a kind have the same extensions, and pion makes all parameters anew when it is asked
			}
			asked[t.Kind()] = true
			for _, e := range r.GetParameters().HeaderExtensions {
				c.rx.extension(e.URI, uint8(e.ID)) // 1 to 255
			}
		}
	}
	return nil
}

// Grow adds receive slots and returns the offer for them, to be completed by Answer.
func (c *Conn) Grow(audio, video int) (string, error) {
	if c.closing.Load() {
		return "", ErrClosed
	}
	if c.pc.CurrentRemoteDescription() == nil {
		return "", errors.New("grow before the first answer")
	}
	if err := c.addSlots(audio, video); err != nil {
		return "", err
	}
	return c.Offer()
}

func (c *Conn) addSlots(audio, video int) error {
	add := func(kind webrtc.RTPCodecType, n int) error {
		for range n {
			_, err := c.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
			if err != nil {
				return fmt.Errorf("add %s slot: %w", kind, err)
			}
		}
		return nil
	}
	if err := add(webrtc.RTPCodecTypeAudio, audio); err != nil {
		return err
	}
	return add(webrtc.RTPCodecTypeVideo, video)
}
