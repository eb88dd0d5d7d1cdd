import type { Event } from './api.js';

// Sound as PCM. aSide: 0 one's own as the others get it, 1 the others', mixed; getType: 0. The page needs https or this machine, and
// a policy that allows scripts of blob: URLs
export interface AudioPCMParams {
  rate?: 8000 | 16000 | 24000 | 48000; // samples a second; default 16000
  channels?: 1 | 2; // default 1
  frameMS?: 10 | 20; // length of what one event has; default 20
}
export function CRVideo_StartGetAudioPCM(aSide: 0 | 1, getType?: 0, jsonParam?: AudioPCMParams): Promise<void>;
export function CRVideo_StopGetAudioPCM(aSide: 0 | 1): void;
export const CRVideo_NotifyAudioPCMDat: Event<[aSide: 0 | 1, PCMDat: ArrayBuffer]>; // signed 16 bit, channels interleaved
