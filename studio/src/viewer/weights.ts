/**
 * How values drive a mesh's morph targets, by their names:
 *
 * - `NAME` of a slider: what one engine unit moves; its weight is the engine's value less that of the average face, which
 *   the mesh shows at rest. For ARKit's units, whose range is [0, 1] and whose average is 0, that is the value itself.
 * - `NAME+` and `NAME-`: the whole way from the average to the upper and to the lower end; weights in [0, 1].
 *
 * Nodes named `NAME:OPTION` of a choice are seen where that option is chosen.
 */

import { number, toEngine, type Schema, type Slider, type Values } from "../model/schema";

export function morphWeight(slider: Slider, value: number, side: "" | "+" | "-"): number {
  const { average } = slider;
  if (side === "+") return average < 1 ? Math.max(0, (value - average) / (1 - average)) : 0;
  if (side === "-") return average > 0 ? Math.max(0, (average - value) / average) : 0;
  return toEngine(slider, value) - toEngine(slider, average);
}

/** The weight of each target of a mesh, in the order of its names. Names of no slider stay at 0. */
export function morphWeights(schema: Schema, values: Values, names: readonly string[]): number[] {
  const sliders = new Map(schema.sliders.map((slider) => [slider.name, slider]));
  return names.map((name) => {
    const end = name.slice(-1);
    const side = end === "+" || end === "-" ? end : "";
    const slider = sliders.get(side ? name.slice(0, -1) : name);
    return slider ? morphWeight(slider, number(values, slider.name), side) : 0;
  });
}

/** Whether a node is seen: those of no choice always are. */
export function seen(schema: Schema, values: Values, node: string): boolean {
  // three.js leaves ":" out of the names of nodes; both spellings are of one choice.
  return schema.choices.every(({ name, options }) =>
    options.every((option) => ![`${name}:${option}`, `${name}${option}`].includes(node) || values[name] === option),
  );
}
