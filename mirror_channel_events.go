package crvideo

// Handlers of the transparent channel's events on the default client. They may be set before Init.

// OnNotifyCmdData sets the handler of NotifyCmdData on the default client.
func OnNotifyCmdData(fn func(NotifyCmdData)) { std.on.cmdData.set(fn) }

// OnNotifyBufferData sets the handler of NotifyBufferData on the default client.
func OnNotifyBufferData(fn func(NotifyBufferData)) { std.on.bufferData.set(fn) }

// OnNotifyFileData sets the handler of NotifyFileData on the default client.
func OnNotifyFileData(fn func(NotifyFileData)) { std.on.fileData.set(fn) }

// OnNotifyFileOffer sets the handler of NotifyFileOffer on the default client.
func OnNotifyFileOffer(fn func(NotifyFileOffer)) { std.on.fileOffer.set(fn) }

// OnSendCmdRslt sets the handler of SendCmdRslt on the default client.
func OnSendCmdRslt(fn func(SendCmdRslt)) { std.on.sendCmdRslt.set(fn) }

// OnSendBufferRslt sets the handler of SendBufferRslt on the default client.
func OnSendBufferRslt(fn func(SendBufferRslt)) { std.on.sendBufferRslt.set(fn) }

// OnSendFileRslt sets the handler of SendFileRslt on the default client.
func OnSendFileRslt(fn func(SendFileRslt)) { std.on.sendFileRslt.set(fn) }

// OnSendProgress sets the handler of SendProgress on the default client.
func OnSendProgress(fn func(SendProgress)) { std.on.sendProgress.set(fn) }
