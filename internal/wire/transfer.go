package wire

import "encoding/json"

// Methods of the transparent channel between users, who need not be in a room.
const (
	MethodSendCmd        = "sendCmd"        // SendCmdParams
	MethodOfferTransfer  = "offerTransfer"  // OfferTransferParams
	MethodAcceptTransfer = "acceptTransfer" // AcceptTransferParams
	MethodEndTransfer    = "endTransfer"    // EndTransferParams
)

// Notifications of the transparent channel.
const (
	NotifyCmdIn            = "cmdIn"            // CmdIn
	NotifyTransferIn       = "transferIn"       // TransferIn
	NotifyTransferAccepted = "transferAccepted" // TransferAccepted
	NotifyTransferEnded    = "transferEnded"    // TransferEnded
)

// Kinds of transfers.
const (
	TransferBuffer = "buffer"
	TransferFile   = "file"
)

// SendCmdParams send a command. The ID is the sender's own, so that one that is sent again is known to be the same.
type SendCmdParams struct {
	ID   string `json:"id"`
	UID  string `json:"uid"`
	Data string `json:"data"`
}

// Validate implements Validator.
func (p *SendCmdParams) Validate() *Error {
	if p.UID == "" {
		return missing("uid")
	}
	return firstError(checkTransferID(p.ID), atMost("uid", p.UID, MaxUIDBytes), CheckCmd(p.Data))
}

// CheckCmd tells whether a command is too large: in bytes, or as JSON, where characters may take six times as much.
func CheckCmd(data string) *Error {
	if failed := atMost("data", data, MaxCmdBytes); failed != nil || len(data) <= MaxCmdJSONBytes/6 {
		return failed
	}
	if raw, err := json.Marshal(data); err != nil || len(raw) > MaxCmdJSONBytes {
		return Errorf(CodeBadParameter, `"data" has %d bytes in JSON, at most %d are allowed`, len(raw), MaxCmdJSONBytes)
	}
	return nil
}

func checkTransferID(id string) *Error {
	if _, ok := ParseTransferID(id); !ok {
		return Errorf(CodeBadParameter, `"id" is not 32 hexadecimal digits`)
	}
	return nil
}

// OfferTransferParams begin a transfer.
type OfferTransferParams struct {
	ID    string `json:"id"`
	UID   string `json:"uid"`
	Kind  string `json:"kind"` // TransferBuffer, TransferFile
	Name  string `json:"name,omitempty"`
	Size  int64  `json:"size"`
	Again bool   `json:"again,omitempty"` // it had begun on a process that was restarted; the receiver may yet come back
}

// Validate implements Validator.
func (p *OfferTransferParams) Validate() *Error {
	switch {
	case p.UID == "":
		return missing("uid")
	case p.Kind != TransferBuffer && p.Kind != TransferFile:
		return Errorf(CodeBadParameter, `"kind" is neither %s nor %s`, TransferBuffer, TransferFile)
	case p.Kind == TransferFile && p.Name == "":
		return missing("name")
	case p.Size < 0 || p.Size > maxOffset:
		return Errorf(CodeBadParameter, `"size" is out of range`)
	}
	return firstError(checkTransferID(p.ID), atMost("uid", p.UID, MaxUIDBytes), atMost("name", p.Name, MaxFileNameBytes))
}

// AcceptTransferParams take a transfer that was offered.
type AcceptTransferParams struct {
	ID     string `json:"id"`
	Offset int64  `json:"offset,omitempty"` // what is there already
	Window int64  `json:"window,omitempty"` // how many bytes may be on their way; 0: as many as the server likes
}

// Validate implements Validator.
func (p *AcceptTransferParams) Validate() *Error {
	if p.Offset < 0 || p.Window < 0 {
		return Errorf(CodeBadParameter, `"offset" or "window" is negative`)
	}
	return checkTransferID(p.ID)
}

// EndTransferParams end a transfer: with CodeOK by its receiver, who has it all; with another code by both.
type EndTransferParams struct {
	ID   string `json:"id"`
	Code Code   `json:"code,omitempty"`
}

// Validate implements Validator.
func (p *EndTransferParams) Validate() *Error {
	if p.Code < 0 {
		return Errorf(CodeBadParameter, `"code" is negative`)
	}
	return checkTransferID(p.ID)
}

// CmdIn is a command of another user.
type CmdIn struct {
	ID   string `json:"id"`
	From string `json:"from"`
	Data string `json:"data"`
}

// TransferIn tells the receiver of a transfer, once more with the same ID after a restart.
type TransferIn struct {
	ID   string `json:"id"`
	From string `json:"from"`
	Kind string `json:"kind"`
	Name string `json:"name,omitempty"`
	Size int64  `json:"size"`
}

// TransferAccepted tells the sender to begin at Offset.
type TransferAccepted struct {
	ID     string `json:"id"`
	Offset int64  `json:"offset,omitempty"`
	Window int64  `json:"window"`
}

// TransferEnded tells that the other one, or the server, has ended a transfer.
type TransferEnded struct {
	ID   string `json:"id"`
	Code Code   `json:"code,omitempty"`
}
