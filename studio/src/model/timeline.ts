/** Undo and redo over immutable states. */

export interface Timeline<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** What the last step was about: until `joins` (ms, as performance.now()) further steps about it are part of it. */
  readonly tag: string;
  readonly joins: number;
}

const LONGEST = 200;
const TOGETHER_MS = 700;

export const begin = <T>(present: T): Timeline<T> => ({ past: [], present, future: [], tag: "", joins: 0 });

/**
 * Takes a step at `now`. A step about what the last one was about, soon after it, becomes part of it: several presses of
 * a key are one undo. With `held` it stays open until `settle`, so that one drag is one undo, however long it takes. The
 * same state again is no step.
 */
export function step<T>(line: Timeline<T>, next: T, tag = "", now = 0, held = false): Timeline<T> {
  if (next === line.present) return line;
  const joins = tag !== "" && tag === line.tag && now < line.joins && line.past.length > 0;
  const past = joins ? line.past : [...line.past, line.present].slice(-LONGEST);
  return { past, present: next, future: [], tag, joins: held ? Infinity : now + TOGETHER_MS };
}

/** Ends a drag. */
export const settle = <T>(line: Timeline<T>, now: number): Timeline<T> =>
  line.joins === Infinity ? { ...line, joins: now + TOGETHER_MS } : line;

export function undo<T>(line: Timeline<T>): Timeline<T> {
  const previous = line.past.at(-1);
  if (previous === undefined) return line;
  return { past: line.past.slice(0, -1), present: previous, future: [line.present, ...line.future], tag: "", joins: 0 };
}

export function redo<T>(line: Timeline<T>): Timeline<T> {
  const next = line.future[0];
  if (next === undefined) return line;
  return { past: [...line.past, line.present], present: next, future: line.future.slice(1), tag: "", joins: 0 };
}
