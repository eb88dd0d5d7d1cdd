package crvideo

import "context"

// GetMicEnergy tells how loud a member is, 0 to 10 (CRVideo_GetMicEnergy).
func GetMicEnergy(uid string) int { return Default().GetMicEnergy(uid) }

// SetAllAudioClose closes everybody's microphone (CRVideo_SetAllAudioClose); see Client.SetAllAudioClose.
func SetAllAudioClose() {
	c := Default()
	c.spawn(func() {
		if err := promise(func(ctx context.Context, c *Client) error { return c.SetAllAudioClose(ctx) }); err != nil {
			c.log.Warn("closing all microphones", "error", err)
		}
	})
}

// GetAudioSpkNames lists the speakers (CRVideo_GetAudioSpkNames).
func GetAudioSpkNames() []SpeakerInfo { return Default().GetAudioSpkNames() }

// PlaySpeaker plays the room on the speaker (CRVideo_PlaySpeaker); see Client.PlaySpeaker.
func PlaySpeaker() error {
	return promise(func(ctx context.Context, c *Client) error { return c.PlaySpeaker(ctx) })
}

// PauseSpeaker ends PlaySpeaker (CRVideo_PauseSpeaker).
func PauseSpeaker() { Default().PauseSpeaker() }

// SetSpeakerMute silences the speaker, or not (CRVideo_SetSpeakerMute).
func SetSpeakerMute(mute bool) { Default().SetSpeakerMute(mute) }

// GetSpeakerMute tells whether the speaker is silenced (CRVideo_GetSpeakerMute).
func GetSpeakerMute() bool { return Default().GetSpeakerMute() }

// SetAudioSubscribeMode chooses whose sound is received (CRVideo_SetAudioSubscribeMode).
func SetAudioSubscribeMode(mode AudioSubscribeMode) error {
	return Default().SetAudioSubscribeMode(mode)
}

// SetAudioSubscribeList sets the list of SetAudioSubscribeMode (CRVideo_SetAudioSubscribeList).
func SetAudioSubscribeList(uids []string) error { return Default().SetAudioSubscribeList(uids) }

// GetAudioSubscribeMode tells whose sound is received (CRVideo_GetAudioSubscribeMode).
func GetAudioSubscribeMode() AudioSubscribeMode { return Default().GetAudioSubscribeMode() }

// StartGetAudioPCM begins to deliver sound as NotifyAudioPCMDat events (CRVideo_StartGetAudioPCM), out of rooms and from
// one room to the next, until StopGetAudioPCM or Uninit. getType must be 0 (AudioPCMEvents). Programs of the idiom read
// a Mix instead. Errors: 5 no such side, getType or form, 9 started already, 11 not initialised.
func StartGetAudioPCM(side AudioSide, getType int, params AudioPCMParams) error {
	return Default().startPCM(side, getType, params)
}

// StopGetAudioPCM ends StartGetAudioPCM for a side (CRVideo_StopGetAudioPCM). What is on its way to the handler still
// comes.
func StopGetAudioPCM(side AudioSide) { Default().stopPCM(side) }

// OnNotifyAudioPCMDat sets the handler of NotifyAudioPCMDat on the default client.
func OnNotifyAudioPCMDat(fn func(NotifyAudioPCMDat)) { std.on.audioPCM.set(fn) }
