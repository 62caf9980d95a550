/** Heads in three dimensions, from the server: the bundle's own for the average look, an export for every other. */

import { signal } from "@preact/signals";

import { ApiError, isAbort } from "../api/errors";
import type { Finding } from "../api/types";
import { averageLook } from "../model/look";
import type { Schema } from "../model/schema";
import { effective } from "./editor";
import { client, watched } from "./session";
import { findingOf } from "./solving";

/** Side of the textures in pixels: that of the bundle's own mesh. */
const TEXTURE = 512;
/** Each is of some 3 MB. */
const KEPT = 6;
/** A colour that is dragged asks for one mesh, not for a hundred. */
const PATIENCE_MS = 600;

interface Kept {
  bundle: string;
  look: string;
  file: ArrayBuffer;
}
const kept: Kept[] = [];
const refused = new WeakSet<ArrayBuffer>();

const shown = signal<Kept | undefined>(undefined);
/** Whether one is on its way. */
export const meshBusy = signal(false);
/** Why the server gave none; it is not told that it is away, which the page says anyhow. */
export const meshFailure = signal<Finding | undefined>(undefined);

/** The last mesh that came for the bundle. */
export const shownMesh = (bundle: string): ArrayBuffer | undefined => {
  const now = shown.value;
  return now?.bundle === bundle && !refused.has(now.file) ? now.file : undefined;
};

/** Shows no mesh of a character that is left. */
export function leaveMesh(): void {
  shown.value = undefined;
  meshFailure.value = undefined;
}

/** Marks a file that the browser cannot draw: the server's drawings take over. */
export function refuseMesh(file: ArrayBuffer): void {
  refused.add(file);
  if (shown.value?.file === file) shown.value = undefined;
}

/** Asks for the mesh of the character as it looks now, and returns how to ask no more. */
export function wantMesh(bundle: string, schema: Schema, look: string): () => void {
  meshFailure.value = undefined;
  const known = kept.find((entry) => entry.bundle === bundle && entry.look === look);
  if (known) {
    shown.value = known;
    return () => undefined;
  }
  const control = new AbortController();
  const own = look !== averageLook(schema);
  const fetched = (): Promise<ArrayBuffer> =>
    own
      ? client
          .export(bundle, effective.peek(), { format: "morphs", texture_size_px: TEXTURE }, control.signal)
          .then((file) => file.arrayBuffer())
      : client.mesh(bundle, control.signal);
  const ask = async (): Promise<void> => {
    meshBusy.value = true;
    try {
      const entry: Kept = { bundle, look, file: await watched(fetched) };
      kept.push(entry);
      if (kept.length > KEPT) kept.shift();
      shown.value = entry;
      meshBusy.value = false;
    } catch (error) {
      if (isAbort(error)) return; // another one is asked for
      // The server's drawings take over: a mesh of another look would be another character.
      meshBusy.value = false;
      shown.value = undefined;
      if (error instanceof ApiError) meshFailure.value = findingOf(error);
    }
  };
  const soon = setTimeout(() => void ask(), own && shownMesh(bundle) ? PATIENCE_MS : 0);
  return () => {
    clearTimeout(soon);
    control.abort();
    meshBusy.value = false;
  };
}
