package crvideo

// DefaultCamera as a camera ID (camID, videoID) means the member's default camera, whichever it is at the time.
const DefaultCamera = -1

// DeviceStatus is the state of a member's microphone (ASTATUS) or cameras (VSTATUS).
type DeviceStatus int

// The states of a microphone or camera.
const (
	StatusUnknown DeviceStatus = 0 // not known (not a member)
	StatusNone    DeviceStatus = 1 // the member has no such device
	StatusClosed  DeviceStatus = 2
	StatusOpen    DeviceStatus = 3
	StatusOpening DeviceStatus = 4 // only seen of oneself: asked for, and not yet confirmed by the server
)

func (s DeviceStatus) String() string {
	switch s {
	case StatusNone:
		return "none"
	case StatusClosed:
		return "closed"
	case StatusOpen:
		return "open"
	case StatusOpening:
		return "opening"
	}
	return "unknown"
}

// MeetInfo describes a room (RoomInfoObj).
type MeetInfo struct {
	ID         int64  // eight digits
	Password   string // only known to whoever created the room; empty if it has none
	Subject    string
	PubMeetURL string // page on which people can join with a browser; empty if the server has none
}

// CreateParams say what room to create. The zero value makes a room without password that is removed 30 minutes after
// the last member left.
type CreateParams struct {
	Subject      string // at most 128 bytes
	NeedPassword bool   // the server makes a password when Password is empty
	Password     string // at most 64 bytes
	Regular      bool   // the room lives, and survives a restart of the server, until it is destroyed
}

// MemberInfo is one user in the room.
type MemberInfo struct {
	UID         string
	Nickname    string
	Num         uint32 // the member's number in the room, from 1, never used twice
	AudioStatus DeviceStatus
	VideoStatus DeviceStatus
}

// VideoInfo is one camera of a member (VideoInfoObj).
type VideoInfo struct {
	UID     string
	VideoID int // from 1; sources that the application added are from 50
	Name    string
	Absent  bool // one's own: it was unplugged; plugged in again it has the same ID
}

// MicInfo is one microphone of this machine (MicInfoObj).
type MicInfo struct {
	MicID     int // from 1; sources that the application added are from 50
	Name      string
	Synthetic bool // a tone made by this package, not a device
	Absent    bool // it was unplugged; plugged in again it has the same ID
}

// VideoCfg is how one's own cameras are captured and encoded.
type VideoCfg struct {
	Size        int     // height by number: 1:360 2:480 3:720 4:1080 5:96 6:128 7:160 8:192 9:256 10:288 11:320 12:400 13:576 14:1440 15:2160; default 2
	FPS         int     // frames a second, 1 to 30; default 15
	Ratio       int     // 1 16:9, 2 4:3, 3 1:1, 4 3:4, 5 9:16; default 1
	AspectRatio float64 // width divided by height, 0.25 to 4, instead of Ratio; 0: use Ratio
	MaxKbps     int     // upper bound of the bit rate; 0: the table's value for the size, at most SDKParams.VideoSendBW
}

// AudioCfg is how one's own microphone is captured, and which speaker plays. The three wishes are on by default and hold
// for real microphones as far as the machine can fulfil them: see GetAudioFeatures.
type AudioCfg struct {
	MicID            int  // -1 the default one
	SpeakerID        int  // -1 the default one
	AutoGainControl  bool // even out loudness
	EchoCancellation bool // take out what PlaySpeaker plays
	NoiseSuppression bool // make steady noise softer
	MicVolume        int  // per cent, 0 to 1000: 0 mutes, 100 (default) leaves as it is; other values only with AutoGainControl off
	Redundancy       int  // how many earlier packets each packet of sound repeats (RED), 0 to 2; default 0: sound is repeated while much is lost
	SendSilence      bool // send 50 packets a second in pauses, too; by default they are a few (Opus DTX), and readers, mixes and speakers fill them
}
