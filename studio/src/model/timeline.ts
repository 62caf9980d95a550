/** Undo and redo over immutable states. */

export interface Timeline<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** What the last step was about: steps about the same thing in quick succession are one. */
  readonly tag: string;
  readonly at: number;
}

const LONGEST = 200;
const TOGETHER_MS = 700;

export const begin = <T>(present: T): Timeline<T> => ({ past: [], present, future: [], tag: "", at: 0 });

/**
 * Takes a step. A step with the tag of the last one, within 0.7 s of it, replaces it, so that one drag of a slider is
 * one undo. The same state again is no step.
 */
export function step<T>(line: Timeline<T>, next: T, tag = "", now = 0): Timeline<T> {
  if (next === line.present) return line;
  const joins = tag !== "" && tag === line.tag && now - line.at < TOGETHER_MS && line.past.length > 0;
  const past = joins ? line.past : [...line.past, line.present].slice(-LONGEST);
  return { past, present: next, future: [], tag, at: now };
}

export function undo<T>(line: Timeline<T>): Timeline<T> {
  const previous = line.past.at(-1);
  if (previous === undefined) return line;
  return { past: line.past.slice(0, -1), present: previous, future: [line.present, ...line.future], tag: "", at: 0 };
}

export function redo<T>(line: Timeline<T>): Timeline<T> {
  const next = line.future[0];
  if (next === undefined) return line;
  return { past: [...line.past, line.present], present: next, future: line.future.slice(1), tag: "", at: 0 };
}
