package crvideo

import (
	"context"
	"io"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// SendCmd sends a command (CRVideo_SendCmd). The result is SendCmdRslt, with the ID that is returned.
func SendCmd(uid, data string, cookie any) (taskID string) {
	c := Default()
	return c.startCmd(uid, data, func(task string, err error) {
		result(c, &std.on.sendCmdRslt, SendCmdRslt{task, CodeOf(err), err, cookie})
	})
}

// SendBuffer sends a buffer (CRVideo_SendBuffer). SendProgress tells how far it is; the result is SendBufferRslt. CancelSend ends
// it by the ID that is returned. data must not change before the result.
func SendBuffer(uid string, data []byte, cookie any) (taskID string) {
	c := Default()
	return mirrorSend(c, "SendBuffer", bufferOffer(uid, data), newBuffer(data), cookie, func(task string, err error) {
		result(c, &std.on.sendBufferRslt, SendBufferRslt{task, CodeOf(err), err, cookie})
	})
}

// SendFile sends a file (CRVideo_SendFile). SendProgress tells how far it is; the result is SendFileRslt. CancelSend ends it by the
// ID that is returned. A Read of file.Content that is under way may go on for a while after that.
func SendFile(uid string, file OutgoingFile, cookie any) (taskID string) {
	c := Default()
	return mirrorSend(c, "SendFile", fileOffer(uid, &file), file.Content, cookie, func(task string, err error) {
		result(c, &std.on.sendFileRslt, SendFileRslt{task, CodeOf(err), err, cookie})
	})
}

// CancelSend ends a transfer, whoever sends it (CRVideo_CancelSend). Of one's own the result is its SendBufferRslt or SendFileRslt, with
// code 1204.
func CancelSend(taskID string) { _ = Default().CancelSend(context.Background(), taskID) }

// mirrorSend starts a send, whose content is read on a goroutine of its own, since it is the application's.
func mirrorSend(c *Client, op string, offer wire.OfferTransferParams, content io.Reader, cookie any, end func(task string, err error)) string {
	progress := func(sent int64) {
		emit(c, &std.on.sendProgress, SendProgress{offer.ID, sent, offer.Size, cookie})
	}
	task, s := c.startSend(op, &offer, content, progress, func(err error) { end(offer.ID, err) })
	if s != nil && !c.spawnApart(func() { s.fill(context.Background(), content) }) {
		s.cancel(fail(op, CodeNotInit, nil), CodeTransferGone)
	}
	return task
}
