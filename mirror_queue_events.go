package crvideo

// OnQueueStatusChanged sets the handler of QueueStatusChanged on the default client.
func OnQueueStatusChanged(fn func(QueueStatusChanged)) { std.on.queueStatusChanged.set(fn) }

// OnQueuingInfoChanged sets the handler of QueuingInfoChanged on the default client.
func OnQueuingInfoChanged(fn func(QueuingInfoChanged)) { std.on.queuingInfoChanged.set(fn) }

// OnAutoAssignUser sets the handler of AutoAssignUser on the default client.
func OnAutoAssignUser(fn func(AutoAssignUser)) { std.on.autoAssignUser.set(fn) }

// OnCancelAssignUser sets the handler of CancelAssignUser on the default client.
func OnCancelAssignUser(fn func(CancelAssignUser)) { std.on.cancelAssignUser.set(fn) }

// OnInitQueueDatRslt sets the handler of InitQueueDatRslt on the default client.
func OnInitQueueDatRslt(fn func(InitQueueDatRslt)) { std.on.initQueueDatRslt.set(fn) }

// OnGetQueueStatusRslt sets the handler of GetQueueStatusRslt on the default client.
func OnGetQueueStatusRslt(fn func(GetQueueStatusRslt)) { std.on.getQueueStatusRslt.set(fn) }

// OnStartQueuingRslt sets the handler of StartQueuingRslt on the default client.
func OnStartQueuingRslt(fn func(StartQueuingRslt)) { std.on.startQueuingRslt.set(fn) }

// OnStopQueuingRslt sets the handler of StopQueuingRslt on the default client.
func OnStopQueuingRslt(fn func(StopQueuingRslt)) { std.on.stopQueuingRslt.set(fn) }

// OnStartServiceRslt sets the handler of StartServiceRslt on the default client.
func OnStartServiceRslt(fn func(StartServiceRslt)) { std.on.startServiceRslt.set(fn) }

// OnStopServiceRslt sets the handler of StopServiceRslt on the default client.
func OnStopServiceRslt(fn func(StopServiceRslt)) { std.on.stopServiceRslt.set(fn) }

// OnReqAssignUserRslt sets the handler of ReqAssignUserRslt on the default client.
func OnReqAssignUserRslt(fn func(ReqAssignUserRslt)) { std.on.reqAssignUserRslt.set(fn) }

// OnResponseAssignUserRslt sets the handler of ResponseAssignUserRslt on the default client.
func OnResponseAssignUserRslt(fn func(ResponseAssignUserRslt)) { std.on.responseAssignUserRslt.set(fn) }
