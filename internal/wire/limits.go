package wire

import "time"

// Subprotocol is the WebSocket subprotocol both sides must speak.
const Subprotocol = "crvideo.1"

// Path is the URL path of the signalling endpoint.
const Path = "/signal"

// Limits that are part of the protocol; both sides check them. Limits of a server's own are in package server.
const (
	MaxMessageBytes   = 256 << 10 // one WebSocket message
	MaxUIDBytes       = 64        // UID
	MaxNicknameBytes  = 128       // nickname
	MaxSubjectBytes   = 128       // room subject
	MaxPasswordBytes  = 64        // room password
	MaxAppIDBytes     = 64        // appID
	MaxTokenBytes     = 4096      // token
	MaxAuthCodeBytes  = 4096      // userAuthCode
	MaxSDPBytes       = 128 << 10 // one session description
	MaxTicketBytes    = 2048      // room ticket
	MaxVideos         = 8         // cameras a member
	MaxDeviceName     = 128       // bytes of a camera's name
	MaxSubscriptions  = 256       // video streams one member may wish for
	MaxPage           = 255       // mainPage of a room
	MaxSubPageBytes   = 256       // subPage of a room
	MaxAttrs          = 128       // attributes of a room, or of a member
	MaxAttrKeyBytes   = 64        // an attribute's key
	MaxAttrValueBytes = 8 << 10   // an attribute's value
	MaxRoomAttrsBytes = 128 << 10 // all attributes of a room, as Attrs.Bytes has it
	MaxUserAttrsBytes = 64 << 10  // all attributes of a member
	MaxAttrUsers      = 50        // members in one request about attributes
	MaxRestoredAttrs  = 256       // attributes in one restoreAttrs
	MaxRoomMsgBytes   = 8 << 10   // a message to everybody
	MaxRecentMsgs     = 100       // messages that who enters may ask for
	MaxCallIDBytes    = 64        // ID of a call or an invitation
	MaxCallDataBytes  = 8 << 10   // what goes with a call or an invitation
	MaxURLBytes       = 1024      // address of a room's page
	MaxDND            = 255       // kinds of not wanting calls
	MaxQueueID        = 1<<31 - 1 // ID of a queue
	MaxQueuePriority  = 1000      // priority of a queue, or of an agent
	MaxQueueNameBytes = 128       // name of a queue
	MaxQueueDescBytes = 1024      // description of a queue
	MaxQueues         = 100       // queues of an app
	MaxCmdBytes       = 64 << 10  // a command
	MaxCmdJSONBytes   = 192 << 10 // a command as JSON, with its escapes
	MaxFileNameBytes  = 255       // a file's name
	MaxBufferBytes    = 100 << 20 // a buffer
	MinMeetID         = 10000000  // room IDs have eight digits
	MaxMeetID         = 99999999

	// FirstMessageTimeout is how long a fresh connection may take to send login or resume.
	FirstMessageTimeout = 15 * time.Second
	// PingInterval is how often a client says that it lives.
	PingInterval = 2 * time.Second
	// PeerSilence is how long a client waits for any byte from the server before it takes the connection for dead.
	PeerSilence = 5 * time.Second
	// MinServerTimeout, MaxServerTimeout and DefaultServerTimeout bound requests and the life of a cut session.
	MinServerTimeout     = 10 * time.Second
	MaxServerTimeout     = 120 * time.Second
	DefaultServerTimeout = 60 * time.Second
	// TokenWarning is how long before its end a token's holder is told.
	TokenWarning = 30 * time.Second
)
