/** The character on the stage: its values with undo and redo, what is locked, and how strong it is. */

import { batch, computed, effect, signal } from "@preact/signals";

import type { Answer, CharacterDocument } from "../api/types";
import { documentValues } from "../api/wire";
import { expressionSliders, wearing, worn, type Units } from "../model/expression";
import { averageValues, completed, differing, rounded, toEngine, type Schema, type Values } from "../model/schema";
import { randomised, restored, withStrength } from "../model/shaping";
import { edits } from "../model/symmetry";
import { begin, redo as redone, settle as settled, step, undo as undone, type Timeline } from "../model/timeline";
import { bundleInfo, schema } from "./session";

/** One state of the editor; undo goes back to the one before. */
export interface Edit {
  /** Before `strength` is applied. */
  readonly values: Values;
  readonly strength: number;
  /** What the values were edited from. */
  readonly origin: Values;
  /** The character.json that they came with; none for a character that began without a photo. */
  readonly document: CharacterDocument | undefined;
}

const line = signal<Timeline<Edit> | undefined>(undefined);

export const edit = computed(() => line.value?.present);
export const canUndo = computed(() => (line.value?.past.length ?? 0) > 0);
export const canRedo = computed(() => (line.value?.future.length ?? 0) > 0);
export const locked = signal<ReadonlySet<string>>(new Set());
export const symmetric = signal(true);
/** The photos' answer, as long as the page is open: pictures and candidates are not kept. */
export const answer = signal<Answer | undefined>(undefined);

/** Values as they are drawn, exported and shared. */
export const effective = computed<Values>(() => {
  const now = edit.value;
  const sliders = schema.value;
  return now && sliders ? withStrength(sliders, now.values, now.strength, locked.value) : {};
});

export const edited = computed<ReadonlySet<string>>(() => {
  const now = edit.value;
  return new Set(now ? differing(now.values, now.origin) : []);
});

/** Edits that a refit keeps: an expression is worn, not solved. */
export const keptEdits = computed<ReadonlySet<string>>(() => {
  const worn = new Set(schema.value ? expressionSliders(schema.value).map(({ name }) => name) : []);
  return new Set([...edited.value].filter((name) => !worn.has(name)));
});

/** Takes the character over when the server comes back with other sliders. Call once. */
export function followSchema(): void {
  let before = schema.peek();
  effect(() => {
    const sliders = schema.value;
    const now = edit.peek();
    if (sliders && before && now && sliders.hash !== before.hash) open(sliders, now.values);
    before = sliders;
  });
}

/** Begins with a character; what came before it is forgotten. */
export function open(sliders: Schema, values: Readonly<Record<string, unknown>>, document?: CharacterDocument): void {
  const whole = completed(sliders, values);
  batch(() => {
    line.value = begin<Edit>({ values: whole, strength: 1, origin: whole, document });
    locked.value = new Set();
    answer.value = undefined;
  });
}

export function openAnswer(sliders: Schema, found: Answer): void {
  batch(() => {
    open(sliders, documentValues(found.document), found.document);
    answer.value = found;
  });
}

/** Takes another reading of the photo, or a refit, as one step that can be undone. The expression stays. */
export function take(document: CharacterDocument): void {
  const sliders = schema.value;
  const now = edit.value;
  if (!sliders || !now) return;
  const origin = completed(sliders, documentValues(document));
  push({ ...now, values: wearing(sliders, origin, worn(sliders, now.values)), origin, document });
}

export function close(): void {
  batch(() => {
    line.value = undefined;
    answer.value = undefined;
    locked.value = new Set();
  });
}

function push(next: Edit, tag = "", held = false): void {
  if (line.value) line.value = step(line.value, next, tag, performance.now(), held);
}

/** Ends a drag: the next one is another step. */
export function settle(): void {
  if (line.value) line.value = settled(line.value, performance.now());
}

/** What values edit: a strength other than 1 becomes part of the values first, so that a slider shows what it does. */
function base(): Edit | undefined {
  const now = edit.value;
  return now && now.strength !== 1 ? { ...now, values: effective.value, strength: 1 } : now;
}

/** With `held`, a drag that `settle` ends. */
export function setValue(name: string, value: number | string, held = false): void {
  const sliders = schema.value;
  const now = base();
  if (!sliders || !now || locked.value.has(name)) return;
  const names = new Set(sliders.sliders.map((slider) => slider.name));
  const set = edits(name, typeof value === "number" ? rounded(value) : value, {
    names,
    symmetric: symmetric.value,
    locked: locked.value,
  });
  if (Object.entries(set).every(([key, wanted]) => now.values[key] === wanted)) return;
  push({ ...now, values: { ...now.values, ...set } }, `set ${name}`, held);
}

/** With a tag, a drag that `settle` ends. */
export function setAll(values: Values, tag = ""): void {
  const now = base();
  if (!now || differing(values, now.values).length === 0) return;
  push({ ...now, values }, tag, tag !== "");
}

export function setStrength(strength: number): void {
  const now = edit.value;
  if (now && now.strength !== strength) push({ ...now, strength }, "strength", true);
}

export function express(units: Units, share: number): void {
  const sliders = schema.value;
  const now = edit.value;
  if (!sliders || !now) return;
  const values = wearing(sliders, now.values, units, share);
  if (differing(values, now.values).length > 0) push({ ...now, values }, "expression", true);
}

export function randomise(names?: ReadonlySet<string>): void {
  const sliders = schema.value;
  const now = base();
  if (sliders && now) setAll(randomised(sliders, now.values, locked.value, Math.random, names));
}

/** Back to the character as it came. */
export function reset(names: Iterable<string>): void {
  const now = base();
  if (now) setAll(restored(now.values, now.origin, names, locked.value));
}

export function toAverage(names: Iterable<string>): void {
  const sliders = schema.value;
  const now = base();
  if (sliders && now) setAll(restored(now.values, averageValues(sliders), names, locked.value));
}

export function lock(names: Iterable<string>, on: boolean): void {
  const next = new Set(locked.value);
  for (const name of names) {
    if (on) next.add(name);
    else next.delete(name);
  }
  locked.value = next;
}

export function undo(): void {
  if (line.value) line.value = undone(line.value);
}

export function redo(): void {
  if (line.value) line.value = redone(line.value);
}

const significant = (value: number): number => Number(value.toPrecision(6));

/** character.json of the character as it is now; neutral unless the expression is wanted too. */
export function currentDocument(keepExpression = false): CharacterDocument | undefined {
  const sliders = schema.value;
  const now = edit.value;
  if (!sliders || !now) return undefined;
  const values = keepExpression ? effective.value : wearing(sliders, effective.value, {});
  const { bundle, preset, seed } = now.document ?? {
    bundle: { name: bundleInfo.value?.name ?? "", version: bundleInfo.value?.version ?? "" },
    preset: "default",
    seed: 0,
  };
  const common = { photo: null, render_source: "none", losses: {}, ...now.document };
  return {
    format: 1,
    ...common,
    schema: { name: sliders.name, version: sliders.version, hash: sliders.hash, identity: sliders.identity },
    bundle,
    preset,
    seed,
    warnings: now.document?.warnings ?? [],
    parameters: [
      ...sliders.sliders.map((slider) => {
        const value = Number(values[slider.name]);
        const { name, label, group, role, unit } = slider;
        return { name, label, group, role, value, engine_value: significant(toEngine(slider, value)), unit };
      }),
      ...sliders.choices.map(({ name, label, group, role }) => ({
        name, label, group, role, option: String(values[name]),
      })),
    ],
  };
}
