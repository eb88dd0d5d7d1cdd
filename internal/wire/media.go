package wire

import "slices"

// Methods about media.
const (
	MethodSetDevices      = "setDevices"      // Devices
	MethodOpenMic         = "openMic"         // OpenMicParams -> OpenResult
	MethodCloseMic        = "closeMic"        // UIDParams
	MethodOpenVideo       = "openVideo"       // OpenVideoParams -> OpenResult
	MethodCloseVideo      = "closeVideo"      // VideoParams
	MethodSetDefaultVideo = "setDefaultVideo" // VideoParams
	MethodSetMultiVideo   = "setMultiVideo"   // MultiVideo
	MethodSubscribe       = "subscribe"       // SubscribeParams
	MethodOffer           = "offer"           // OfferParams -> OfferResult
)

// Notifications about media.
const (
	NotifyMicStatus           = "micStatus"           // MicStatus
	NotifyVideoStatus         = "videoStatus"         // VideoStatus
	NotifyDevicesChanged      = "devicesChanged"      // DevicesChanged
	NotifyDefaultVideoChanged = "defaultVideoChanged" // VideoParams
	NotifyMultiVideoChanged   = "multiVideoChanged"   // MultiVideo
	NotifyOpenMicAsked        = "openMicAsked"        // Asked: a member wants our microphone open
	NotifyOpenVideoAsked      = "openVideoAsked"      // Asked: a member wants our camera open
	NotifySlotsNeeded         = "slotsNeeded"         // SlotsNeeded
	NotifyVideoWanted         = "videoWanted"         // VideoWanted: which sizes of our camera are watched
)

// Status is CRVideo's ASTATUS and VSTATUS.
type Status int

// The states of a microphone or camera.
const (
	StatusUnknown Status = 0
	StatusNone    Status = 1 // no such device
	StatusClosed  Status = 2
	StatusOpen    Status = 3
	StatusOpening Status = 4 // only ever seen by the member itself
)

// DefaultCamera as a videoID means the member's default camera, whichever it is.
const DefaultCamera = -1

// Stream is one published stream. Every RTP packet that the server forwards of it carries Num as its only CSRC, so
// that whose packet it is never depends on the order of packets and messages.
type Stream struct {
	Num   uint32 `json:"num"`   // unique in the room for as long as it lives, never used twice
	Codec string `json:"codec"` // mime type: video/H264, video/VP8, video/VP9, video/AV1, audio/opus
}

// Video is a camera of a member.
type Video struct {
	ID     int     `json:"id"`
	Name   string  `json:"name"`
	Stream *Stream `json:"stream,omitempty"` // while the camera is open
}

// Devices are what a member has: sent when entering and whenever it changes. Streams in Videos are ignored.
type Devices struct {
	Mic          bool    `json:"mic"`
	Videos       []Video `json:"videos,omitempty"`
	DefaultVideo int     `json:"defaultVideo,omitempty"`
	MultiVideo   bool    `json:"multiVideo,omitempty"` // the member opens all its cameras, not only the default one
}

// Validate implements Validator.
func (d *Devices) Validate() *Error {
	if len(d.Videos) > MaxVideos {
		return Errorf(CodeBadParameter, "%d cameras, at most %d are allowed", len(d.Videos), MaxVideos)
	}
	seen := make(map[int]bool, len(d.Videos))
	for i := range d.Videos {
		v := &d.Videos[i]
		if v.ID < 1 || seen[v.ID] {
			return Errorf(CodeBadParameter, "videos: id %d is below 1 or there twice", v.ID)
		}
		seen[v.ID] = true
		if err := atMost("videos.name", v.Name, MaxDeviceName); err != nil {
			return err
		}
	}
	if len(d.Videos) > 0 && !seen[d.DefaultVideo] {
		return Errorf(CodeBadParameter, "defaultVideo %d is not one of videos", d.DefaultVideo)
	}
	return nil
}

// OpenMicParams open a microphone. For one's own, Mid and Codec say where the sound comes; for another member's they
// are empty and that member is asked.
type OpenMicParams struct {
	UID   string `json:"uid"`
	Mid   string `json:"mid,omitempty"`
	Codec string `json:"codec,omitempty"`
}

