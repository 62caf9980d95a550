/** Pictures cut out of the photos in this tab's memory, sharper than what the server sends back. */

import type { CharacterDocument } from "../api/types";
import { frameTransform, squareAbout, type Point } from "../model/frame";
import type { GivenPhoto } from "./photos";

const SIDE = 720;

function canvasOf(paint: (context: CanvasRenderingContext2D) => void): Promise<string | undefined> {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d");
  if (!context) return Promise.resolve(undefined);
  context.imageSmoothingQuality = "high";
  paint(context);
  return new Promise((done) =>
    canvas.toBlob((blob) => done(blob ? URL.createObjectURL(blob) : undefined), "image/jpeg", 0.92),
  );
}

/** The photo upright; undefined for kinds of files that this browser does not read (HEIC, mostly). */
const upright = (blob: Blob): Promise<ImageBitmap | undefined> => createImageBitmap(blob).catch(() => undefined);

/** The photo laid into the engine's frame, as the character is drawn. Undefined where that cannot be told. */
export async function framedPhoto(
  document: CharacterDocument,
  photos: readonly GivenPhoto[],
): Promise<string | undefined> {
  const facts = document.photo as { width: number; frame: Point[] } | null | undefined;
  const shares = (document.photos ?? []) as { weight: number }[];
  const first = shares.length > 0 ? shares.reduce((best, { weight }, at) => (weight > shares[best]!.weight ? at : best), 0) : 0;
  const photo = photos[first];
  if (!facts?.frame || !photo) return undefined;
  const bitmap = await upright(photo.blob);
  const transform = bitmap && frameTransform(facts.frame, facts.width, bitmap.width, SIDE);
  if (!transform) return undefined;
  return canvasOf((context) => {
    context.fillStyle = "#808b99";
    context.fillRect(0, 0, SIDE, SIDE);
    context.setTransform(...transform);
    context.drawImage(bitmap, 0, 0);
  });
}

/** The face of a photo that was looked at, with room about it. */
export async function faceOf(photo: GivenPhoto): Promise<string | undefined> {
  const faces = typeof photo.check === "object" ? photo.check.faces : [];
  const box = faces[photo.face ?? 0];
  const bitmap = box && (await upright(photo.blob));
  if (!box || !bitmap) return undefined;
  const { x, y, side } = squareAbout(box, bitmap, 2.6);
  return canvasOf((context) => context.drawImage(bitmap, x, y, side, side, 0, 0, SIDE, SIDE));
}
