// Whose sound is received: 0 everybody's (the default; while many have their microphone open, that of the loudest), 1 that of the members on the
// list (at most 256), however many they are, 2 that of everybody who is not on it
export function CRVideo_SetAudioSubscribeMode(mode: 0 | 1 | 2): Promise<void>;
export function CRVideo_SetAudioSubscribeList(uids: string[]): Promise<void>;
export function CRVideo_GetAudioSubscribeMode(): 0 | 1 | 2;
export function CRVideo_SetSpeakerMute(mute: boolean): void;
export function CRVideo_GetSpeakerMute(): boolean;
