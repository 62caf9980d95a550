/** What the server answers, in the page's words. `client.ts` reads the wire into these. */

import type { Schema } from "../model/schema";

export interface Bundle {
  name: string;
  version: string;
  engine: string;
  engineAvailable: boolean;
  /** What v1/export writes characters as. With "morphs", v1/mesh has a head to draw in 3D. */
  exportFormats: string[];
}

export interface ServerInfo {
  version: string;
  bundles: Bundle[];
  presets: string[];
  defaultPreset: string;
  maxPhotos: number;
  maxPhotoBytes: number;
  /** Sides from which the server draws a character. */
  views: string[];
}

/** What is wrong with a photo, or could be better. */
export interface Finding {
  code: string;
  message: string;
  remedy: string;
}

/** A face in fractions of the upright photo's width and height. */
export interface FaceBox {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** What was measured on the face that would be used. */
export interface PhotoQuality {
  faceWidth: number;
  /** In [0, 1]; 0 is sharp. */
  blur: number;
  brightness: number;
}

export interface PhotoCheck {
  usable: boolean;
  issues: Finding[];
  hints: Finding[];
  faces: FaceBox[];
  quality: PhotoQuality | undefined;
}

export interface Progress {
  stage: string;
  /** Jobs before this one while it waits. */
  queue: number;
  step: number;
  steps: number;
  loss: number | undefined;
  /** The face as it is now, as an address of a picture. */
  preview: string | undefined;
}

export interface GroupConfidence {
  group: string;
  confidence: number;
  seen: number;
}

/** character.json as the server or a file has it; the fields that the page reads. */
export interface CharacterDocument {
  schema: { name: string; version: string; hash: string; identity?: string };
  bundle: { name: string; version: string };
  preset: string;
  seed: number;
  warnings: string[];
  confidence?: GroupConfidence[];
  expressions?: { photo: number; yaw: number; pitch: number; roll: number; units: Record<string, number> }[];
  parameters: ({ name: string; value: number } | { name: string; option: string })[];
  [field: string]: unknown;
}

export interface Answer {
  document: CharacterDocument;
  /** All readings of the photo, this one first, where the server offers several. */
  candidates: CharacterDocument[];
  /** Addresses of pictures: the aligned photo, the imitator's drawing, the engine's render. */
  aligned: string | undefined;
  render: string | undefined;
  seconds: number | undefined;
}

export interface SharedCode {
  code: string;
  /** Address of the code as a QR picture; none where the server draws none. */
  qr: string | undefined;
}

export interface GroupDifference {
  name: string;
  mean: number;
  largest: number;
  sliders: { name: string; first: number; second: number; difference: number }[];
  choices: { name: string; first: string; second: string; same: boolean }[];
}

export interface Comparison {
  mean: number;
  largest: number;
  choicesDifferent: number;
  groups: GroupDifference[];
}

export type { Schema };