// Validate implements Validator.
func (p *OpenMicParams) Validate() *Error {
	if p.UID == "" {
		return missing("uid")
	}
	return firstError(atMost("uid", p.UID, MaxUIDBytes), atMost("mid", p.Mid, 16), atMost("codec", p.Codec, 32))
}

// OpenVideoParams open a camera, in the same two ways.
type OpenVideoParams struct {
	UID     string `json:"uid"`
	VideoID int    `json:"videoID"` // DefaultCamera or an ID
	Mid     string `json:"mid,omitempty"`
	Codec   string `json:"codec,omitempty"`

	// Layers are the sizes in which it is sent (RFC 8853), the largest first; none: in one. Those without a size are not
	// sent at present; opening the camera again changes it.
	Layers []Layer `json:"layers,omitempty"`
}

// Layer is one of the sizes of a picture.
type Layer struct {
	RID     string `json:"rid"`
	Width   int    `json:"width"` // pixels
	Height  int    `json:"height"`
	Bitrate int    `json:"bitrate"` // bit/s at most
}

// Bounds of Layer.
const (
	MaxLayers       = 3
	maxLayerSide    = 1 << 14
	maxLayerBitrate = 1 << 30
)

// Validate implements Validator.
func (p *OpenVideoParams) Validate() *Error {
	if p.UID == "" {
		return missing("uid")
	}
	if len(p.Layers) > MaxLayers {
		return Errorf(CodeBadParameter, "%d layers, at most %d are allowed", len(p.Layers), MaxLayers)
	}
	for i, l := range p.Layers {
		switch {
		case l.RID == "":
			return missing("layers.rid")
		case i > 0 && l.Width == 0 && l.Height == 0 && l.Bitrate == 0: // not sent at present
		case l.Width < 1 || l.Width > maxLayerSide || l.Height < 1 || l.Height > maxLayerSide:
			return Errorf(CodeBadParameter, "layers: %dx%d", l.Width, l.Height)
		case l.Bitrate < 1 || l.Bitrate > maxLayerBitrate:
			return Errorf(CodeBadParameter, "layers: bitrate %d", l.Bitrate)
		}
		if i > 0 && l.Height > p.Layers[i-1].Height {
			return Errorf(CodeBadParameter, "layers: the largest must be first")
		}
		if err := atMost("layers.rid", l.RID, 16); err != nil {
			return err
		}
	}
	return firstError(checkVideoID(p.VideoID), atMost("uid", p.UID, MaxUIDBytes), atMost("mid", p.Mid, 16), atMost("codec", p.Codec, 32))
}

// OpenResult answers openMic and openVideo. Stream is nil when another member was asked.
type OpenResult struct {
	Stream *Stream `json:"stream,omitempty"`
}

// VideoParams name a camera.
type VideoParams struct {
	UID     string `json:"uid"`
	VideoID int    `json:"videoID"`
}

// Validate implements Validator.
func (p *VideoParams) Validate() *Error {
	if p.UID == "" {
		return missing("uid")
	}
	return firstError(atMost("uid", p.UID, MaxUIDBytes), checkVideoID(p.VideoID))
}

// MultiVideo says whether a member opens all its cameras, not only the default one.
type MultiVideo struct {
	UID string `json:"uid"`
	On  bool   `json:"on"`
}

// Validate implements Validator.
func (p *MultiVideo) Validate() *Error {
	if p.UID == "" {
		return missing("uid")
	}
	return atMost("uid", p.UID, MaxUIDBytes)
}

// SubscribeParams are the whole set of cameras whose pictures the client wants from now on. A wish may name a member
// or camera that is not there yet: the pictures come as soon as it opens.
type SubscribeParams struct {
	Videos []VideoWish `json:"videos"`
	Audio  *AudioWish  `json:"audio,omitempty"` // whose sound is wanted; nil: everybody's
}

// VideoWish is a camera whose pictures are wanted.
type VideoWish struct {
	VideoParams
	Height int `json:"height,omitempty"` // pixels in which it is shown, so that a smaller size may do; 0: the largest
}

// Validate implements Validator.
func (w *VideoWish) Validate() *Error {
	if w.Height < 0 || w.Height > maxLayerSide {
		return Errorf(CodeBadParameter, "height %d", w.Height)
	}
	return w.VideoParams.Validate()
}

// Whose sound a member wants: CRVideo's audio subscribe modes.
const (
	HearAll    = 0 // everybody's
	HearListed = 1 // that of the members on the list
	HearOthers = 2 // that of the members who are not on the list
)

