import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { takeEvents } from "../../src/api/events";
import { isDocument, readAnswer, readCheck, readInfo, readProgress, readSchema } from "../../src/api/wire";
import { frameTransform, squareAbout } from "../../src/model/frame";
import { codeOf, linkOf } from "../../src/model/link";
import { LANGUAGES, snippet, type Facts } from "../../src/model/snippets";
import { averageLook, lookOf } from "../../src/model/look";
import { drivesByName, drivesOf, morphWeights, seen, weightAt } from "../../src/viewer/weights";
import { averageValues } from "../../src/model/schema";
import { SCHEMA } from "./schema";

interface Strings {
  words: Record<string, string>;
  names: { groups: object; parameters: object; options: object };
  problems: Record<string, { message: string; remedy: string }>;
}
const strings = (language: string): Strings =>
  JSON.parse(readFileSync(new URL(`../../src/i18n/${language}.json`, import.meta.url), "utf8")) as Strings;

describe("the two languages", () => {
  const [en, zh] = [strings("en"), strings("zh")];

  it("have the same keys, none empty", () => {
    expect(Object.keys(zh.words).sort()).toEqual(Object.keys(en.words).sort());
    for (const text of [...Object.values(en.words), ...Object.values(zh.words)]) expect(text.trim()).not.toBe("");
  });

  it("fill in the same places", () => {
    const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [key, text] of Object.entries(en.words)) expect([key, places(zh.words[key] ?? "")]).toEqual([key, places(text)]);
  });

  it("say something of each error that docs/errors.md lists for photos", () => {
    const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
    const codes = [...page.matchAll(/^\| `((?:FACE|NO_FACE|SEVERAL|OTHER|PHOTO|NO_USABLE|TOO_MANY)\w*)` /gm)].map(([, code]) => code ?? "");
    expect(codes.length).toBeGreaterThan(15);
    const internal = ["PHOTO_ERROR", "PHOTO_MISSING"];
    expect(codes.filter((code) => !internal.includes(code) && !zh.problems[code])).toEqual([]);
  });
});

describe("share codes", () => {
  const CODE = "AEFW2YLLMVUHK3LBNYWGK5TFNZ2A";

  it("are found in links, in their part after #, and alone with line breaks", () => {
    expect(codeOf(linkOf("https://studio.example/f2p/?x=1#c=OLD", CODE))).toBe(CODE);
    expect(codeOf(`#c=${CODE.toLowerCase()}`)).toBe(CODE);
    expect(codeOf(`${CODE.slice(0, 9)}\n ${CODE.slice(9)}`)).toBe(CODE);
  });

  it("are not found in anything else", () => {
    for (const text of ["", "#", "hello", "https://studio.example/", `${CODE}!`, "#c=18"]) expect(codeOf(text)).toBe("");
  });

  it("stand after #, which no server sees", () => {
    expect(linkOf("https://studio.example/f2p/", CODE)).toBe(`https://studio.example/f2p/#c=${CODE}`);
  });
});

describe("server-sent events", () => {
  it("are read whole, whatever pieces they come in", () => {
    const text = 'event: progress\ndata: {"step": 1}\n\n: still here\n\nevent: result\r\ndata: a\r\ndata: b\r\n\r\nevent: res';
    const { events, rest } = takeEvents(text);
    expect(events).toEqual([{ event: "progress", data: '{"step": 1}' }, { event: "result", data: "a\nb" }]);
    expect(rest).toBe("event: res");
  });
});

describe("the wire", () => {
  const document = {
    format: 1, schema: { name: "toy", version: "1", hash: "0" }, bundle: { name: "toy", version: "1" }, preset: "default",
    seed: 0, warnings: [], losses: {}, parameters: [{ name: "nose_width", value: 0.4 }, { name: "hair_style", option: "bald" }],
  };

  it("gives a character with its pictures and candidates apart", () => {
    const other = [{ name: "nose_width", value: 0.4 }, { name: "hair_style", option: "long" }];
    const found = readAnswer({ ...document, pictures: { aligned: "data:image/png;base64,AAAA" }, candidates: [{ parameters: other, cost: 0.1 }, {}] });
    expect(found.aligned).toBe("data:image/png;base64,AAAA");
    expect(found.candidates).toEqual([document, { ...document, parameters: other }]);
    expect(found.document).toEqual(document);
  });

  it("refuses what is no character", () => {
    expect(isDocument(document)).toBe(true);
    for (const other of [null, [], {}, { ...document, parameters: [] }, { ...document, schema: 3 }]) expect(isDocument(other)).toBe(false);
    expect(() => readAnswer({ ok: true })).toThrow(TypeError);
  });

  it("reads roles of the protocol and of the schema's file", () => {
    const parameter = { name: "a", label: "A", group: "g", average: 0.2, low: 0, high: 1 };
    const schema = readSchema({
      name: "toy", hash: "x",
      continuous: [{ ...parameter, role: "PARAMETER_ROLE_EXPRESSION" }, { ...parameter, role: "appearance" }],
      discrete: [{ ...parameter, options: ["x", "y"], default_option: "y" }],
    });
    expect(schema.sliders.map(({ role }) => role)).toEqual(["expression", "appearance"]);
    expect(schema.choices[0]?.default).toBe("y");
  });

  it("makes do with answers that lack fields", () => {
    expect(readInfo({}).maxPhotos).toBe(1);
    expect(readCheck({ usable: true })).toEqual({ usable: true, issues: [], hints: [], faces: [], quality: undefined });
    expect(readProgress({ stage: "waiting", queue_position: 2 })).toMatchObject({ stage: "waiting", queue: 2, loss: undefined });
  });
});

