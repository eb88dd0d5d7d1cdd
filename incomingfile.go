package crvideo

import (
	"context"
	"errors"
	"io"

	"github.com/crvideo/crvideo-go/internal/savefile"
)

// IncomingFile is a file that another user wants to send (NotifyFileOffer). One of SaveIn, SaveTo and Refuse decides over it,
// once. It may be used on any goroutine; the sender waits a minute for the decision.
type IncomingFile struct{ r *receiving }

// TaskID is what CancelSend ends it by.
func (f *IncomingFile) TaskID() string { return f.r.info.ID }

// UID is who sends it.
func (f *IncomingFile) UID() string { return f.r.info.From }

// Name is what the sender calls it, made a plain file name for every system: no folders, no control characters, nothing
// hidden, no device, at most 200 bytes.
func (f *IncomingFile) Name() string { return savefile.Name(f.r.info.Name) }

// Size is how many bytes it has.
func (f *IncomingFile) Size() int64 { return f.r.info.Size }

// SaveIn takes the file, and puts it into a folder that is there, under its Name; if that is taken, with a number behind
// it. It returns the file's path when it is there, whole and with the right checksum. In any other case nothing is in
// the folder. Nothing outside of it is ever touched, no file is replaced, and no link followed. The file can be read by its
// owner only. Errors: 5 decided over already, 6 wrong checksum, 12 logged out, 205 with the cause of ctx, 603 the sender is gone,
// 902 disk full, 905 cannot be written, 1201 the server has forgotten it, 1204 canceled.
func (f *IncomingFile) SaveIn(ctx context.Context, dir string) (path string, err error) {
	const op = "SaveIn"
	if !f.r.take() {
		return "", failf(op, CodeBadParameter, "it was decided over already")
	}
	file, err := savefile.Create(dir, f.r.info.ID)
	if err != nil {
		failure := fileError(op, err)
		f.r.end(failure, failure.Code)
		return "", failure
	}
	if err := f.r.copyTo(ctx, op, file); err != nil {
		return "", withCause(err, file.Discard())
	}
	if !f.r.settle(nil, CodeOK) { // canceled in the last moment
		return "", withCause(f.r.failure(ctx, op, f.r.in.Err()), file.Discard())
	}
	path, err = file.Commit(f.Name())
	if err != nil {
		failure := fileError(op, err)
		f.r.unsettle(failure.Code)
		f.r.l.endTransfer(f.r.id, failure.Code)
		return "", failure
	}
	f.r.l.endTransfer(f.r.id, CodeOK)
	return path, nil
}

// SaveTo takes the file, and writes it to w, on the caller's goroutine and as fast as w takes it: the sender is slowed, not the
// memory filled. It returns when all is written and the checksum is right; with an error what was written is of no use. The
// errors are those of SaveIn.
func (f *IncomingFile) SaveTo(ctx context.Context, w io.Writer) error {
	const op = "SaveTo"
	if !f.r.take() {
		return failf(op, CodeBadParameter, "it was decided over already")
	}
	if err := f.r.copyTo(ctx, op, w); err != nil {
		return err
	}
	if !f.r.end(nil, CodeOK) {
		return f.r.failure(ctx, op, f.r.in.Err())
	}
	return nil
}

// Refuse does not take the file: the sender gets code 606. Decided over already, or gone, is no error.
func (f *IncomingFile) Refuse() {
	if f.r.take() {
		f.r.end(failf("Refuse", CodeCallRefused, "refused"), CodeCallRefused)
	}
}

// withCause adds what else went wrong.
func withCause(err, more error) error {
	var own *Error
	if more == nil || !errors.As(err, &own) {
		return err
	}
	return fail(own.Op, own.Code, errors.Join(own.Err, more))
}
