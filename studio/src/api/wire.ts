/** The server's JSON read into the page's types. Unknown fields are left alone, missing ones get plain defaults. */

import type { Choice, Role, Schema, Slider } from "../model/schema";
import type { Answer, CharacterDocument, Comparison, FaceBox, Finding, PhotoCheck, Progress, ServerInfo, SharedCode } from "./types";

type Json = Record<string, unknown>;

const object = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown, otherwise = ""): string => (typeof value === "string" ? value : otherwise);
const num = (value: unknown, otherwise = 0): number => (typeof value === "number" ? value : otherwise);
const texts = (value: unknown): string[] => list(value).filter((item): item is string => typeof item === "string");

export function readInfo(value: unknown): ServerInfo {
  const info = object(value);
  return {
    version: text(info.server_version),
    bundles: list(info.bundles).map((item) => {
      const bundle = object(item);
      return {
        name: text(bundle.name),
        version: text(bundle.version),
        engine: text(bundle.engine_name),
        engineAvailable: bundle.engine_available === true,
        exportFormats: texts(bundle.export_formats),
      };
    }),
    presets: texts(info.presets),
    defaultPreset: text(info.default_preset, "default"),
    maxPhotos: Math.max(1, num(info.max_photo_count, 1)),
    maxPhotoBytes: num(info.max_photo_size_bytes, 16 * 2 ** 20),
    views: texts(info.views).length > 0 ? texts(info.views) : ["front"],
  };
}

const role = (value: unknown): Role => {
  const name = text(value).toLowerCase();
  return name.endsWith("expression") ? "expression" : name.endsWith("appearance") ? "appearance" : "identity";
};

export function readSchema(value: unknown): Schema {
  const schema = object(value);
  const common = (item: Json) => ({
    name: text(item.name),
    label: text(item.label, text(item.name)),
    group: text(item.group),
    role: role(item.role),
    frontal: item.frontal !== false,
  });
  return {
    name: text(schema.name),
    version: text(schema.version),
    hash: text(schema.hash),
    identity: text(schema.identity),
    sliders: list(schema.continuous).map((entry): Slider => {
      const item = object(entry);
      return {
        kind: "slider",
        ...common(item),
        average: num(item.average),
        low: num(item.low),
        high: num(item.high, 1),
        unit: text(item.unit),
        spread: num(item.spread),
      };
    }),
    choices: list(schema.discrete).map((entry): Choice => {
      const item = object(entry);
      const options = texts(item.options);
      return {
        kind: "choice",
        ...common(item),
        options,
        default: text(item.default_option ?? item.default, options[0] ?? ""),
        weights: list(item.weights).map((weight) => num(weight)),
      };
    }),
  };
}

const finding = (value: unknown): Finding => {
  const item = object(value);
  return { code: text(item.code ?? item.reason), message: text(item.message), remedy: text(item.remedy) };
};

export function readCheck(value: unknown): PhotoCheck {
  const check = object(value);
  const quality = object(check.quality);
  const width = num(quality.face_width_px);
  return {
    usable: check.usable === true,
    issues: list(check.issues).map(finding),
    hints: list(check.hints).map(finding),
    faces: list(check.faces).map((item): FaceBox => {
      const face = object(item);
      return { left: num(face.left), top: num(face.top), width: num(face.width), height: num(face.height) };
    }),
    quality: width > 0 ? { faceWidth: width, blur: num(quality.blur), brightness: num(quality.brightness) } : undefined,
  };
}

const picture = (value: unknown): string | undefined => {
  const data = text(value);
  if (data === "") return undefined;
  return data.startsWith("data:") ? data : `data:image/${data.startsWith("/9j/") ? "jpeg" : "png"};base64,${data}`;
};

export function readProgress(value: unknown): Progress {
  const progress = object(value);
  return {
    stage: text(progress.stage).toLowerCase(),
    queue: num(progress.queue_position),
    step: num(progress.step),
    steps: num(progress.steps),
    loss: typeof progress.loss === "number" ? progress.loss : undefined,
    preview: picture(progress.preview),
  };
}

/** Whether a value has what the page needs of a character.json. */
export function isDocument(value: unknown): value is CharacterDocument {
  const document = object(value);
  return (
    text(object(document.schema).name) !== "" &&
    list(document.parameters).length > 0 &&
    list(document.parameters).every((item) => text(object(item).name) !== "")
  );
}

/** Normalised values and options of a character.json by name. */
export function documentValues(document: CharacterDocument): Record<string, number | string> {
  return Object.fromEntries(
    document.parameters.map((item): [string, number | string] => [item.name, "option" in item ? item.option : item.value]),
  );
}

export function readAnswer(value: unknown): Answer {
  const { pictures, candidates, ...rest } = object(value);
  const seconds = rest.solve_seconds ?? rest.seconds;
  if (!isDocument(rest)) throw new TypeError("The answer is no character.");
  const { aligned, aligned_png, render, render_png } = object(pictures);
  const others = list(candidates)
    .map((candidate) => ({ ...rest, parameters: object(candidate).parameters }))
    .filter(isDocument);
  return {
    document: rest,
    candidates: others.length > 0 ? [rest, ...others] : [],
    aligned: picture(aligned ?? aligned_png),
    render: picture(render ?? render_png),
    seconds: typeof seconds === "number" ? seconds : undefined,
  };
}

export function readShared(value: unknown): SharedCode {
  const { code, qr } = object(value);
  return { code: text(code), qr: text(qr).startsWith("data:image/") ? text(qr) : undefined };
}

export function readComparison(value: unknown): Comparison {
  const found = object(value);
  return {
    mean: num(found.mean),
    largest: num(found.largest),
    choicesDifferent: num(found.different_choices_count ?? found.choices_different),
    groups: list(found.groups).map((entry) => {
      const group = object(entry);
      return {
        name: text(group.name),
        mean: num(group.mean),
        largest: num(group.largest),
        sliders: list(group.sliders).map((item) => {
          const slider = object(item);
          return {
            name: text(slider.name),
            first: num(slider.first),
            second: num(slider.second),
            difference: num(slider.difference),
          };
        }),
        choices: list(group.choices).map((item) => {
          const choice = object(item);
          return {
            name: text(choice.name),
            first: text(choice.first),
            second: text(choice.second),
            same: choice.same === true,
          };
        }),
      };
    }),
  };
}
