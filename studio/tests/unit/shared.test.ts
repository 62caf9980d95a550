/** Characters of two schemas, compared in what both have. */

import { describe, expect, it } from "vitest";

import { averageValues } from "../../src/model/schema";
import { sharedDifference } from "../../src/model/shared";
import { choice, SCHEMA, slider } from "./schema";

const OTHER = {
  ...SCHEMA,
  name: "other",
  sliders: [
    slider("chin_width", { low: -2, high: 2 }),
    slider("nose_width", { unit: "share", low: 0 }),
    slider("jaw_height"),
    slider("jawOpen", { role: "expression" }),
  ],
  choices: [choice("hair_style", ["long", "short"]), choice("hat", ["none", "cap"])],
};

describe("two schemas", () => {
  const first = { schema: SCHEMA, values: { ...averageValues(SCHEMA), nose_width: 0.4, chin_width: 0.75 } };
  const second = { schema: OTHER, values: { ...averageValues(OTHER), nose_width: 0.5, chin_width: 0.25 } };
  const found = sharedDifference(first, second);

  it("are compared in the engine's unit where both have one, else by share, the largest first", () => {
    expect(found.sliders.map(({ slider: { name }, first: one, second: two, unit }) => [name, one, two, unit])).toEqual([
      ["chin_width", 0.5, -1, "weight"],
      ["nose_width", 0.4, 0.5, ""],
    ]);
    expect(found.sliders.map(({ share }) => share)).toEqual([-0.75, expect.closeTo(0.1)]);
  });

  it("tell choices that differ, and what one alone has", () => {
    expect(found.choices).toEqual([{ name: "hair_style", label: "hair_style", first: "bald", second: "long" }]);
    expect([found.onlyFirst, found.onlySecond]).toEqual([2, 1]);
  });

  it("may share nothing", () => {
    const none = sharedDifference(first, { schema: { ...OTHER, sliders: [], choices: [] }, values: {} });
    expect([none.sliders, none.choices, none.onlyFirst]).toEqual([[], [], 4]);
  });
});
