package crvideo

import "time"

type (
	// NetStateChanged tells how good the network between us and the server is (CRVideo_NetStateChanged): Score is 10 while less
	// than 3 % of the packets are lost, in the worse direction, a point less from 3, 8, 15 % and then each 5 % on, and 0
	// from 50 %, or without a media connection. It is looked at every 2 s, and told when it has changed; the first one comes 2 s after
	// entering.
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
