import { describe, expect, it } from "vitest";

import { begin, redo, settle, step, undo } from "../../src/model/timeline";

const walk = (...states: string[]) => states.slice(1).reduce((line, state) => step(line, state), begin(states[0] ?? ""));

describe("the timeline", () => {
  it("goes back and forth", () => {
    const line = walk("a", "b", "c");
    expect(undo(line).present).toBe("b");
    expect(undo(undo(line)).present).toBe("a");
    expect(redo(undo(line)).present).toBe("c");
  });

  it("stays where there is nothing to undo or redo", () => {
    expect(undo(begin("a")).present).toBe("a");
    expect(redo(walk("a", "b")).present).toBe("b");
  });

  it("forgets the future after a new step", () => {
    const line = step(undo(walk("a", "b")), "c");
    expect(redo(line).present).toBe("c");
    expect(undo(line).present).toBe("a");
  });

  it("takes one drag for one step, however slow", () => {
    let line = step(begin(0), 1, "set nose", 1000, true);
    line = step(line, 2, "set nose", 9000, true);
    line = settle(step(line, 3, "set nose", 99_000, true), 99_100);
    expect(line.present).toBe(3);
    expect(undo(line).present).toBe(0);
    expect(undo(step(line, 4, "set nose", 102_000, true)).present).toBe(3);
  });

  it("takes quick presses of a key for one step", () => {
    const press = (line: ReturnType<typeof begin<number>>, value: number, now: number) =>
      settle(step(line, value, "set nose", now, true), now);
    expect(undo(press(press(begin(0), 1, 1000), 2, 1300)).present).toBe(0);
    expect(undo(press(press(begin(0), 1, 1000), 2, 3000)).present).toBe(1);
  });

  it("takes two sliders for two steps", () => {
    expect(undo(step(step(begin(0), 1, "set nose", 1000), 2, "set chin", 1100)).present).toBe(1);
  });

  it("does not join a step with one that was undone", () => {
    const line = step(undo(step(begin(0), 1, "set nose", 1000)), 2, "set nose", 1100);
    expect(undo(line).present).toBe(0);
  });

  it("keeps the last two hundred steps", () => {
    const line = walk(...Array.from({ length: 500 }, (_, at) => String(at)));
    expect(line.past).toHaveLength(200);
    expect(line.past[0]).toBe("299");
  });

  it("takes the same state for no step", () => {
    const line = walk("a", "b");
    expect(step(line, line.present)).toBe(line);
  });
});
