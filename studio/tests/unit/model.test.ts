import { describe, expect, it } from "vitest";

import { availableExpressions, wearing, worn } from "../../src/model/expression";
import { averageValues, completed, fromEngine, sliderGroups, toEngine } from "../../src/model/schema";
import { found } from "../../src/model/search";
import { blended, randomised, restored, varied, withStrength } from "../../src/model/shaping";
import { edits, mirrored } from "../../src/model/symmetry";
import { SCHEMA, slider } from "./schema";

const AVERAGE = averageValues(SCHEMA);
const NONE: ReadonlySet<string> = new Set();

/** Numbers that look random and are always the same (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe("values", () => {
  it("are the average face's where a file has none or wrong ones", () => {
    const values = completed(SCHEMA, { nose_width: 0.7, chin_width: 7, skin_tone: "dark", hair_style: "blue", unknown: 1 });
    expect(values).toEqual({ ...AVERAGE, nose_width: 0.7, chin_width: 1 });
  });

  it("go to the engine's unit and back", () => {
    const shown = slider("age", { low: -0.3, high: 1 });
    expect(toEngine(shown, 0)).toBeCloseTo(-0.3);
    expect(fromEngine(shown, toEngine(shown, 0.42))).toBeCloseTo(0.42);
    expect(fromEngine(shown, 99)).toBe(1);
  });

  it("are grouped in the schema's order, expressions apart", () => {
    expect([...sliderGroups(SCHEMA, ["identity", "appearance"]).keys()]).toEqual(["nose", "chin", "skin"]);
  });
});

describe("symmetric editing", () => {
  const names = new Set(["mouthSmileLeft", "mouthSmileRight", "jawLeft", "jawRight", "ear_l", "ear_r", "alone_l", "eye.L", "eye.R"]);

  it("finds the other side by its name", () => {
    expect(mirrored("mouthSmileLeft", names)).toBe("mouthSmileRight");
    expect(mirrored("mouthSmileRight", names)).toBe("mouthSmileLeft");
    expect(mirrored("ear_l", names)).toBe("ear_r");
    expect(mirrored("eye.R", names)).toBe("eye.L");
  });

  it("finds none where there is none, and none of a direction", () => {
    expect(mirrored("alone_l", names)).toBeUndefined();
    expect(mirrored("jawLeft", names)).toBeUndefined();
  });

  it("sets both sides, or one alone", () => {
    expect(edits("mouthSmileLeft", 0.4, { names, symmetric: true, locked: NONE })).toEqual({
      mouthSmileLeft: 0.4, mouthSmileRight: 0.4,
    });
    expect(edits("mouthSmileLeft", 0.4, { names, symmetric: false, locked: NONE })).toEqual({ mouthSmileLeft: 0.4 });
    expect(edits("mouthSmileLeft", 0.4, { names, symmetric: true, locked: new Set(["mouthSmileRight"]) })).toEqual({
      mouthSmileLeft: 0.4,
    });
  });
});

describe("strength", () => {
  const values = { ...AVERAGE, nose_width: 0.6, chin_width: 0.2, skin_tone: 0.8, jawOpen: 0.5, hair_style: "long" };

  it("goes from the average through the character and beyond, with colours and expression as they are", () => {
    expect(withStrength(SCHEMA, values, 0, NONE)).toEqual({ ...values, nose_width: 0.5, chin_width: 0.5 });
    expect(withStrength(SCHEMA, values, 1, NONE)).toEqual(values);
    expect(withStrength(SCHEMA, values, 1.5, NONE)).toEqual({ ...values, nose_width: 0.65, chin_width: 0.05 });
  });

  it("ends at the slider's ends, and leaves alone what is locked", () => {
    expect(withStrength(SCHEMA, values, 9, NONE)).toMatchObject({ nose_width: 1, chin_width: 0 });
    expect(withStrength(SCHEMA, values, 2, new Set(["nose_width"]))).toMatchObject({ nose_width: 0.6 });
  });
});

describe("randomising", () => {
  it("draws as the schema's samples scatter", () => {
    const random = chance(7);
    const drawn = Array.from({ length: 4000 }, () => Number(randomised(SCHEMA, AVERAGE, NONE, random)["nose_width"]));
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    const spread = Math.sqrt(drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length);
    expect(mean).toBeCloseTo(0.5, 1);
    expect(spread).toBeCloseTo(0.15, 1);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(1);
  });

  it("moves neither expressions, nor what is never sampled, nor what is locked", () => {
    const values = randomised(SCHEMA, AVERAGE, new Set(["chin_width", "glasses"]), chance(3));
    for (const name of ["never_sampled", "jawOpen", "chin_width", "glasses"]) expect(values[name]).toBe(AVERAGE[name]);
    expect(values["nose_width"]).not.toBe(AVERAGE["nose_width"]);
  });

  it("moves one group alone where told so", () => {
    const values = randomised(SCHEMA, AVERAGE, NONE, chance(3), new Set(["nose_width"]));
    expect({ ...values, nose_width: 0.5 }).toEqual(AVERAGE);
  });

  it("varies less by less", () => {
    const far = (amount: number): number =>
      Math.abs(Number(varied(SCHEMA, AVERAGE, NONE, chance(5), amount)["nose_width"]) - 0.5);
    expect(far(0.2)).toBeLessThan(far(1));
    expect(varied(SCHEMA, AVERAGE, NONE, chance(5), 0)).toEqual(AVERAGE);
  });

  it("can be put back, but for what is locked", () => {
    const values = { ...AVERAGE, nose_width: 0.9, chin_width: 0.9 };
    expect(restored(values, AVERAGE, ["nose_width", "chin_width"], new Set(["chin_width"]))).toEqual({
      ...AVERAGE, chin_width: 0.9,
    });
  });
});

describe("blending", () => {
  it("takes sliders by share and choices of the nearer", () => {
    const other = { ...AVERAGE, nose_width: 1, hair_style: "long" };
    expect(blended(SCHEMA, AVERAGE, other, 0)).toEqual(AVERAGE);
    expect(blended(SCHEMA, AVERAGE, other, 1)).toEqual(other);
    expect(blended(SCHEMA, AVERAGE, other, 0.4)).toMatchObject({ nose_width: 0.7, hair_style: "bald" });
  });
});

describe("expressions", () => {
  it("are those of which the schema has units", () => {
    expect(availableExpressions(SCHEMA)).toEqual(["neutral", "smile", "laugh", "surprised", "afraid", "wink"]);
    expect(availableExpressions({ ...SCHEMA, sliders: [slider("nose_width")] })).toEqual([]);
  });

  it("are worn by share, and taken off whole", () => {
    const smiling = wearing(SCHEMA, AVERAGE, { mouthSmileLeft: 0.7, mouthSmileRight: 0.7, unknown: 1 }, 0.5);
    expect(worn(SCHEMA, smiling)).toEqual({ mouthSmileLeft: 0.35, mouthSmileRight: 0.35 });
    expect(wearing(SCHEMA, smiling, {})).toEqual(AVERAGE);
  });
});

describe("search", () => {
  it("finds by any word of label, name or group", () => {
    expect(found("nose wid", "Nose width", "nose_width")).toBe(true);
    expect(found("blink left", "eyeBlinkLeft")).toBe(true);
    expect(found("眉", "眉毛高度")).toBe(true);
    expect(found("ear", "Nose width")).toBe(false);
    expect(found("  ", "anything")).toBe(true);
  });
});
