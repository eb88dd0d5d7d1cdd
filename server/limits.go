package server

import (
	"time"

	"github.com/crvideo/crvideo-go/internal/wire"
)

// Defaults of Limits.
const (
	DefaultMaxRooms            = 10_000
	DefaultMaxMembers          = 1_000
	DefaultMaxOpenMics         = 32
	DefaultMaxConnections      = 20_000
	DefaultMaxPerAddress       = 2_000
	DefaultMaxSessions         = 20_000
	DefaultMessagesPerSecond   = 1_000
	DefaultMessageBurst        = 2_000
	DefaultBytesPerSecond      = 1 << 20
	DefaultByteBurst           = 4 << 20
	DefaultAddressMessages     = 20_000
	DefaultAddressBytes        = 20 << 20
	DefaultTooFastTolerated    = 100
	DefaultLoginTries          = 10
	DefaultUserLogins          = 120
	DefaultAddressLogins       = 12_000
	DefaultFailuresPerMinute   = 60
	DefaultSendQueue           = 4_096
	DefaultSendQueueBytes      = 4 << 20
	DefaultReplay              = 2_048
	DefaultReplayBytes         = 4 << 20
	DefaultAnswersKept         = 128
	DefaultMessageBytes        = wire.MaxMessageBytes
	DefaultFirstMessageTimeout = wire.FirstMessageTimeout
	DefaultWriteTimeout        = 10 * time.Second
	DefaultRoomLife            = 30 * time.Minute
	DefaultTransfers           = 32
	DefaultTransferBytes       = 1 << 30
	DefaultTransferRate        = 100 << 20
	DefaultTransferWindow      = 512 << 10
	DefaultTransferOfferTime   = time.Minute
)

// Limits bound what clients can make a server do. A zero field means its default.
type Limits struct {
	Rooms       int // rooms of all apps; default 10,000. Beyond: code 803
	Members     int // members a room; default 1,000. Beyond: code 802
	OpenMics    int // open microphones a room; default 32. Beyond: code 816
	Connections int // open connections; default 20,000. Beyond: HTTP 503
	PerAddress  int // open connections of one IP address (of IPv6: of 64 bits of it); default 2,000. Beyond: HTTP 429
	Sessions    int // logged-in users of one app; default 20,000. Beyond: code 8

	// Rates. They hold for each connection and, whatever it connects by, for each user. Beyond: code 1202.
	MessagesPerSecond int // messages a second, WebSocket pings and pongs included; default 1,000
	MessageBurst      int // messages that may come at once; default 2,000
	BytesPerSecond    int // bytes of messages a second; default 1 MiB
	ByteBurst         int // bytes that may come at once; default 4 MiB. Never below MessageBytes
	// Rates of all connections of one IP address, twice as much may come at once. Beyond: code 1202.
	AddressMessagesPerSecond int // default 20,000
	AddressBytesPerSecond    int // default 20 MiB
	TooFastTolerated         int // refusals with 1202 in a row before the connection is closed with 4003; default 100

	LoginTries          int // refused logins and resumes of one connection; default 10. Then close 4003
	UserLoginsPerMinute int // logins a minute of one user; default 120. Beyond: code 1202
	LoginsPerMinute     int // logins and resumes a minute of one IP address; default 12,000. Beyond: code 1202
	FailuresPerMinute   int // wrong secrets, tokens and room passwords a minute of one IP address; default 60. Beyond: code 1202

	SendQueue      int // messages that wait for a connection's peer to read; default 4,096. Beyond: close 4004. Always above Replay
	SendQueueBytes int // bytes of answers that wait for it, roughly; default 4 MiB. Beyond: close 4004
	Replay         int // notifications kept for a resume; default 2,048. A resume that needs more: code 1201
	ReplayBytes    int // bytes of their parameters, which all who got one share; default 4 MiB
	AnswersKept    int // answers kept for requests that are repeated after a resume; default 128
	MessageBytes   int // bytes of one message from a client; default 262,144. Beyond: close 1009

	Transfers              int           // buffers and files that one user sends, and as many that one gets, at a time; default 32. Beyond: code 1202
	TransferBytes          int64         // size of a file; default 1 GiB. Beyond: code 1101. A buffer has 100 MiB at most
	TransferBytesPerSecond int           // what one user sends in all transfers; default 100 MiB. Who wants more is slowed
	TransferWindow         int           // bytes of a transfer that wait for its receiver to read; default 512 KiB. Not below 32 KiB
	TransferOfferTime      time.Duration // how long a transfer waits for its receiver to accept; default 1 min. Beyond: code 604

	FirstMessageTimeout time.Duration // how long login or resume may take; default 15 s. Beyond: close 4001
	WriteTimeout        time.Duration // how long one message may take to be written; default 10 s. Beyond: close 4004
	RoomLife            time.Duration // life of an empty room that is not regular; default 30 min
}

