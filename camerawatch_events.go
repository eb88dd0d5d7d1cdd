package crvideo

type (
	// OpenVideoTimeout tells that a camera of one's own has given no picture for 10 s after it was to be opened
	// (CRVideo_OpenVideoTimeout). It is not closed: the picture may yet come.
	OpenVideoTimeout struct{ VideoID int }
	// VideoEncodeException tells that an open camera of one's own has given no picture for 30 s
	// (CRVideo_VideoEncodeException). It is not closed.
	VideoEncodeException struct{ VideoID int }
)

func (OpenVideoTimeout) isEvent()     {}
func (VideoEncodeException) isEvent() {}

// OnOpenVideoTimeout sets the handler of OpenVideoTimeout.
func (c *Client) OnOpenVideoTimeout(fn func(OpenVideoTimeout)) { c.on.openVideoTimeout.set(fn) }

// OnVideoEncodeException sets the handler of VideoEncodeException.
func (c *Client) OnVideoEncodeException(fn func(VideoEncodeException)) {
	c.on.encodeException.set(fn)
}

// OnOpenVideoTimeout sets the handler of OpenVideoTimeout on the default client.
func OnOpenVideoTimeout(fn func(OpenVideoTimeout)) { std.on.openVideoTimeout.set(fn) }

// OnVideoEncodeException sets the handler of VideoEncodeException on the default client.
func OnVideoEncodeException(fn func(VideoEncodeException)) { std.on.encodeException.set(fn) }
