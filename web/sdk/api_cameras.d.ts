// Members with several cameras open at once: setVideo(UID, videoID) of a video object shows one of them
export function CRVideo_SetEnableMutiVideo(UID: string, enable: boolean): Promise<void>; // of oneself only false
export function CRVideo_GetEnableMutiVideo(UID?: string): boolean;
