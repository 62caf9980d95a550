import type { Choice, Schema, Slider } from "../../src/model/schema";

export const slider = (name: string, fields: Partial<Slider> = {}): Slider => ({
  kind: "slider", name, label: name, group: "nose", role: "identity", average: 0.5, low: -1, high: 1, unit: "weight",
  spread: 0.15, frontal: true, ...fields,
});

export const choice = (name: string, options: string[], fields: Partial<Choice> = {}): Choice => ({
  kind: "choice", name, label: name, group: "hair", role: "appearance", options, default: options[0] ?? "",
  weights: options.map(() => 1 / options.length), frontal: true, ...fields,
});

const expression = { role: "expression", group: "expression", average: 0, low: 0, high: 1, spread: 0 } as const;

export const SCHEMA: Schema = {
  name: "toy", version: "1", hash: "0".repeat(64), identity: "1".repeat(64),
  sliders: [
    slider("nose_width"),
    slider("chin_width", { group: "chin" }),
    slider("skin_tone", { group: "skin", role: "appearance", average: 0.3, low: 0, unit: "share" }),
    slider("never_sampled", { spread: 0 }),
    slider("mouthSmileLeft", expression),
    slider("mouthSmileRight", expression),
    slider("jawOpen", expression),
  ],
  choices: [choice("hair_style", ["bald", "short", "long"]), choice("glasses", ["none", "round"])],
};
