package wire

// Methods about the queues of a call centre.
const (
	MethodInitQueues     = "initQueues"     // -> QueuesResult; from then on queueStatus and queues are told
	MethodGetQueueStatus = "getQueueStatus" // StatusParams -> QueueStatusResult
	MethodStartQueuing   = "startQueuing"   // StartQueuingParams -> StartQueuingResult
	MethodStopQueuing    = "stopQueuing"    //
	MethodStartService   = "startService"   // StartServiceParams
	MethodStopService    = "stopService"    // QueueParams
	MethodReqAssign      = "reqAssign"      // -> QueueUser
	MethodAcceptAssign   = "acceptAssign"   // AssignParams
	MethodRejectAssign   = "rejectAssign"   // AssignParams
	MethodRestoreServing = "restoreServing" // AssignParams
)

// Notifications about queues.
const (
	NotifyQueues         = "queues"         // QueuesResult, of all queues: the list has changed
	NotifyQueueStatus    = "queueStatus"    // QueueStatusResult, of those that have changed
	NotifyQueuingInfo    = "queuingInfo"    // QueuingInfo of a customer
	NotifyAssigned       = "assigned"       // QueueUser that an agent is offered
	NotifyAssignCanceled = "assignCanceled" // AssignParams: it is not the agent's any more
	NotifyAssignEnded    = "assignEnded"    // AssignParams: its call has ended
)

// QueueInfo describes a queue.
type QueueInfo struct {
	ID   int    `json:"queID"`
	Prio int    `json:"prio"` // the smaller, the sooner its customers are served
	Name string `json:"name,omitempty"`
	Desc string `json:"desc,omitempty"`
}

// Validate implements Validator.
func (p *QueueInfo) Validate() *Error {
	return firstError(checkQueueID(p.ID), checkPriority("prio", p.Prio),
		atMost("name", p.Name, MaxQueueNameBytes), atMost("desc", p.Desc, MaxQueueDescBytes))
}

func checkQueueID(id int) *Error {
	if id < 1 || id > MaxQueueID {
		return Errorf(CodeBadQueue, "queID %d is not 1 to %d", id, MaxQueueID)
	}
	return nil
}

func checkPriority(field string, prio int) *Error {
	if prio < 0 || prio > MaxQueuePriority {
		return Errorf(CodeBadParameter, "%s %d is not 0 to %d", field, prio, MaxQueuePriority)
	}
	return nil
}

// QueueStatus is how a queue is.
type QueueStatus struct {
	ID      int `json:"queID"`
	Agents  int `json:"agents"`  // who serve it
	Waiting int `json:"waiting"` // customers who wait
	Serving int `json:"serving"` // customers who have an agent
}

// QueuesResult tells which queues there are, by priority, and how they are.
type QueuesResult struct {
	Queues []QueueInfo   `json:"queues"`
	Status []QueueStatus `json:"status"`
}

// QueueStatusResult tells how queues are.
type QueueStatusResult struct {
	Status []QueueStatus `json:"status"`
}

// QueueParams name a queue.
type QueueParams struct {
	ID int `json:"queID"`
}

// Validate implements Validator.
func (p *QueueParams) Validate() *Error { return checkQueueID(p.ID) }

// StatusParams name a queue, or all with 0.
type StatusParams struct {
	ID int `json:"queID,omitempty"`
}

// Validate implements Validator.
func (p *StatusParams) Validate() *Error {
	if p.ID == 0 {
		return nil
	}
	return checkQueueID(p.ID)
}

// StartQueuingParams put a customer into a queue.
type StartQueuingParams struct {
	ID     int    `json:"queID"`
	Data   string `json:"data,omitempty"`   // for the agent's application
	Ticket string `json:"ticket,omitempty"` // of a server that was restarted: with it the customer has waited as long as it has
}

// Validate implements Validator.
func (p *StartQueuingParams) Validate() *Error {
	return firstError(checkQueueID(p.ID), atMost("data", p.Data, MaxCallDataBytes), atMost("ticket", p.Ticket, MaxTicketBytes))
}

// StartQueuingResult answers startQueuing.
type StartQueuingResult struct {
	Ticket string `json:"ticket"`
}

// QueuingInfo tells a customer where it is.
type QueuingInfo struct {
	ID       int   `json:"queID"`    // 0: in no queue any more
	Position int   `json:"position"` // from 1; 0: an agent has accepted it
	WaitedMS int64 `json:"waitedMs"`
}

// StartServiceParams let an agent serve a queue.
type StartServiceParams struct {
	ID       int `json:"queID"`
	Priority int `json:"priority"` // the smaller, the sooner the agent gets a customer
}

// Validate implements Validator.
func (p *StartServiceParams) Validate() *Error {
	return firstError(checkQueueID(p.ID), checkPriority("priority", p.Priority))
}

// QueueUser is a customer.
type QueueUser struct {
	ID       int    `json:"queID"`
	UID      string `json:"uid"`
	Nickname string `json:"nickname"`
	WaitedMS int64  `json:"waitedMs"`
	Data     string `json:"data,omitempty"`
}

// AssignParams name a customer of a queue.
type AssignParams struct {
	ID  int    `json:"queID"`
	UID string `json:"uid"`
}

// Validate implements Validator.
func (p *AssignParams) Validate() *Error {
	if p.UID == "" {
		return missing("uid")
	}
	return firstError(checkQueueID(p.ID), atMost("uid", p.UID, MaxUIDBytes))
}
