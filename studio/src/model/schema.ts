/** What an engine's sliders and choices are, as GET v1/schema tells, in the page's own words. */

export type Role = "identity" | "appearance" | "expression";

interface Common {
  name: string;
  /** For people, in English. */
  label: string;
  group: string;
  role: Role;
  /** Whether a frontal view shows it. */
  frontal: boolean;
}

export interface Slider extends Common {
  kind: "slider";
  /** The average face's value, in [0, 1]. */
  average: number;
  /** The engine's range: 0 is low, 1 is high. */
  low: number;
  high: number;
  unit: string;
  /** How much samples scatter about the average; 0: never sampled. */
  spread: number;
}

export interface Choice extends Common {
  kind: "choice";
  options: string[];
  default: string;
  weights: number[];
}

export type Parameter = Slider | Choice;

export interface Schema {
  name: string;
  version: string;
  hash: string;
  identity: string;
  sliders: Slider[];
  choices: Choice[];
}

/** A value for every parameter by name: in [0, 1] for a slider, an option's name for a choice. */
export type Values = Readonly<Record<string, number | string>>;

export const parameters = (schema: Schema): Parameter[] => [...schema.sliders, ...schema.choices];

/** The groups in order of first appearance, each with its sliders. */
export function sliderGroups(schema: Schema, roles: readonly Role[]): Map<string, Slider[]> {
  const groups = new Map<string, Slider[]>();
  for (const slider of schema.sliders) {
    if (!roles.includes(slider.role)) continue;
    const group = groups.get(slider.group);
    if (group) group.push(slider);
    else groups.set(slider.group, [slider]);
  }
  return groups;
}

export const toEngine = (slider: Slider, value: number): number => slider.low + value * (slider.high - slider.low);
export const fromEngine = (slider: Slider, value: number): number =>
  clamp01((value - slider.low) / (slider.high - slider.low));

export const clamp01 = (value: number): number => Math.min(1, Math.max(0, value));

/** Six decimals: what characters keep, and what float32 on the wire carries. */
export const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

export function averageValues(schema: Schema): Values {
  return Object.fromEntries<number | string>([
    ...schema.sliders.map((slider): [string, number] => [slider.name, slider.average]),
    ...schema.choices.map((choice): [string, string] => [choice.name, choice.default]),
  ]);
}

/** Values of a file or a server, held to the schema: what it does not know is left out, what is missing is average. */
export function completed(schema: Schema, values: Readonly<Record<string, unknown>>): Values {
  const result: Record<string, number | string> = { ...averageValues(schema) };
  for (const slider of schema.sliders) {
    const value = values[slider.name];
    if (typeof value === "number" && Number.isFinite(value)) result[slider.name] = rounded(clamp01(value));
  }
  for (const choice of schema.choices) {
    const value = values[choice.name];
    if (typeof value === "string" && choice.options.includes(value)) result[choice.name] = value;
  }
  return result;
}

export const number = (values: Values, name: string): number => Number(values[name] ?? 0);
export const option = (values: Values, name: string): string => String(values[name] ?? "");

/** Names whose values differ. */
export function differing(first: Values, second: Values): string[] {
  return Object.keys(first).filter((name) => first[name] !== second[name]);
}
