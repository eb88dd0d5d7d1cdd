package crvideo

import "context"

// CreateBoard makes a whiteboard and gives its ID (CRVideo_Creatboard). It waits for the server's answer.
func CreateBoard(title string, width, height, pageCount int) (boardID string, err error) {
	err = promise(func(ctx context.Context, c *Client) error {
		board, err := c.CreateBoard(ctx, BoardParams{title, width, height, pageCount})
		boardID = board.BoardID
		return err
	})
	return boardID, err
}

// CloseBoard removes a whiteboard (CRVideo_Closeboard). It waits for the server's answer.
func CloseBoard(boardID string) error {
	return promise(func(ctx context.Context, c *Client) error { return c.CloseBoard(ctx, boardID) })
}

// SetBoardCurPageNo lets everybody look at a page, counted from 0 (CRVideo_SetBoardCurPageNo). It waits for the server's answer.
func SetBoardCurPageNo(boardID string, pageNo int) error {
	return promise(func(ctx context.Context, c *Client) error { return c.SetBoardCurPageNo(ctx, boardID, pageNo) })
}

// CreateBoardUIObj makes an object that shows a page (CRVideo_CreateBoardUIObj); see Client.CreateBoardUIObj.
func CreateBoardUIObj(params BoardUIParams) (*BoardUIObj, error) {
	return Default().CreateBoardUIObj(params)
}

// OnNotifyInitBoards sets the handler of NotifyInitBoards on the default client.
func OnNotifyInitBoards(fn func(NotifyInitBoards)) { std.on.initBoards.set(fn) }

// OnNotifyCreateBoard sets the handler of NotifyCreateBoard on the default client.
func OnNotifyCreateBoard(fn func(NotifyCreateBoard)) { std.on.createBoard.set(fn) }

// OnNotifyCloseBoard sets the handler of NotifyCloseBoard on the default client.
func OnNotifyCloseBoard(fn func(NotifyCloseBoard)) { std.on.closeBoard.set(fn) }

// OnNotifyBoardCurPageNo sets the handler of NotifyBoardCurPageNo on the default client.
func OnNotifyBoardCurPageNo(fn func(NotifyBoardCurPageNo)) { std.on.boardCurPage.set(fn) }

// OnNotifyBoardEdited sets the handler of NotifyBoardEdited on the default client.
func OnNotifyBoardEdited(fn func(NotifyBoardEdited)) { std.on.boardEdited.set(fn) }
