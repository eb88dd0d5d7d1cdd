package crvideo

import "time"

type (
	// NetStateChanged tells how good the network between us and the server is (CRVideo_NetStateChanged): Score is 0 to
	// 10, above 8 good, 5 to 8 fair, below 5 poor. It is looked at every 2 s, and told when it has changed by half a
	// point or more; the first one comes 2 s after entering. 0: there is no media connection.
	NetStateChanged struct{ Score float64 }
	// NotifyNetworkDelay tells the round trip of media, when it has changed by a fifth and by 10 ms or more
	// (NotifyNetworkDelay).
	NotifyNetworkDelay struct{ Delay time.Duration }
	// NotifyPacketsUploadLostRate tells which part of our packets was lost on the way to the server in the last 2 s, 0 to
	// 1, when it has changed by 0.01 or more (NotifyPacketsUploadLostRate). What was repeated in time counts, too.
	NotifyPacketsUploadLostRate struct{ Rate float64 }
	// NotifyPacketsDownloadLostRate tells the same of the way from the server to us (NotifyPacketsDownloadLostRate).
	NotifyPacketsDownloadLostRate struct{ Rate float64 }
)

func (NetStateChanged) isEvent()               {}
func (NotifyNetworkDelay) isEvent()            {}
func (NotifyPacketsUploadLostRate) isEvent()   {}
func (NotifyPacketsDownloadLostRate) isEvent() {}

// OnNetStateChanged sets the handler of NetStateChanged.
func (c *Client) OnNetStateChanged(fn func(NetStateChanged)) { c.on.netState.set(fn) }

// OnNotifyNetworkDelay sets the handler of NotifyNetworkDelay.
func (c *Client) OnNotifyNetworkDelay(fn func(NotifyNetworkDelay)) { c.on.netDelay.set(fn) }

// OnNotifyPacketsUploadLostRate sets the handler of NotifyPacketsUploadLostRate.
func (c *Client) OnNotifyPacketsUploadLostRate(fn func(NotifyPacketsUploadLostRate)) {
	c.on.upLoss.set(fn)
}

// OnNotifyPacketsDownloadLostRate sets the handler of NotifyPacketsDownloadLostRate.
func (c *Client) OnNotifyPacketsDownloadLostRate(fn func(NotifyPacketsDownloadLostRate)) {
	c.on.downLoss.set(fn)
}

// OnNetStateChanged sets the handler of NetStateChanged on the default client.
func OnNetStateChanged(fn func(NetStateChanged)) { std.on.netState.set(fn) }

// OnNotifyNetworkDelay sets the handler of NotifyNetworkDelay on the default client.
func OnNotifyNetworkDelay(fn func(NotifyNetworkDelay)) { std.on.netDelay.set(fn) }

// OnNotifyPacketsUploadLostRate sets the handler of NotifyPacketsUploadLostRate on the default client.
func OnNotifyPacketsUploadLostRate(fn func(NotifyPacketsUploadLostRate)) { std.on.upLoss.set(fn) }

// OnNotifyPacketsDownloadLostRate sets the handler of NotifyPacketsDownloadLostRate on the default client.
func OnNotifyPacketsDownloadLostRate(fn func(NotifyPacketsDownloadLostRate)) {
	std.on.downLoss.set(fn)
}
