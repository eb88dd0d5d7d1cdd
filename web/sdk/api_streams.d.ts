import type { Event } from './api.js';

// Sound and pictures as MediaStreams. aSide: 0 one's own sound, when the microphone is open; 1 the others', in a room: again when
// more of them can be heard at once. A member's pictures when a video object begins to show them
export const CRVideo_NotifyAudioStream: Event<[aSide: 0 | 1, stream: MediaStream]>;
export const CRVideo_NotifyVideoStream: Event<[UID: string, videoStream: MediaStream]>;
