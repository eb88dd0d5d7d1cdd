// Package rtpkit holds what both ends of a media connection need below the level of streams: the codec table, the
// settings of pion, packet rings, loss tracking, RTCP reports and key-frame detection. Nothing in it starts a
// goroutine.
package rtpkit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// VideoClockRate and OpusClockRate are the RTP clock rates of the codec table, in Hz.
const (
	VideoClockRate = 90000
	OpusClockRate  = 48000
)

const (
	opusType = 111
	redType  = 63
)

type codec struct {
	kind   webrtc.RTPCodecType
	params webrtc.RTPCodecParameters
}

// table is the one table of payload types; the order is the order of preference. Client and server build their
// offers and answers from it, so between them a payload type means the same on every connection.
var table = buildTable()

func buildTable() []codec {
	var out []codec
	video := func(mime, fmtp string, pt webrtc.PayloadType) {
		out = append(out,
			codec{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecParameters{PayloadType: pt, RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: mime, ClockRate: VideoClockRate, SDPFmtpLine: fmtp,
				RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}, {Type: "transport-cc"}},
			}}},
			codec{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecParameters{PayloadType: pt + 1, RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeRTX, ClockRate: VideoClockRate, SDPFmtpLine: fmt.Sprintf("apt=%d", pt),
			}}})
	}
	video(webrtc.MimeTypeH264, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", 102)
	video(webrtc.MimeTypeVP8, "", 96)
	video(webrtc.MimeTypeVP9, "profile-id=0", 98)
	video(webrtc.MimeTypeAV1, "", 45)
	audio := func(mime, fmtp string, pt webrtc.PayloadType) {
		out = append(out, codec{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecParameters{PayloadType: pt, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: mime, ClockRate: OpusClockRate, Channels: 2, SDPFmtpLine: fmtp,
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "transport-cc"}}, // between our own ends lost sound is repeated like pictures
		}}})
	}
	audio(webrtc.MimeTypeOpus, "minptime=10;useinbandfec=1", opusType)
	audio(MimeRED, fmt.Sprintf("%d/%d", opusType, opusType), redType)
	return out
}

// OrientationURI names the header extension that tells how a picture is turned (3GPP TS 26.114, 7.4.5).
const OrientationURI = "urn:3gpp:video-orientation"

// Rotation reads the value of that header extension: degrees clockwise by which the picture must be turned to be
// upright, and whether it is a mirror image before that.
func Rotation(value byte) (degrees int, mirrored bool) { return int(value&3) * 90, value&4 != 0 }

// LevelURI names the header extension that tells how loud a packet of sound is (RFC 6464).
const LevelURI = sdp.AudioLevelURI

// LevelSilent is the level of silence; 0 is as loud as can be, in decibels below it.
const LevelSilent = 127

// The one byte of that header extension.
const (
	levelMask  = 0x7f
	levelVoice = 0x80
	voiceBelow = 50 // what is louder counts as voice
)

// LevelByte makes the value of the header extension.
func LevelByte(level uint8) byte {
	level = min(level, LevelSilent)
	if level < voiceBelow {
		return level | levelVoice
	}
	return level
}

// LevelOf reads it.
func LevelOf(value byte) uint8 { return value & levelMask }

// LayerURIs name the header extensions that tell of which layer of a picture a packet is, and a repeated one (RFC 8852).
var LayerURIs = []string{sdp.SDESRTPStreamIDURI, sdp.SDESRepairRTPStreamIDURI}

// NewMediaEngine returns a media engine with the codec table (H264, VP8, VP9, AV1, each with RTX, Opus, and RED of it) and the
// header extensions sdes:mid, TransportURI, OrientationURI and LevelURI, and others for pictures if the caller likes.
func NewMediaEngine(video ...string) (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	for _, c := range table {
		p := c.params
		p.RTCPFeedback = slices.Clone(p.RTCPFeedback)
		if err := m.RegisterCodec(p, c.kind); err != nil {
			return nil, fmt.Errorf("register %s: %w", p.MimeType, err)
		}
	}
	for _, uri := range append([]string{OrientationURI}, video...) {
		if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, fmt.Errorf("register header extension: %w", err)
		}
	}
	if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: LevelURI}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("register header extension: %w", err)
	}
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		for _, uri := range []string{sdp.SDESMidURI, TransportURI} {
			if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, kind); err != nil {
				return nil, fmt.Errorf("register header extension: %w", err)
			}
		}
	}
	return m, nil
}

// CodecParameters returns the table's entry for a mime type such as "video/H264", and false for any other codec.
// RTX has several entries and is not found by its name.
func CodecParameters(mime string) (webrtc.RTPCodecParameters, bool) {
	for _, c := range table {
		if strings.EqualFold(c.params.MimeType, mime) && c.params.MimeType != webrtc.MimeTypeRTX {
			p := c.params
			p.RTCPFeedback = slices.Clone(p.RTCPFeedback)
			return p, true
		}
	}
	return webrtc.RTPCodecParameters{}, false
}

// ByPayloadType returns the table's entry for a payload type. For RTX, rtx is true and the entry is that of the codec
// which it repeats.
func ByPayloadType(pt uint8) (params webrtc.RTPCodecParameters, rtx, ok bool) {
	for i := range table {
		if table[i].params.PayloadType != webrtc.PayloadType(pt) {
			continue
		}
		if table[i].params.MimeType == webrtc.MimeTypeRTX {
			return table[i-1].params, true, true // each follows its codec
		}
		return table[i].params, false, true
	}
	return webrtc.RTPCodecParameters{}, false, false
}

// RTXPayloadType finds, among negotiated codecs, the payload type that retransmits pt; 0 means there is none.
func RTXPayloadType(negotiated []webrtc.RTPCodecParameters, pt webrtc.PayloadType) webrtc.PayloadType {
	apt := fmt.Sprintf("apt=%d", pt)
	for _, c := range negotiated {
		if strings.EqualFold(c.MimeType, webrtc.MimeTypeRTX) && slices.Contains(strings.Split(c.SDPFmtpLine, ";"), apt) {
			return c.PayloadType
		}
	}
	return 0
}

// PayloadType finds, among negotiated codecs, the payload type of a mime type; false means it was not negotiated.
func PayloadType(negotiated []webrtc.RTPCodecParameters, mime string) (webrtc.PayloadType, bool) {
	for _, c := range negotiated {
		if strings.EqualFold(c.MimeType, mime) {
			return c.PayloadType, true
		}
	}
	return 0, false
}
