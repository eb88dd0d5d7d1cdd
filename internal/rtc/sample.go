package rtc

import "time"

// Sample is one frame: an access unit of pictures or a packet of sound.
type Sample struct {
	Data       []byte
	Duration   time.Duration // sending: until the next sample, 0: by the clock; receiving: since the one before (pictures) or of the sound
	Timestamp  uint32        // receiving: RTP units
	Key        bool          // receiving: a key frame
	Received   time.Time     // receiving: when its last packet was delivered
	PTS        time.Duration // receiving: since the reader's stream began
	Level      uint8         // sending sound: how loud it is, in decibels below the loudest (RFC 6464)
	Leveled    bool          // sending sound: Level is known
	Redundancy int           // sending sound: how many earlier packets this one is to repeat (RED), 0 to 2
	Missing    int           // receiving sound: packets that never came, right before this one
	Captured   time.Time     // receiving: when it was captured, by our clock; comparable between streams
	Layers     []LayerSample // sending a picture in several sizes: those, as StartLayers said; Data is not used then
	Rotation   int           // receiving: degrees clockwise by which the picture is to be turned to be upright
}

// LayerSample is a picture in one of its sizes; without data: it is not sent in this one.
type LayerSample struct {
	Data []byte
	Key  bool
}

// opusDuration reads how long an Opus packet is from its first bytes (RFC 6716, 3.1); 0 if that makes no sense.
func opusDuration(p []byte) time.Duration {
	if len(p) == 0 {
		return 0
	}
	var frame time.Duration
	switch config := p[0] >> 3; {
	case config < 12:
		frame = []time.Duration{10, 20, 40, 60}[config&3] * time.Millisecond
	case config < 16:
		frame = []time.Duration{10, 20}[config&1] * time.Millisecond
	default:
		frame = 2500 * time.Microsecond << (config & 3)
	}
	switch p[0] & 3 {
	case 0:
		return frame
	case 1, 2:
		return 2 * frame
	}
	if len(p) < 2 {
		return 0
	}
	return frame * time.Duration(p[1]&0x3f)
}
