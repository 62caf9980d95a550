/** Two characters of two schemas: how they differ in what both schemas have. */

import { number, option, toEngine, type Schema, type Slider, type Values } from "./schema";

export interface Whole {
  readonly schema: Schema;
  readonly values: Values;
}

export interface SharedSlider {
  readonly slider: Slider;
  /** In the engine's unit where both have the same, else in [0, 1]. */
  readonly first: number;
  readonly second: number;
  readonly unit: string;
  /** The difference as a share of the slider's range. */
  readonly share: number;
}

export interface SharedChoice {
  readonly name: string;
  readonly label: string;
  readonly first: string;
  readonly second: string;
}

export interface SharedDifference {
  /** All sliders of both schemas, the largest difference first; expressions are left out. */
  readonly sliders: readonly SharedSlider[];
  /** Choices of both that were made differently. */
  readonly choices: readonly SharedChoice[];
  /** Sliders that one alone has. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
}

const shapes = (schema: Schema): Slider[] => schema.sliders.filter(({ role }) => role !== "expression");

export function sharedDifference(first: Whole, second: Whole): SharedDifference {
  const theirs = new Map(shapes(second.schema).map((slider) => [slider.name, slider]));
  const ours = shapes(first.schema);
  const sliders = ours.flatMap((slider): SharedSlider[] => {
    const other = theirs.get(slider.name);
    if (!other) return [];
    const values = [number(first.values, slider.name), number(second.values, slider.name)] as const;
    if (other.unit !== slider.unit) {
      return [{ slider, first: values[0], second: values[1], unit: "", share: values[1] - values[0] }];
    }
    const [one, two] = [toEngine(slider, values[0]), toEngine(other, values[1])];
    return [{ slider, first: one, second: two, unit: slider.unit, share: (two - one) / (slider.high - slider.low) }];
  });
  const choices = first.schema.choices.flatMap(({ name, label }): SharedChoice[] => {
    if (!second.schema.choices.some((choice) => choice.name === name)) return [];
    const [one, two] = [option(first.values, name), option(second.values, name)];
    return one === two ? [] : [{ name, label, first: one, second: two }];
  });
  return {
    sliders: sliders.sort((one, two) => Math.abs(two.share) - Math.abs(one.share)),
    choices,
    onlyFirst: ours.length - sliders.length,
    onlySecond: theirs.size - sliders.length,
  };
}
