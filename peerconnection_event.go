package crvideo

// PeerConnectionError tells that the room's media has failed for good, and why (CRVideo_PeerConnectionError). MeetingDropped
// follows. What heals by itself, as most failures do, gives no event.
type PeerConnectionError struct{ Desc string }

func (PeerConnectionError) isEvent() {}

// OnPeerConnectionError sets the handler of PeerConnectionError.
func (c *Client) OnPeerConnectionError(fn func(PeerConnectionError)) { c.on.peerConnection.set(fn) }

// OnPeerConnectionError sets the handler of PeerConnectionError on the default client.
func OnPeerConnectionError(fn func(PeerConnectionError)) { std.on.peerConnection.set(fn) }