// withDefaults fills what is zero.
func (l Limits) withDefaults() Limits {
	orInt := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	orTime := func(field *time.Duration, value time.Duration) {
		if *field <= 0 {
			*field = value
		}
	}
	orInt(&l.Rooms, DefaultMaxRooms)
	orInt(&l.Members, DefaultMaxMembers)
	orInt(&l.OpenMics, DefaultMaxOpenMics)
	orInt(&l.Connections, DefaultMaxConnections)
	orInt(&l.PerAddress, DefaultMaxPerAddress)
	orInt(&l.Sessions, DefaultMaxSessions)
	orInt(&l.MessagesPerSecond, DefaultMessagesPerSecond)
	orInt(&l.MessageBurst, DefaultMessageBurst)
	orInt(&l.BytesPerSecond, DefaultBytesPerSecond)
	orInt(&l.ByteBurst, DefaultByteBurst)
	orInt(&l.AddressMessagesPerSecond, DefaultAddressMessages)
	orInt(&l.AddressBytesPerSecond, DefaultAddressBytes)
	orInt(&l.LoginTries, DefaultLoginTries)
	orInt(&l.UserLoginsPerMinute, DefaultUserLogins)
	orInt(&l.LoginsPerMinute, DefaultAddressLogins)
	orInt(&l.TooFastTolerated, DefaultTooFastTolerated)
	orInt(&l.FailuresPerMinute, DefaultFailuresPerMinute)
	orInt(&l.Replay, DefaultReplay)
	orInt(&l.ReplayBytes, DefaultReplayBytes)
	orInt(&l.SendQueue, DefaultSendQueue)
	l.SendQueue = max(l.SendQueue, l.Replay+16) // else a full replay would be taken for a slow reader
	orInt(&l.SendQueueBytes, DefaultSendQueueBytes)
	orInt(&l.AnswersKept, DefaultAnswersKept)
	orInt(&l.MessageBytes, DefaultMessageBytes)
	l.ByteBurst = max(l.ByteBurst, l.MessageBytes) // else the biggest message could never be sent
	l.AddressBytesPerSecond = max(l.AddressBytesPerSecond, l.MessageBytes)
	orTime(&l.FirstMessageTimeout, DefaultFirstMessageTimeout)
	orTime(&l.WriteTimeout, DefaultWriteTimeout)
	orTime(&l.RoomLife, DefaultRoomLife)
	orInt(&l.Transfers, DefaultTransfers)
	if l.TransferBytes <= 0 {
		l.TransferBytes = DefaultTransferBytes
	}
	orInt(&l.TransferBytesPerSecond, DefaultTransferRate)
	orInt(&l.TransferWindow, DefaultTransferWindow)
	l.TransferWindow = max(l.TransferWindow, wire.ChunkBytes)
	orTime(&l.TransferOfferTime, DefaultTransferOfferTime)
	return l
}
