/** Whole-character operations: exaggerate or dial back, randomise, vary, reset. Locked parameters always stay. */

import { clamp01, number, rounded, type Choice, type Schema, type Values } from "./schema";

type Names = ReadonlySet<string>;
/** Numbers in [0, 1), as Math.random gives them. */
export type Chance = () => number;

/**
 * Identity sliders moved along the line from the average face (strength 0) through the character (1) and beyond.
 * Colours and choices stay: a stronger likeness is not a darker skin.
 */
export function withStrength(schema: Schema, values: Values, strength: number, locked: Names): Values {
  if (strength === 1) return values;
  const result = { ...values };
  for (const slider of schema.sliders) {
    if (slider.role !== "identity" || locked.has(slider.name)) continue;
    const value = slider.average + strength * (number(values, slider.name) - slider.average);
    result[slider.name] = rounded(clamp01(value));
  }
  return result;
}

/** A standard normal number (Box and Muller, 1958). */
function normal(chance: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
}

function drawn(choice: Choice, chance: Chance): string {
  let left = chance();
  for (const [index, weight] of choice.weights.entries()) {
    left -= weight;
    if (left < 0) return choice.options[index] ?? choice.default;
  }
  return choice.default;
}

/** New values as the schema's own samples have them, for all parameters or for those that `only` names. */
export function randomised(schema: Schema, values: Values, locked: Names, chance: Chance, only?: Names): Values {
  const result = { ...values };
  const free = (name: string): boolean => !locked.has(name) && (only === undefined || only.has(name));
  for (const slider of schema.sliders) {
    if (slider.role === "expression" || slider.spread === 0 || !free(slider.name)) continue;
    result[slider.name] = rounded(clamp01(slider.average + slider.spread * normal(chance)));
  }
  for (const choice of schema.choices) if (free(choice.name)) result[choice.name] = drawn(choice, chance);
  return result;
}

/** The character with every free identity and appearance slider moved a little: `amount` of its spread. */
export function varied(schema: Schema, values: Values, locked: Names, chance: Chance, amount: number): Values {
  const result = { ...values };
  for (const slider of schema.sliders) {
    if (slider.role === "expression" || slider.spread === 0 || locked.has(slider.name)) continue;
    // Colours move half as far: relatives of a face, not strangers.
    const reach = slider.role === "appearance" ? amount / 2 : amount;
    result[slider.name] = rounded(clamp01(number(values, slider.name) + reach * slider.spread * normal(chance)));
  }
  return result;
}

/** Values with those of `names` put back to what `original` has. */
export function restored(values: Values, original: Values, names: Iterable<string>, locked: Names): Values {
  const result = { ...values };
  for (const name of names) {
    const value = original[name];
    if (value !== undefined && !locked.has(name)) result[name] = value;
  }
  return result;
}

/** Between two characters: sliders by share, choices of whichever is nearer. */
export function blended(schema: Schema, first: Values, second: Values, share: number): Values {
  const result = { ...first };
  for (const { name } of schema.sliders) {
    result[name] = rounded(number(first, name) + share * (number(second, name) - number(first, name)));
  }
  for (const { name } of schema.choices) result[name] = (share < 0.5 ? first[name] : second[name]) ?? "";
  return result;
}
