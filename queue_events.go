package crvideo

// Queues, for customers and agents.
type (
	// QueueStatusChanged tells how a queue is now, after InitQueueDat (CRVideo_QueueStatusChanged).
	QueueStatusChanged struct{ QueStatus }
	// QueuingInfoChanged tells where we are in our queue (CRVideo_QueuingInfoChanged): when that changes, and at least every
	// 30 s while we wait. QueID 0: we wait no more, since our call with the agent was answered, we have refused it, or
	// the queue was closed.
	QueuingInfoChanged struct{ QueuingInfo }
	// AutoAssignUser offers a customer to an agent (CRVideo_AutoAssignUser): AcceptAssignUser or RejectAssignUser within 30 s, else it goes
	// to somebody else, and we are offered nobody for 30 s.
	AutoAssignUser struct{ QueUser }
	// CancelAssignUser tells an agent that a customer is not its any more (CRVideo_CancelAssignUser): it is gone or waits no more, or the
	// time for an answer or for the call is over.
	CancelAssignUser struct {
		QueID int
		UID   string
	}
)

// Results of the mirror's calls about queues.
type (
	// InitQueueDatRslt is the end of InitQueueDat.
	InitQueueDatRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// GetQueueStatusRslt is the end of GetQueueStatus.
	GetQueueStatusRslt struct {
		QueStatus QueStatus
		Code      Code
		Err       error
		Cookie    any
	}
	// StartQueuingRslt is the end of StartQueuing.
	StartQueuingRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// StopQueuingRslt is the end of StopQueuing.
	StopQueuingRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
	// StartServiceRslt is the end of StartService.
	StartServiceRslt struct {
		QueID  int
		Code   Code
		Err    error
		Cookie any
	}
	// StopServiceRslt is the end of StopService.
	StopServiceRslt struct {
		QueID  int
		Code   Code
		Err    error
		Cookie any
	}
	// ReqAssignUserRslt is the end of ReqAssignUser.
	ReqAssignUserRslt struct {
		QueUser QueUser
		Code    Code
		Err     error
		Cookie  any
	}
	// ResponseAssignUserRslt is the end of AcceptAssignUser and RejectAssignUser.
	ResponseAssignUserRslt struct {
		Code   Code
		Err    error
		Cookie any
	}
)

func (QueueStatusChanged) isEvent()     {}
func (QueuingInfoChanged) isEvent()     {}
func (AutoAssignUser) isEvent()         {}
func (CancelAssignUser) isEvent()       {}
func (InitQueueDatRslt) isEvent()       {}
func (GetQueueStatusRslt) isEvent()     {}
func (StartQueuingRslt) isEvent()       {}
func (StopQueuingRslt) isEvent()        {}
func (StartServiceRslt) isEvent()       {}
func (StopServiceRslt) isEvent()        {}
func (ReqAssignUserRslt) isEvent()      {}
func (ResponseAssignUserRslt) isEvent() {}

// queueCallbacks are the handlers of this group's events.
type queueCallbacks struct {
	queueStatusChanged     slot[QueueStatusChanged]
	queuingInfoChanged     slot[QueuingInfoChanged]
	autoAssignUser         slot[AutoAssignUser]
	cancelAssignUser       slot[CancelAssignUser]
	initQueueDatRslt       slot[InitQueueDatRslt]
	getQueueStatusRslt     slot[GetQueueStatusRslt]
	startQueuingRslt       slot[StartQueuingRslt]
	stopQueuingRslt        slot[StopQueuingRslt]
	startServiceRslt       slot[StartServiceRslt]
	stopServiceRslt        slot[StopServiceRslt]
	reqAssignUserRslt      slot[ReqAssignUserRslt]
	responseAssignUserRslt slot[ResponseAssignUserRslt]
}

// OnQueueStatusChanged sets the handler of QueueStatusChanged.
func (c *Client) OnQueueStatusChanged(fn func(QueueStatusChanged)) { c.on.queueStatusChanged.set(fn) }

// OnQueuingInfoChanged sets the handler of QueuingInfoChanged.
func (c *Client) OnQueuingInfoChanged(fn func(QueuingInfoChanged)) { c.on.queuingInfoChanged.set(fn) }

// OnAutoAssignUser sets the handler of AutoAssignUser.
func (c *Client) OnAutoAssignUser(fn func(AutoAssignUser)) { c.on.autoAssignUser.set(fn) }

// OnCancelAssignUser sets the handler of CancelAssignUser.
func (c *Client) OnCancelAssignUser(fn func(CancelAssignUser)) { c.on.cancelAssignUser.set(fn) }