describe("programs", () => {
  const facts: Facts = {
    base: "https://studio.example/f2p/", bundle: "makehuman", preset: "default", seed: 7,
    slider: { name: "nose_width", engineValue: 0.162406, unit: "weight" }, token: false,
  };

  it.each(LANGUAGES)("in %s call this very server with the true values", (language) => {
    const text = snippet(language, facts);
    expect(text).toContain("https://studio.example/f2p/v1/characters?bundle=makehuman&preset=default&seed=7");
    if (language !== "curl") {
      expect(text).toContain("nose_width");
      expect(text).toContain("0.162406");
    }
    expect(text).not.toMatch(/Bearer/);
  });

  it.each(LANGUAGES)("in %s name the token where the server asks for one", (language) => {
    expect(snippet(language, { ...facts, token: true })).toMatch(/Bearer (TOKEN|\$F2P_TOKEN)/);
  });
});

describe("frames", () => {
  it("lay a turned frame upright into the square", () => {
    const frame = [[100, 50], [180, 110], [120, 190], [40, 130]] as const;
    const transform = frameTransform(frame, 400, 800, 720);
    const [a, b, c, d, e, f] = transform ?? [0, 0, 0, 0, 0, 0];
    const laid = ([x, y]: readonly [number, number]): number[] => [a * 2 * x + c * 2 * y + e, b * 2 * x + d * 2 * y + f];
    const want = [[0, 0], [720, 0], [720, 720], [0, 720]];
    for (const [at, corner] of frame.entries()) {
      expect(laid(corner)[0]).toBeCloseTo(want[at]?.[0] ?? -1);
      expect(laid(corner)[1]).toBeCloseTo(want[at]?.[1] ?? -1);
    }
    expect(frameTransform([[0, 0], [0, 0], [0, 0], [0, 0]], 10, 10, 10)).toBeUndefined();
  });

  it("cut a square about a face that stays within the photo", () => {
    const photo = { width: 400, height: 300 };
    expect(squareAbout({ left: 0.4, top: 0.4, width: 0.2, height: 0.2 }, photo, 2)).toEqual({ x: 120, y: 70, side: 160 });
    const corner = squareAbout({ left: 0, top: 0, width: 0.9, height: 0.9 }, photo, 3);
    expect(corner).toEqual({ x: 30, y: 0, side: 300 });
  });
});

describe("morph targets", () => {
  const values = { ...averageValues(SCHEMA), nose_width: 0.75, chin_width: 0.25, jawOpen: 0.4, hair_style: "long" };

  it("follow their names", () => {
    const drives = drivesByName(SCHEMA, ["nose_width", "chin_width+", "chin_width-", "jawOpen", "tail"]);
    expect(morphWeights(values, drives)).toEqual({ nose_width: 0.5, "chin_width+": 0, "chin_width-": 0.5, jawOpen: 0.4 });
  });

  it("follow what the file says", () => {
    const drives = drivesOf({
      f2p: {
        sliders: [
          { name: "nose_width", target: "wide", points: [[0, -1], [0.5, 0], [1, 2]] },
          { name: "nose_width", target: "thick", points: [[0, 0.5], [1, 0.5]] },
          { name: "chin_width", target: "thick", points: [[0.5, 0], [1, 1]] },
          { name: "of_another_schema", target: "tail", points: [[0, 1], [1, 1]] },
          { name: "chin_width", target: "none", points: [] },
        ],
        expressions: ["jawOpen"],
      },
    });
    expect(morphWeights(values, drives ?? [])).toEqual({ wide: 1, thick: 0.5, jawOpen: 0.4 });
    expect(drivesOf({})).toBeUndefined();
    expect(drivesOf({ f2p: { sliders: {} } })).toBeUndefined();
  });

  it("are straight between points, and stay beyond them", () => {
    const points = [[0.2, -1], [0.4, 0], [0.8, 2]] as const;
    expect([0, 0.2, 0.3, 0.4, 0.6, 0.8, 1].map((at) => weightAt(points, at))).toEqual([-1, -1, expect.closeTo(-0.5), 0, expect.closeTo(1), 2, 2]);
    expect(weightAt([], 0.5)).toBe(0);
  });

  it("do not follow the look", () => {
    expect(lookOf(SCHEMA, { ...values, nose_width: 0.1, jawOpen: 1 })).toBe(lookOf(SCHEMA, values));
    expect(lookOf(SCHEMA, { ...values, skin_tone: 0.9 })).not.toBe(lookOf(SCHEMA, values));
    expect(lookOf(SCHEMA, { ...values, glasses: "round" })).not.toBe(lookOf(SCHEMA, values));
    expect(averageLook(SCHEMA)).toBe(lookOf(SCHEMA, { ...values, hair_style: "bald" }));
  });

  it("show the chosen option's node alone", () => {
    expect(seen(SCHEMA, values, "hair_style:long")).toBe(true);
    expect(seen(SCHEMA, values, "hair_stylelong")).toBe(true);
    expect(seen(SCHEMA, values, "hair_style:short")).toBe(false);
    expect(seen(SCHEMA, values, "head")).toBe(true);
  });
});