// AudioWish says whose sound a member wants. Who is on the list need not be there.
type AudioWish struct {
	Mode int      `json:"mode"`
	UIDs []string `json:"uids,omitempty"`
}

// Validate implements Validator.
func (w *AudioWish) Validate() *Error {
	switch {
	case w.Mode < HearAll || w.Mode > HearOthers:
		return Errorf(CodeBadParameter, "audio.mode %d is not 0, 1 or 2", w.Mode)
	case len(w.UIDs) > MaxSubscriptions:
		return Errorf(CodeBadParameter, "%d members in audio.uids, at most %d are allowed", len(w.UIDs), MaxSubscriptions)
	}
	for _, uid := range w.UIDs {
		if uid == "" {
			return missing("audio.uids")
		}
		if err := atMost("audio.uids", uid, MaxUIDBytes); err != nil {
			return err
		}
	}
	return nil
}

// Wants tells whether the sound of a member is wanted.
func (w *AudioWish) Wants(uid string) bool {
	if w == nil || w.Mode == HearAll {
		return true
	}
	return slices.Contains(w.UIDs, uid) == (w.Mode == HearListed)
}

// Exactly tells whether everybody who is wanted is to be heard, however many speak: a list of whom to hear, or everybody
// without exception (HearOthers with nobody on the list), as recorders want it. Else the server may choose the loudest.
func (w *AudioWish) Exactly() bool {
	return w != nil && (w.Mode == HearListed || w.Mode == HearOthers && len(w.UIDs) == 0)
}

// Validate implements Validator.
func (p *SubscribeParams) Validate() *Error {
	if len(p.Videos) > MaxSubscriptions {
		return Errorf(CodeBadParameter, "%d subscriptions, at most %d are allowed", len(p.Videos), MaxSubscriptions)
	}
	for i := range p.Videos {
		if err := p.Videos[i].Validate(); err != nil {
			return err
		}
	}
	if p.Audio != nil {
		return p.Audio.Validate()
	}
	return nil
}

// OfferParams renegotiate: more slots, or an ICE restart.
type OfferParams struct {
	Offer string `json:"offer"`
}

// Validate implements Validator.
func (p *OfferParams) Validate() *Error {
	if p.Offer == "" {
		return missing("offer")
	}
	return atMost("offer", p.Offer, MaxSDPBytes)
}

// OfferResult answers an offer.
type OfferResult struct {
	Answer string `json:"answer"`
}

// MicStatus tells that a member's microphone opened or closed, or appeared or vanished.
type MicStatus struct {
	UID    string  `json:"uid"`
	Status Status  `json:"status"`
	Stream *Stream `json:"stream,omitempty"`
	By     string  `json:"by,omitempty"` // who closed it, if another member did
}

// VideoStatus tells that a member's camera opened or closed.
type VideoStatus struct {
	UID     string  `json:"uid"`
	VideoID int     `json:"videoID"`
	Stream  *Stream `json:"stream,omitempty"` // nil: closed
	By      string  `json:"by,omitempty"`
}

// DevicesChanged tells that a member's list of cameras, or whether it has a microphone, changed.
type DevicesChanged struct {
	UID     string  `json:"uid"`
	Devices Devices `json:"devices"`
}

// Asked tells a member that another one wants its microphone or camera open.
type Asked struct {
	By      string `json:"by"`
	VideoID int    `json:"videoID,omitempty"`
}

// SlotsNeeded asks the client for an offer with so many more receive slots, because streams wait for one.
type SlotsNeeded struct {
	Audio int `json:"audio,omitempty"`
	Video int `json:"video,omitempty"`
}

// CodecKind is "audio" or "video" for a codec that may be published, and "" for any other.
func CodecKind(mime string) string {
	switch mime {
	case "audio/opus":
		return "audio"
	case "video/H264", "video/VP8", "video/VP9", "video/AV1":
		return "video"
	}
	return ""
}

// VideoWanted tells a member which sizes of its camera anybody watches; others need not be sent.
type VideoWanted struct {
	Num    uint32 `json:"num"`    // of the stream
	Layers []int  `json:"layers"` // by their place in OpenVideoParams.Layers; 0 for a picture in one size; empty: nobody watches
}
