package crvideo

import "time"

// SessionInfo is the call that one is in, or is being called to (SessionInfo). The zero value: none.
type SessionInfo struct {
	CallID       string
	PeerID       string
	PeerName     string // the other one's nickname when the call began
	CallAccepted bool
	MeetingID    int64  // of the room that was named last in Call or AcceptCall; 0: none
	MeetingPswd  string // its password
	Duration     int    // seconds since it was accepted
}

// GetSessionInfo tells of the call that we are in (CRVideo_GetSessionInfo).
func (c *Client) GetSessionInfo() SessionInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.login == nil {
		return SessionInfo{}
	}
	for id, r := range c.login.rings {
		if r.invite {
			continue
		}
		info := SessionInfo{
			CallID: id, PeerID: r.peer, PeerName: r.peerName, CallAccepted: r.accepted, MeetingID: r.meet.ID, MeetingPswd: r.meet.Password,
		}
		if r.accepted {
			info.Duration = seconds(time.Since(r.since))
		}
		return info
	}
	return SessionInfo{}
}
