/**
 * How values drive a mesh's morph targets.
 *
 * A file may say it, as `f2p export --to morphs` writes them: its scene's extras hold
 * `{"f2p": {"sliders": [{"name": SLIDER, "target": TARGET, "points": [[VALUE, WEIGHT], ...]}], "expressions": [NAME, ...]}}`.
 * `points` give a target's weight over the slider's value in [0, 1], straight between them; expressions are targets of
 * their own names whose weight is the value.
 *
 * Where a file says nothing, names do: a target called `NAME` of a slider has the engine's value for its weight; `NAME+`
 * and `NAME-` have it where it is above and below 0. That holds for ARKit's 52 units as they are.
 *
 * Nodes named `CHOICE:OPTION` are seen where that option is chosen.
 */

import { number, type Schema, type Values } from "../model/schema";

export type Points = readonly (readonly [number, number])[];

/** What a slider does to a target. */
export interface Drive {
  readonly slider: string;
  readonly target: string;
  readonly points: Points;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function pointsOf(value: unknown): Points {
  const isPoint = (point: unknown): point is [number, number] =>
    Array.isArray(point) && point.length === 2 && point.every((part) => typeof part === "number");
  return list(value).filter(isPoint).sort(([one], [two]) => one - two);
}

/** What a file's extras say; undefined where they say nothing. */
export function drivesOf(extras: unknown): Drive[] | undefined {
  const told = (extras as { f2p?: { sliders?: unknown; expressions?: unknown } } | undefined)?.f2p;
  if (!Array.isArray(told?.sliders)) return undefined;
  const sliders = (told.sliders as { name?: unknown; target?: unknown; points?: unknown }[]).map((entry): Drive => ({
    slider: String(entry.name), target: String(entry.target), points: pointsOf(entry.points),
  }));
  const units = list(told.expressions).map((name): Drive => ({
    slider: String(name), target: String(name), points: [[0, 0], [1, 1]],
  }));
  return [...sliders.filter(({ points }) => points.length > 0), ...units];
}

/** What the targets' names say. */
export function drivesByName(schema: Schema, targets: readonly string[]): Drive[] {
  const known = new Set(targets);
  return schema.sliders.flatMap(({ name, low, high }): Drive[] => {
    const rest = low < 0 && high > 0 ? [[-low / (high - low), 0] as const] : [];
    const drives: Drive[] = [
      { slider: name, target: name, points: [[0, low], [1, high]] },
      { slider: name, target: `${name}+`, points: [[0, Math.max(0, low)], ...rest, [1, Math.max(0, high)]] },
      { slider: name, target: `${name}-`, points: [[0, Math.max(0, -low)], ...rest, [1, Math.max(0, -high)]] },
    ];
    return drives.filter(({ target }) => known.has(target));
  });
}

/** The weight at a value: straight between points, the ends' own beyond them. */
export function weightAt(points: Points, value: number): number {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return 0;
  if (value <= first[0]) return first[1];
  const index = points.findIndex(([at]) => at >= value);
  const [before, after] = [points[index - 1], points[index]];
  if (!before || !after) return last[1];
  return before[1] + ((after[1] - before[1]) * (value - before[0])) / (after[0] - before[0]);
}

/** The weight of each target by name; targets that nothing drives are left out. */
export function morphWeights(values: Values, drives: readonly Drive[]): Record<string, number> {
  const weights: Record<string, number> = {};
  for (const { slider, target, points } of drives) {
    if (!(slider in values)) continue;
    weights[target] = (weights[target] ?? 0) + weightAt(points, number(values, slider));
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
