package crvideo

// MicDeviceChanged tells that a microphone of this machine was plugged in or out (CRVideo_MicDeviceChanged): see
// GetAudioMicNames. If it was the open one the next one has taken over.
type MicDeviceChanged struct{}

func (MicDeviceChanged) isEvent() {}

// OnMicDeviceChanged sets the handler of MicDeviceChanged.
func (c *Client) OnMicDeviceChanged(fn func(MicDeviceChanged)) { c.on.micDev.set(fn) }

// OnMicDeviceChanged sets the handler of MicDeviceChanged on the default client.
func OnMicDeviceChanged(fn func(MicDeviceChanged)) { std.on.micDev.set(fn) }
