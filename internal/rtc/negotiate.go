package rtc

import (
	"fmt"

	"github.com/pion/webrtc/v4"
)

// Offer returns the session description to send to the server. It does not wait for candidates: the server learns the
// client's addresses from its connectivity checks.
func (c *Conn) Offer() (string, error) {
	if c.closing.Load() {
		return "", ErrClosed
	}
	offer, err := c.pc.CreateOffer(nil)
	if err != nil {
		return "", fmt.Errorf("create offer: %w", err)
	}
	if err := c.pc.SetLocalDescription(offer); err != nil {
		return "", fmt.Errorf("set offer: %w", err)
	}
	return offer.SDP, nil
}

// Answer takes the server's answer to the last offer.
func (c *Conn) Answer(sdp string) error {
	if c.closing.Load() {
		return ErrClosed
	}
	if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp}); err != nil {
		return fmt.Errorf("set answer: %w", err)
	}
	for _, t := range c.pc.GetTransceivers() {
		if r := t.Receiver(); r != nil && t.Direction() == webrtc.RTPTransceiverDirectionRecvonly {
			for _, track := range r.Tracks() {
				c.rx.declare(uint32(track.SSRC()), uint32(track.RtxSSRC()))
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
