package crvideo

// Whiteboards: notifications for everybody in the room, whoever made the change included. An empty UID is a change that
// was made while the connection was away.
type (
	// NotifyInitBoards tells, after entering a room that has whiteboards, which there are (CRVideo_NotifyInitBoards).
	NotifyInitBoards struct{ Boards []BoardObj }
	// NotifyCreateBoard tells of a new whiteboard (CRVideo_NotifyCreateBoard).
	NotifyCreateBoard struct {
		Board BoardObj
		UID   string
	}
	// NotifyCloseBoard tells that a whiteboard is gone (CRVideo_NotifyCloseBoard).
	NotifyCloseBoard struct{ BoardID, UID string }
	// NotifyBoardCurPageNo tells which page everybody shall look at, and how far it is scrolled
	// (CRVideo_NotifyBoardCurPageNo).
	NotifyBoardCurPageNo struct {
		BoardID            string
		CurPage            int
		PagePos1, PagePos2 int
		UID                string
	}
	// NotifyBoardEdited tells what is new or different on a page, and which elements are gone. A long edit comes in parts.
	NotifyBoardEdited struct {
		BoardID string
		PageNo  int
		Put     []BoardElement
		Deleted []string
		UID     string
	}
)

func (NotifyInitBoards) isEvent()     {}
func (NotifyCreateBoard) isEvent()    {}
func (NotifyCloseBoard) isEvent()     {}
func (NotifyBoardCurPageNo) isEvent() {}
func (NotifyBoardEdited) isEvent()    {}

// boardCallbacks are the handlers of this group's events.
type boardCallbacks struct {
	initBoards   slot[NotifyInitBoards]
	createBoard  slot[NotifyCreateBoard]
	closeBoard   slot[NotifyCloseBoard]
	boardCurPage slot[NotifyBoardCurPageNo]
	boardEdited  slot[NotifyBoardEdited]
}

// OnNotifyInitBoards sets the handler of NotifyInitBoards.
func (c *Client) OnNotifyInitBoards(fn func(NotifyInitBoards)) { c.on.initBoards.set(fn) }

// OnNotifyCreateBoard sets the handler of NotifyCreateBoard.
func (c *Client) OnNotifyCreateBoard(fn func(NotifyCreateBoard)) { c.on.createBoard.set(fn) }

// OnNotifyCloseBoard sets the handler of NotifyCloseBoard.
func (c *Client) OnNotifyCloseBoard(fn func(NotifyCloseBoard)) { c.on.closeBoard.set(fn) }

// OnNotifyBoardCurPageNo sets the handler of NotifyBoardCurPageNo.
func (c *Client) OnNotifyBoardCurPageNo(fn func(NotifyBoardCurPageNo)) { c.on.boardCurPage.set(fn) }

// OnNotifyBoardEdited sets the handler of NotifyBoardEdited.
func (c *Client) OnNotifyBoardEdited(fn func(NotifyBoardEdited)) { c.on.boardEdited.set(fn) }
