package wire

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
)

// FrameKind says what a binary message is. All of them are about a transfer.
type FrameKind byte

// Kinds of frames.
const (
	FrameData FrameKind = 1 // from the sender: Payload belongs at Offset
	FrameAck  FrameKind = 2 // from the receiver: everything before Offset is done with, and room for more
	FrameFrom FrameKind = 3 // to the sender: go on from Offset, what was sent after it has been lost
	FrameEnd  FrameKind = 4 // from the sender: that was all; Payload is the SHA-256 of it
)

const (
	// FrameHeader is the size of a frame without its payload.
	FrameHeader = 1 + 16 + 8
	// ChunkBytes is the payload of every data frame but the last one of a transfer, which may be shorter. Small enough that
	// a signalling message never waits long behind one.
	ChunkBytes = 32 << 10
	// MaxFrameBytes is the longest frame.
	MaxFrameBytes = FrameHeader + ChunkBytes
	// ChecksumBytes is the payload of FrameEnd.
	ChecksumBytes = 32
	// maxOffset is beyond what anybody transfers, and below what a JavaScript number can count.
	maxOffset = 1 << 52
)

// TransferID names a transfer. It is chosen by who sends, at random.
type TransferID [16]byte

// NewTransferID makes one.
func NewTransferID() (id TransferID) {
	_, _ = rand.Read(id[:]) // never fails
	return id
}

// String is the ID as it is in JSON: 32 hexadecimal digits.
func (id TransferID) String() string { return hex.EncodeToString(id[:]) }

// ParseTransferID reads what String has written, and nothing else.
func ParseTransferID(text string) (id TransferID, ok bool) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(id) {
		return TransferID{}, false
	}
	copy(id[:], raw)
	return id, id.String() == text
}

// Frame is one binary message: kind, transfer, offset in big endian, payload.
type Frame struct {
	Kind    FrameKind
	ID      TransferID
	Offset  int64
	Payload []byte
}

// Append writes the frame behind b.
func (f *Frame) Append(b []byte) []byte {
	b = append(append(b, byte(f.Kind)), f.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(f.Offset))
	return append(b, f.Payload...)
}

// DecodeFrame reads one. Its payload is part of data. The error has CodeInvalidData.
func DecodeFrame(data []byte) (Frame, *Error) {
	if len(data) < FrameHeader {
		return Frame{}, Errorf(CodeInvalidData, "a frame of %d bytes", len(data))
	}
	f := Frame{Kind: FrameKind(data[0]), Payload: data[FrameHeader:]}
	copy(f.ID[:], data[1:])
	offset := binary.BigEndian.Uint64(data[17:])
	if offset > maxOffset {
		return Frame{}, Errorf(CodeInvalidData, "a frame at offset %d", offset)
	}
	f.Offset = int64(offset)
	least, most := 0, 0
	switch f.Kind {
	case FrameData:
		least, most = 1, ChunkBytes
	case FrameAck, FrameFrom:
	case FrameEnd:
		least, most = ChecksumBytes, ChecksumBytes
	default:
		return Frame{}, Errorf(CodeInvalidData, "a frame of kind %d", f.Kind)
	}
	if n := len(f.Payload); n < least || n > most {
		return Frame{}, Errorf(CodeInvalidData, "a frame of kind %d with %d bytes", f.Kind, n)
	}
	return f, nil
}
