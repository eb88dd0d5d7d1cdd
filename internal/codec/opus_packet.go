package codec

// IsPause tells whether an Opus packet is what an encoder makes of a pause (DTX): it says that there is nothing new, and need
// not be sent. A decoder makes of it, and of a lost packet after it, noise like that of before.
func IsPause(packet []byte) bool { return len(packet) == 1 || len(packet) == 2 }

// silencePeak is how loud a pause is at most where the encoder does not know noise from sound: 60 decibels below the loudest.
const silencePeak = 32

// quiet tells whether no sample is louder than that.
func quiet(pcm []int16) bool {
	for _, v := range pcm {
		if v > silencePeak || v < -silencePeak {
			return false
		}
	}
	return true
}

// HasRedundancy tells whether an Opus packet holds a second, coarser copy of the one before it (in-band FEC): RFC 6716, 3.1
// and 4.2.4. Only what is coded by the speech part can; and encoders send it when they expect loss.
func HasRedundancy(packet []byte) bool {
	const celtOnly = 16
	if len(packet) < 2 {
		return false
	}
	config := packet[0] >> 3
	if config >= celtOnly || packet[0]&3 != 0 {
		return false // several frames in a packet: none of our peers sends them, and the first is not the one that is needed
	}
	frames := 1 // of the speech part, 20 ms each, in the one frame of the packet
	if config < 12 {
		frames = []int{1, 1, 2, 3}[config&3]
	}
	if packet[1]>>(7-frames)&1 != 0 {
		return true
	}
	stereo := packet[0]&4 != 0
	return stereo && packet[1]>>(7-(2*frames+1))&1 != 0 // voice flags and the flag of the first channel, then of the second
}
