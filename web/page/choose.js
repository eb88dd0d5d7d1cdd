// The menus of microphones, cameras and speakers.
import {
  CRVideo_GetAllVideoInfo, CRVideo_GetAudioCfg, CRVideo_GetAudioMicNames, CRVideo_GetAudioSpkNames, CRVideo_GetDefaultVideo,
  CRVideo_SetAudioCfg, CRVideo_SetDefaultVideo,
} from '../crvideo.mjs';
import { text } from './texts.js';

const canChooseSpeaker = 'setSinkId' in HTMLMediaElement.prototype;

/** deviceMenus fills an element with a menu for each kind of device. onChange is told the kind. */
export function deviceMenus(box, onChange) {
  const words = text();
  const kinds = [
    ['camera', words.camera, CRVideo_GetAllVideoInfo('').filter((v) => v.videoID < 50).map((v) => [v.videoID, v.videoName]), CRVideo_GetDefaultVideo('')],
    ['mic', words.microphone, CRVideo_GetAudioMicNames().map((m) => [m.micID, m.micName]), CRVideo_GetAudioCfg().micID],
    ['speaker', words.speaker, canChooseSpeaker ? CRVideo_GetAudioSpkNames().map((s) => [s.speakerID, s.speakerName]) : [], CRVideo_GetAudioCfg().speakerID],
  ];
  box.replaceChildren();
  for (const [kind, word, devices, chosen] of kinds) {
    if (devices.length === 0) continue;
    const menu = document.createElement('select');
    menu.dataset.kind = kind;
    for (const [id, name] of devices) menu.add(new Option(name, id, false, id === chosen));
    menu.onchange = async () => {
      const id = Number(menu.value);
      await { camera: () => CRVideo_SetDefaultVideo('', id), mic: () => CRVideo_SetAudioCfg({ micID: id }), speaker: () => CRVideo_SetAudioCfg({ speakerID: id }) }[kind]().catch(() => {});
      onChange(kind);
    };
    const label = document.createElement('label');
    const title = document.createElement('span');
    title.textContent = word;
    label.append(title, menu);
    box.append(label);
  }
}

/** chosenDevice is the browser's name for the camera or microphone that was chosen; empty for its default. */
export function chosenDevice(kind) {
  const found = kind === 'camera'
    ? CRVideo_GetAllVideoInfo('').find((v) => v.videoID === CRVideo_GetDefaultVideo(''))
    : CRVideo_GetAudioMicNames().find((m) => m.micID === CRVideo_GetAudioCfg().micID);
  return found?.deviceId ?? '';
}
