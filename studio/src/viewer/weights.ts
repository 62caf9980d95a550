/**
 * How values drive a mesh's morph targets. The mesh at rest is the character whose sliders all have the engine's value 0.
 *
 * A file may say it: its scene's extras hold `{"f2p": {"sliders": {NAME: {"plus": {TARGET: GAIN}, "minus": {...}}}}}`, and
 * a target's weight is the sum of gain times value over the sliders whose value is above (plus) or below (minus) 0.
 * Where a file says nothing, names do: a target called `NAME` of a slider has the engine's value for its weight; `NAME+`
 * and `NAME-` have it where it is above and below 0. That holds for ARKit's 52 units as they are.
 *
 * Nodes named `CHOICE:OPTION` are seen where that option is chosen.
 */

import { number, toEngine, type Schema, type Values } from "../model/schema";

type Gains = Readonly<Record<string, number>>;
export interface Drive {
  plus: Gains;
  minus: Gains;
}
export type Drives = Readonly<Record<string, Drive>>;

const gains = (value: unknown): Gains =>
  Object.fromEntries(
    Object.entries((value ?? {}) as Record<string, unknown>).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    ),
  );

/** What a file's extras say; undefined where they say nothing. */
export function drivesOf(extras: unknown): Drives | undefined {
  const told = (extras as { f2p?: { sliders?: Record<string, { plus?: unknown; minus?: unknown }> } } | undefined)?.f2p;
  if (!told?.sliders) return undefined;
  return Object.fromEntries(
    Object.entries(told.sliders).map(([name, { plus, minus }]) => [name, { plus: gains(plus), minus: gains(minus) }]),
  );
}

/** What the targets' names say. */
export function drivesByName(schema: Schema, targets: readonly string[]): Drives {
  const known = new Set(targets);
  const drives: Record<string, Drive> = {};
  for (const { name } of schema.sliders) {
    const plus = { ...(known.has(name) && { [name]: 1 }), ...(known.has(`${name}+`) && { [`${name}+`]: 1 }) };
    const minus = { ...(known.has(name) && { [name]: -1 }), ...(known.has(`${name}-`) && { [`${name}-`]: 1 }) };
    if (Object.keys(plus).length + Object.keys(minus).length > 0) drives[name] = { plus, minus };
  }
  return drives;
}

/** The weight of each target by name; targets that nothing drives are left out. */
export function morphWeights(schema: Schema, values: Values, drives: Drives): Record<string, number> {
  const weights: Record<string, number> = {};
  for (const slider of schema.sliders) {
    const drive = drives[slider.name];
    if (!drive) continue;
    const value = toEngine(slider, number(values, slider.name));
    for (const target of [...Object.keys(drive.plus), ...Object.keys(drive.minus)]) weights[target] ??= 0;
    for (const [target, gain] of Object.entries(value >= 0 ? drive.plus : drive.minus)) {
      weights[target] = (weights[target] ?? 0) + gain * Math.abs(value);
    }
  }
  return weights;
}

/** Whether a node is seen: those of no choice always are. */
export function seen(schema: Schema, values: Values, node: string): boolean {
  // three.js leaves ":" out of the names of nodes; both spellings are of one choice.
  return schema.choices.every(({ name, options }) =>
    options.every((option) => ![`${name}:${option}`, `${name}${option}`].includes(node) || values[name] === option),
  );
}
