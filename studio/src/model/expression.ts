/** Expressions as weights of ARKit's units, and what a schema has of them. */

import { clamp01, number, rounded, type Schema, type Slider, type Values } from "./schema";

export type Units = Readonly<Record<string, number>>;

const both = (name: string, weight: number): Units => ({ [`${name}Left`]: weight, [`${name}Right`]: weight });

/** Presets by the key of their name in the page's strings; weights at full strength. */
export const EXPRESSIONS: Readonly<Record<string, Units>> = {
  neutral: {},
  smile: { ...both("mouthSmile", 0.7), ...both("cheekSquint", 0.35) },
  laugh: {
    ...both("mouthSmile", 0.85), ...both("cheekSquint", 0.6), ...both("eyeSquint", 0.35), ...both("mouthUpperUp", 0.4),
    ...both("mouthLowerDown", 0.25), jawOpen: 0.3,
  },
  angry: {
    ...both("browDown", 0.9), ...both("eyeSquint", 0.45), ...both("noseSneer", 0.45), ...both("mouthFrown", 0.4),
    ...both("mouthPress", 0.4),
  },
  sad: { browInnerUp: 0.85, ...both("mouthFrown", 0.7), mouthShrugLower: 0.4, ...both("eyeSquint", 0.2) },
  surprised: { browInnerUp: 0.8, ...both("browOuterUp", 0.8), ...both("eyeWide", 0.8), jawOpen: 0.5, mouthFunnel: 0.2 },
  disgusted: {
    ...both("noseSneer", 0.85), ...both("mouthUpperUp", 0.55), ...both("browDown", 0.5), ...both("eyeSquint", 0.4),
    ...both("mouthFrown", 0.3),
  },
  afraid: {
    browInnerUp: 0.9, ...both("browOuterUp", 0.4), ...both("eyeWide", 0.9), ...both("mouthStretch", 0.6), jawOpen: 0.2,
  },
  kiss: { mouthPucker: 0.9, mouthFunnel: 0.2 },
  blink: both("eyeBlink", 1),
  wink: { eyeBlinkLeft: 1, mouthSmileLeft: 0.35, cheekSquintLeft: 0.4 },
};

/** The shares of an expression that its strip shows. */
export const STRIP: readonly number[] = [0, 0.33, 0.66, 1];

export const expressionSliders = (schema: Schema): Slider[] =>
  schema.sliders.filter((slider) => slider.role === "expression");

/** Presets of which the schema has at least one unit; neutral first. */
export function availableExpressions(schema: Schema): string[] {
  const names = new Set(expressionSliders(schema).map((slider) => slider.name));
  if (names.size === 0) return [];
  return Object.entries(EXPRESSIONS)
    .filter(([key, units]) => key === "neutral" || Object.keys(units).some((name) => names.has(name)))
    .map(([key]) => key);
}

/** The character wearing an expression: every expression slider is set, those that `units` leaves out to neutral. */
export function wearing(schema: Schema, values: Values, units: Units, share = 1): Values {
  const result = { ...values };
  for (const { name, average } of expressionSliders(schema)) {
    const weight = units[name];
    result[name] = weight === undefined ? average : rounded(clamp01(share * weight));
  }
  return result;
}

/** What a character wears: units that are not at rest. */
export function worn(schema: Schema, values: Values): Units {
  return Object.fromEntries(
    expressionSliders(schema)
      .filter(({ name, average }) => number(values, name) !== average)
      .map(({ name }) => [name, number(values, name)]),
  );
}
