package crvideo

// The transparent channel.
type (
	// NotifyCmdData is a command of another user (CRVideo_NotifyCmdData).
	NotifyCmdData struct{ UID, Data string }
	// NotifyBufferData is a buffer of another user, whole (CRVideo_NotifyBufferData). Where nobody listens to it (no handler
	// and no loop over Events) its sender is refused.
	NotifyBufferData struct {
		UID  string
		Data []byte
	}
	// NotifyFileData is a file of another user, whole, at most 100 MiB (CRVideo_NotifyFileData). FileName is made a plain one, see
	// IncomingFile.Name. It comes only where NotifyFileOffer has no handler; where nobody listens to it, either, the sender is refused.
	NotifyFileData struct {
		UID        string
		FileBuffer []byte
		FileName   string
	}
	// NotifyFileOffer tells that another user wants to send a file, of which nothing is sent before File has been told where to
	// (not of CRVideo's API). It comes only where it has a handler. Saving takes its time: do it on a goroutine of its own if further events
	// matter meanwhile.
	NotifyFileOffer struct {
		TaskID   string
		UID      string
		FileName string // as File.Name tells it
		Size     int64
		File     *IncomingFile
	}
)

// Results of the mirror's calls of the transparent channel. TaskID is what the call returned.
type (
	// SendCmdRslt is the end of SendCmd.
	SendCmdRslt struct {
		TaskID string
		Code   Code
		Err    error
		Cookie any
	}
	// SendBufferRslt is the end of SendBuffer.
	SendBufferRslt struct {
		TaskID string
		Code   Code
		Err    error
		Cookie any
	}
	// SendFileRslt is the end of SendFile.
	SendFileRslt struct {
		TaskID string
		Code   Code
		Err    error
		Cookie any
	}
	// SendProgress tells, at most ten times a second for one transfer, how much the other one is done with
	// (CRVideo_SendProgress). The last one before a good end tells all.
	SendProgress struct {
		TaskID                  string
		SentLength, TotalLength int64
		Cookie                  any
	}
)

func (NotifyCmdData) isEvent()    {}
func (NotifyBufferData) isEvent() {}
func (NotifyFileData) isEvent()   {}
func (NotifyFileOffer) isEvent()  {}
func (SendCmdRslt) isEvent()      {}
func (SendBufferRslt) isEvent()   {}
func (SendFileRslt) isEvent()     {}
func (SendProgress) isEvent()     {}

// channelCallbacks are the handlers of this group's events.
type channelCallbacks struct {
	cmdData        slot[NotifyCmdData]
	bufferData     slot[NotifyBufferData]
	fileData       slot[NotifyFileData]
	fileOffer      slot[NotifyFileOffer]
	sendCmdRslt    slot[SendCmdRslt]
	sendBufferRslt slot[SendBufferRslt]
	sendFileRslt   slot[SendFileRslt]
	sendProgress   slot[SendProgress]
}

// OnNotifyCmdData sets the handler of NotifyCmdData.
func (c *Client) OnNotifyCmdData(fn func(NotifyCmdData)) { c.on.cmdData.set(fn) }

// OnNotifyBufferData sets the handler of NotifyBufferData.
func (c *Client) OnNotifyBufferData(fn func(NotifyBufferData)) { c.on.bufferData.set(fn) }

// OnNotifyFileData sets the handler of NotifyFileData.
func (c *Client) OnNotifyFileData(fn func(NotifyFileData)) { c.on.fileData.set(fn) }

// OnNotifyFileOffer sets the handler of NotifyFileOffer. Files that come after that are offered, rather than taken into memory.
func (c *Client) OnNotifyFileOffer(fn func(NotifyFileOffer)) { c.on.fileOffer.set(fn) }
