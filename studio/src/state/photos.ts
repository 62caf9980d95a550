/** The photos that were given, and what the server says of each. They stay in this tab's memory and nowhere else. */

import { computed, signal } from "@preact/signals";

import { ApiError, isAbort } from "../api/errors";
import type { Finding, PhotoCheck } from "../api/types";
import { bundle, client, info, watched } from "./session";

export interface GivenPhoto {
  readonly id: number;
  readonly blob: Blob;
  /** Address of the picture for the page to show. */
  readonly url: string;
  readonly check: PhotoCheck | "checking" | "unchecked";
  /** Of several faces, which is meant. */
  readonly face: number | undefined;
}

export const photos = signal<readonly GivenPhoto[]>([]);
/** Whether the person has said that the photo may be used; asked once a visit. */
export const consent = signal(sessionStorage.getItem("f2p.consent") === "yes");

export const usable = computed(() =>
  photos.value.filter(({ check }) => check === "unchecked" || (check !== "checking" && check.usable)),
);
export const checking = computed(() => photos.value.some(({ check }) => check === "checking"));

const running = new Map<number, AbortController>();
let last = 0;

export function giveConsent(yes: boolean): void {
  consent.value = yes;
  sessionStorage.setItem("f2p.consent", yes ? "yes" : "");
}

export function addPhotos(blobs: Iterable<Blob>): void {
  const room = Math.max(0, (info.value?.maxPhotos ?? 16) - photos.value.length);
  for (const blob of [...blobs].slice(0, room)) {
    const photo: GivenPhoto = {
      id: ++last, blob, url: URL.createObjectURL(blob), check: "checking", face: undefined,
    };
    photos.value = [...photos.value, photo];
    void look(photo.id);
  }
}

export function removePhoto(id: number): void {
  running.get(id)?.abort();
  running.delete(id);
  const gone = photos.value.find((photo) => photo.id === id);
  if (gone) URL.revokeObjectURL(gone.url);
  photos.value = photos.value.filter((photo) => photo.id !== id);
}

export function forgetPhotos(): void {
  for (const { id } of photos.value) removePhoto(id);
}

export function chooseFace(id: number, face: number): void {
  update(id, { face });
  void look(id);
}

function update(id: number, fields: Partial<GivenPhoto>): void {
  photos.value = photos.value.map((photo) => (photo.id === id ? { ...photo, ...fields } : photo));
}

const refused = (finding: Finding): PhotoCheck => ({ usable: false, issues: [finding], hints: [], faces: [], quality: undefined });

/** Asks the server what is wrong with a photo. */
async function look(id: number): Promise<void> {
  const photo = photos.value.find((item) => item.id === id);
  if (!photo) return;
  running.get(id)?.abort();
  const control = new AbortController();
  running.set(id, control);
  const before = typeof photo.check === "object" ? photo.check.faces : [];
  update(id, { check: "checking" });
  try {
    const check = await watched(() => client.check(photo.blob, bundle.value, photo.face, control.signal));
    update(id, { check: { ...check, faces: check.faces.length > 0 ? check.faces : before } });
  } catch (error) {
    if (isAbort(error)) return;
    // A server that is away says nothing about the photo: it is looked at when the server is back.
    if (error instanceof ApiError) {
      update(id, { check: refused({ code: error.code, message: error.message, remedy: error.remedy }) });
    } else {
      update(id, { check: "unchecked" });
    }
  } finally {
    if (running.get(id) === control) running.delete(id);
  }
}

/** Looks at photos that could not be looked at. */
export function lookAgain(): void {
  for (const { id, check } of photos.value) if (check === "unchecked") void look(id);
}
