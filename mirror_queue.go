package crvideo

// InitQueueDat asks for the queues of the app (CRVideo_InitQueueDat). The result is InitQueueDatRslt.
func InitQueueDat(cookie any) {
	c := Default()
	c.startInitQueues(func(err error) {
		result(c, &std.on.initQueueDatRslt, InitQueueDatRslt{CodeOf(err), err, cookie})
	})
}

// GetAllQueueInfo lists the queues (CRVideo_GetAllQueueInfo); see Client.GetAllQueueInfo.
func GetAllQueueInfo() []QueueInfo { return Default().GetAllQueueInfo() }

// RefreshAllQueueStatus has QueueStatusChanged tell how every queue is (CRVideo_RefreshAllQueueStatus). A failure has no event
// and is logged, unless nolog is set.
func RefreshAllQueueStatus(nolog bool) {
	c := Default()
	c.startRefreshQueues(func(err error) {
		if err != nil && !nolog {
			c.log.Warn("the status of the queues could not be refreshed", "error", err)
		}
	})
}

// GetQueueStatus tells how a queue is (CRVideo_GetQueueStatus). The result is GetQueueStatusRslt.
func GetQueueStatus(queID int, cookie any) {
	c := Default()
	c.startGetQueue(queID, func(status QueStatus, err error) {
		result(c, &std.on.getQueueStatusRslt, GetQueueStatusRslt{status, CodeOf(err), err, cookie})
	})
}

// GetQueuingInfo tells where we wait (CRVideo_GetQueuingInfo); see Client.GetQueuingInfo.
func GetQueuingInfo() QueuingInfo { return Default().GetQueuingInfo() }

// GetServingQueues lists the queues that we serve (CRVideo_GetServingQueues); see Client.GetServingQueues.
func GetServingQueues() []int { return Default().GetServingQueues() }

// GetSessionInfo tells of the call that we are in (CRVideo_GetSessionInfo); see Client.GetSessionInfo.
func GetSessionInfo() SessionInfo { return Default().GetSessionInfo() }

// StartQueuing begins to wait in a queue (CRVideo_StartQueuing). The result is StartQueuingRslt.
func StartQueuing(queID int, usrExtDat string, cookie any) {
	c := Default()
	c.startQueuing(queID, usrExtDat, func(err error) {
		result(c, &std.on.startQueuingRslt, StartQueuingRslt{CodeOf(err), err, cookie})
	})
}

// StopQueuing ends the wait (CRVideo_StopQueuing). The result is StopQueuingRslt.
func StopQueuing(cookie any) {
	c := Default()
	c.startStopQueuing(func(err error) {
		result(c, &std.on.stopQueuingRslt, StopQueuingRslt{CodeOf(err), err, cookie})
	})
}

// StartService begins to serve a queue (CRVideo_StartService). The result is StartServiceRslt.
func StartService(queID, priority int, cookie any) {
	c := Default()
	c.startService(queID, priority, func(err error) {
		result(c, &std.on.startServiceRslt, StartServiceRslt{queID, CodeOf(err), err, cookie})
	})
}

// StopService ends serving a queue (CRVideo_StopService). The result is StopServiceRslt.
func StopService(queID int, cookie any) {
	c := Default()
	c.startStopService(queID, func(err error) {
		result(c, &std.on.stopServiceRslt, StopServiceRslt{queID, CodeOf(err), err, cookie})
	})
}

// ReqAssignUser asks for the next customer (CRVideo_ReqAssignUser). The result is ReqAssignUserRslt.
func ReqAssignUser(cookie any) {
	c := Default()
	c.startReqAssign(func(u QueUser, err error) {
		result(c, &std.on.reqAssignUserRslt, ReqAssignUserRslt{u, CodeOf(err), err, cookie})
	})
}

// AcceptAssignUser takes a customer (CRVideo_AcceptAssignUser). The result is ResponseAssignUserRslt.
func AcceptAssignUser(queID int, uid string, cookie any) {
	answeredAssign("AcceptAssignUser", queID, uid, cookie)
}

// RejectAssignUser gives a customer back (CRVideo_RejectAssignUser). The result is ResponseAssignUserRslt.
func RejectAssignUser(queID int, uid string, cookie any) {
	answeredAssign("RejectAssignUser", queID, uid, cookie)
}

func answeredAssign(op string, queID int, uid string, cookie any) {
	c := Default()
	c.startAnswerAssign(op, queID, uid, func(err error) {
		result(c, &std.on.responseAssignUserRslt, ResponseAssignUserRslt{CodeOf(err), err, cookie})
	})
}
