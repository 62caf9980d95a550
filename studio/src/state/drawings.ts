/** Pictures of values, drawn by the server: the stage's at once and the newest only, thumbnails one after the other. */

import { effect, signal } from "@preact/signals";

import { isAbort } from "../api/errors";
import type { Values } from "../model/schema";
import { edit, effective } from "./editor";
import { bundle, client, connection, returns, schema, watched } from "./session";

const KEPT = 300;
interface Picture {
  url: string;
  blob: Blob;
}
const kept = new Map<string, Picture>();

const keyOf = (values: Values, view: string, of: string): string => `${of}|${view}|${JSON.stringify(values)}`;

function keep(key: string, blob: Blob): Picture {
  const picture = { url: URL.createObjectURL(blob), blob };
  kept.set(key, picture);
  const [oldest] = kept;
  if (kept.size > KEPT && oldest) {
    kept.delete(oldest[0]);
    // A picture that is still on the page has been decoded; its address may go.
    setTimeout(() => URL.revokeObjectURL(oldest[1].url), 10_000);
  }
  return picture;
}

async function draw(values: Values, view: string, signal: AbortSignal, of = bundle.value): Promise<Picture> {
  const key = keyOf(values, view, of);
  const known = kept.get(key);
  if (known !== undefined) {
    kept.delete(key);
    kept.set(key, known);
    return known;
  }
  const blob = await watched(() => client.preview(of, values, view, signal));
  return keep(key, blob);
}

// The stage

export const view = signal("front");
export const stagePicture = signal<string | undefined>(undefined);
export const stageBusy = signal(false);
/** Whether the browser draws the character itself: then the server need not. */
export const drawnHere = signal(false);

let wanted: { values: Values; view: string } | undefined;
let drawing = false;

async function drawStage(): Promise<void> {
  if (drawing) return;
  drawing = true;
  stageBusy.value = true;
  while (wanted) {
    const { values, view: seen } = wanted;
    wanted = undefined;
    try {
      const { url } = await draw(values, seen, new AbortController().signal);
      await decoded(url);
      stagePicture.value = url;
    } catch (error) {
      if (!isAbort(error)) break;
    }
  }
  drawing = false;
  stageBusy.value = false;
  void drawNext();
}

async function decoded(url: string): Promise<void> {
  const image = new Image();
  image.src = url;
  await image.decode().catch(() => undefined);
}

let returned = 0;

/** Draws the stage whenever values, view or server change. Call once. */
export function followEdits(): void {
  effect(() => {
    // A server that comes back may have come with other weights.
    if (returns.value !== returned) {
      returned = returns.value;
      kept.clear();
    }
    if (!edit.value || !schema.value || drawnHere.value) {
      if (!edit.value) stagePicture.value = undefined;
      return;
    }
    wanted = { values: effective.value, view: view.value };
    void drawStage();
  });
}

// Thumbnails

interface Job {
  values: Values;
  view: string;
  of: string;
  signal: AbortSignal;
  done: (url: string | undefined) => void;
}
let queue: Job[] = [];
let busy = false;

/** A thumbnail's address, or undefined where it could not be drawn. The stage goes first. `of` names the bundle. */
export function thumbnail(
  values: Values,
  seen: string,
  signal: AbortSignal,
  of = bundle.value,
): Promise<string | undefined> {
  const known = kept.get(keyOf(values, seen, of));
  if (known !== undefined) return Promise.resolve(known.url);
  return new Promise((done) => {
    queue.push({ values, view: seen, of, signal, done });
    void drawNext();
  });
}

/** The picture itself, to keep or to save; undefined where it could not be drawn. */
export async function pictureOf(values: Values): Promise<Blob | undefined> {
  const url = await thumbnail(values, "front", new AbortController().signal);
  return url === undefined ? undefined : kept.get(keyOf(values, "front", bundle.value))?.blob;
}

async function drawNext(): Promise<void> {
  if (busy || drawing || connection.value === "down") return;
  queue = queue.filter((job) => !job.signal.aborted);
  const job = queue.shift();
  if (!job) return;
  busy = true;
  try {
    job.done((await draw(job.values, job.view, job.signal, job.of)).url);
  } catch {
    job.done(undefined);
  }
  busy = false;
  void drawNext();
}
