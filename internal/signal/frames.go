package signal

import "github.com/gorilla/websocket"

// SendFrame writes a frame on the connection that there is, behind all messages that wait, and returns when it is written.
// It tells whether there was a connection. A frame that is lost with its connection is not repeated.
func (s *Session) SendFrame(frame []byte) bool {
	l := s.current()
	return l != nil && l.bulk(frame)
}

// SendNow queues a frame like a message: it waits for nothing, and frames of SendFrame let it pass.
func (s *Session) SendNow(frame []byte) {
	if l := s.current(); l != nil {
		l.put(packet{websocket.BinaryMessage, frame})
		l.flush()
	}
}

// current is the connection, if there is one.
func (s *Session) current() *link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link
}
