/** Making a character of the photos, and solving it on after an edit. */

import { batch, signal } from "@preact/signals";

import type { Kept, SolveOptions } from "../api/client";
import { ApiError, isAbort, Unreachable } from "../api/errors";
import type { Answer, Finding, Progress } from "../api/types";
import { answer, edit, keptEdits, locked, openAnswer, take } from "./editor";
import { framedPhoto } from "./crops";
import { remember } from "./library";
import { usable } from "./photos";
import { bundle, client, schema, watched } from "./session";

export interface Solving {
  readonly kind: "create" | "refit";
  readonly progress: Progress | undefined;
  /** The total loss at each step so far. */
  readonly losses: readonly number[];
  /** The last picture of the face on the way. */
  readonly picture: string | undefined;
}

export const solving = signal<Solving | undefined>(undefined);
export const failure = signal<Finding | undefined>(undefined);
export const preset = signal("");
export const seed = signal(0);
/** What is wanted beyond likeness. */
export const wishes = signal({ strength: 1, flatter: 0, remove_glasses: false, remove_beard: false });
const CANDIDATES = 4;

let control: AbortController | undefined;

export function cancel(): void {
  control?.abort();
}

export function options(): SolveOptions {
  const first = usable.value[0];
  const { strength, ...others } = wishes.value;
  return {
    bundle: bundle.value,
    ...(preset.value ? { preset: preset.value } : {}),
    seed: seed.value,
    include_pictures: true,
    include_progress_pictures: true,
    include_confidence: true,
    ...others,
    ...(strength === 1 ? {} : { choose_strength: true, strength }),
    ...(first?.face === undefined ? {} : { choose_face: true, face_index: first.face }),
  };
}

export async function create(): Promise<void> {
  const given = usable.value.map(({ blob }) => blob);
  const found = await run("create", (report, stop) => client.create(given, { ...options(), candidate_count: CANDIDATES }, report, stop));
  const sliders = schema.value;
  if (!found || !sliders) return;
  openAnswer(sliders, found);
  void sharpen(found);
  void remember();
}

/** Solves the rest again: what is locked or edited stays. */
export async function refit(): Promise<void> {
  const now = edit.value;
  const sliders = schema.value;
  const document = now?.document;
  if (!now || !sliders || !document) return;
  const given = usable.value.map(({ blob }) => blob);
  const wanted: SolveOptions = { ...options(), preset: document.preset, seed: document.seed };
  const kept: Kept = {
    character: document,
    locked: [...locked.value],
    edits: Object.fromEntries([...keptEdits.value].map((name) => [name, now.values[name] ?? 0])),
  };
  const found = await run("refit", (report, stop) => client.refit(kept, given, wanted, report, stop));
  if (!found) return;
  batch(() => {
    take(found.document);
    answer.value = { ...found, aligned: found.aligned ?? answer.value?.aligned };
  });
  void sharpen(found);
  void remember();
}

/** Puts the photo itself in the place of the server's small picture of it. */
async function sharpen(found: Answer): Promise<void> {
  const aligned = await framedPhoto(found.document, usable.value);
  if (aligned !== undefined && answer.value?.document === found.document) answer.value = { ...answer.value, aligned };
}

/** What another preset or bundle makes of the same photos, beside the character. */
export async function solveAside(
  other: { preset: string } | { bundle: string },
  onShare: (share: number) => void,
): Promise<Answer> {
  const given = usable.value.map(({ blob }) => blob);
  const report = ({ step, steps }: Progress): void => onShare(steps > 0 ? (step + 1) / steps : 0);
  const { signal: never } = new AbortController();
  return watched(() => client.create(given, { ...options(), ...other }, report, never));
}

async function run(
  kind: Solving["kind"],
  call: (report: (progress: Progress) => void, stop: AbortSignal) => Promise<Answer>,
): Promise<Answer | undefined> {
  if (solving.value) return undefined;
  control = new AbortController();
  const { signal: stop } = control;
  batch(() => {
    failure.value = undefined;
    solving.value = { kind, progress: undefined, losses: [], picture: undefined };
  });
  const report = (progress: Progress): void => {
    const before = solving.value;
    if (!before || stop.aborted) return;
    solving.value = {
      ...before,
      progress,
      losses: progress.loss === undefined ? before.losses : [...before.losses, progress.loss],
      picture: progress.preview ?? before.picture,
    };
  };
  try {
    return await watched(() => call(report, stop));
  } catch (error) {
    if (!isAbort(error)) failure.value = findingOf(error);
    return undefined;
  } finally {
    solving.value = undefined;
  }
}

export function findingOf(error: unknown): Finding {
  if (error instanceof ApiError) return { code: error.code, message: error.message, remedy: error.remedy };
  if (error instanceof Unreachable) return { code: "SERVICE_UNAVAILABLE", message: "", remedy: "" };
  return { code: "PAGE_FAULT", message: String(error), remedy: "" };
}
