package wire

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFrames(t *testing.T) {
	id := NewTransferID()
	for _, f := range []Frame{
		{FrameData, id, 0, []byte("x")}, {FrameData, id, maxOffset, make([]byte, ChunkBytes)},
		{FrameAck, id, 7, []byte{}}, {FrameFrom, id, 0, []byte{}}, {FrameEnd, id, 1 << 40, make([]byte, ChecksumBytes)},
	} {
		got, failed := DecodeFrame(f.Append(nil))
		require.Nil(t, failed)
		assert.Equal(t, f, got)
	}
	for name, f := range map[string]Frame{
		"kind": {9, id, 0, nil}, "no data": {FrameData, id, 0, nil}, "too much": {FrameData, id, 0, make([]byte, ChunkBytes+1)},
		"ack with data": {FrameAck, id, 0, []byte("x")}, "checksum": {FrameEnd, id, 0, make([]byte, 31)}, "offset": {FrameAck, id, maxOffset + 1, nil},
	} {
		_, failed := DecodeFrame(f.Append(nil))
		require.NotNil(t, failed, name)
		assert.Equal(t, CodeInvalidData, failed.Code)
	}
	for _, text := range []string{"", "x", id.String()[1:], id.String() + "0", "G" + id.String()[1:], "ABCDEF" + id.String()[6:]} {
		_, ok := ParseTransferID(text)
		assert.False(t, ok, text)
	}
	again, ok := ParseTransferID(id.String())
	assert.True(t, ok)
	assert.Equal(t, id, again)
}

// FuzzFrame: whatever bytes come, DecodeFrame gives a frame within its limits that is written as it came, or an error.
func FuzzFrame(f *testing.F) {
	id := TransferID{1, 2, 3}
	for _, frame := range []Frame{
		{FrameData, id, 0, []byte("x")}, {FrameAck, id, ChunkBytes, nil}, {FrameFrom, id, 5, nil}, {FrameEnd, id, 9, make([]byte, ChecksumBytes)},
		{7, id, 0, nil}, {FrameData, id, -1, []byte("x")}, {FrameEnd, id, maxOffset + 1, make([]byte, 5)},
	} {
		f.Add(frame.Append(nil))
	}
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{1}, MaxFrameBytes+1))
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, failed := DecodeFrame(data)
		if failed != nil {
			if failed.Code != CodeInvalidData || failed.Message == "" {
				t.Fatalf("%v", failed)
			}
			return
		}
		if frame.Offset < 0 || frame.Offset > maxOffset || len(frame.Payload) > ChunkBytes || !bytes.Equal(frame.Append(nil), data) {
			t.Fatalf("%x became %+v", data, frame)
		}
	})
}
