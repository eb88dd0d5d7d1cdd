package codec

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
