/** The calls of the HTTP service (/openapi.json describes them). */

import type { Schema, Values } from "../model/schema";
import { ApiError, isAbort, Unreachable } from "./errors";
import { serverEvents } from "./events";
import type { Answer, CharacterDocument, Comparison, PhotoCheck, Progress, ServerInfo, SharedCode } from "./types";
import { readAnswer, readCheck, readComparison, readInfo, readProgress, readSchema, readShared } from "./wire";

export interface SolveOptions {
  bundle?: string;
  preset?: string;
  seed?: number;
  include_pictures?: boolean;
  /** The face taking shape, in some of the progress events. */
  include_progress_pictures?: boolean;
  include_confidence?: boolean;
  candidate_count?: number;
  /** In [0, 1]: how far towards a pleasant face of the same sex and age. */
  flatter?: number;
  remove_glasses?: boolean;
  remove_beard?: boolean;
  choose_strength?: boolean;
  /** In [0, 2]: 1 is the likeness, more a caricature. */
  strength?: number;
  choose_face?: boolean;
  face_index?: number;
}

export interface ExportOptions {
  format?: string;
  texture_size_px?: number;
}

/** What a refit keeps. */
export interface Kept {
  character: CharacterDocument;
  /** Names of parameters and groups that stay as they are. */
  locked: string[];
  /** What the player changed; that stays too. */
  edits: Values;
}

export class Client {
  token = "";

  /** `base` is the folder that the page lies in: the service may stand below any path of a proxy. */
  constructor(private readonly base: URL) {}

  url(path: string): string {
    return new URL(path, this.base).href;
  }

  async info(): Promise<ServerInfo> {
    return readInfo(await this.json("v1/bundles"));
  }

  async schema(bundle: string): Promise<Schema> {
    return readSchema(await this.json(`v1/schema?bundle=${encodeURIComponent(bundle)}`));
  }

  async check(photo: Blob, bundle: string, face: number | undefined, signal: AbortSignal): Promise<PhotoCheck> {
    const options = { bundle, ...chosen(face) };
    return readCheck(await this.json("v1/check", { method: "POST", body: form([photo], options), signal }));
  }

  create(photos: readonly Blob[], options: SolveOptions, onProgress: (progress: Progress) => void, signal: AbortSignal) {
    return this.solve("v1/characters", form(photos, options), onProgress, signal);
  }

  refit(
    kept: Kept,
    photos: readonly Blob[],
    options: SolveOptions,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ) {
    const body = form(photos, options);
    for (const [name, value] of Object.entries(kept)) body.set(name, JSON.stringify(value));
    return this.solve("v1/refit", body, onProgress, signal);
  }

  /** A drawing of values, as PNG. */
  async preview(bundle: string, values: Values, view: string, signal: AbortSignal): Promise<Blob> {
    const response = await this.call("v1/preview", post({ bundle, values, view }, signal));
    return response.blob();
  }

  async compare(bundle: string, first: Values, second: Values): Promise<Comparison> {
    return readComparison(await this.json("v1/compare", post({ bundle, first, second })));
  }

  async share(bundle: string, values: Values): Promise<SharedCode> {
    return readShared(await this.json("v1/share", post({ bundle, values })));
  }

  /** The character of a share code. */
  async receive(code: string, bundle: string): Promise<CharacterDocument> {
    const query = new URLSearchParams({ code, bundle });
    return readAnswer(await this.json(`v1/share?${query.toString()}`)).document;
  }

  /** A character of other sliders, carried over to a bundle's. */
  async migrate(character: CharacterDocument, bundle: string): Promise<CharacterDocument> {
    const answer = (await this.json("v1/migrate", post({ character, bundle }))) as { character: unknown };
    return readAnswer(answer.character).document;
  }

  /** The bundle's average head as .glb, whose morph targets are its sliders. */
  async mesh(bundle: string, signal: AbortSignal): Promise<ArrayBuffer> {
    // It has a tag: what the browser has already it need not fetch again.
    return (await this.call(`v1/mesh?bundle=${encodeURIComponent(bundle)}`, { signal, cache: "no-cache" })).arrayBuffer();
  }

  /** A file of values; the server's defaults where no format or size is given. */
  async export(bundle: string, values: Values, options: ExportOptions, signal: AbortSignal): Promise<Blob> {
    return (await this.call("v1/export", post({ bundle, values, ...options }, signal))).blob();
  }

  private async solve(
    path: string,
    body: FormData,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<Answer> {
    const response = await this.call(path, { method: "POST", body, headers: { accept: "text/event-stream" }, signal });
    if (!response.body) throw new Unreachable();
    try {
      for await (const { event, data } of serverEvents(response.body)) {
        const value: unknown = JSON.parse(data);
        if (event === "progress") onProgress(readProgress(value));
        else if (event === "result") return readAnswer(value);
        else if (event === "error") throw problem(value, 400);
      }
    } catch (error) {
      // A body that breaks off is a server that went away.
      throw error instanceof TypeError && !signal.aborted ? new Unreachable() : error;
    }
    throw new Unreachable();
  }

  private async json(path: string, init?: RequestInit): Promise<unknown> {
    return (await this.call(path, init)).json();
  }

  private async call(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token) headers.set("authorization", `Bearer ${this.token}`);
    let response: Response;
    try {
      response = await fetch(this.url(path), { cache: "no-store", ...init, headers, credentials: "omit" });
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new Unreachable();
    }
    if (response.ok) return response;
    if ((response.headers.get("content-type") ?? "").includes("json")) {
      throw problem(await response.json().catch(() => ({})), response.status);
    }
    // A gateway's own page: the service behind it is not there.
    if (response.status >= 502 && response.status <= 504) throw new Unreachable();
    throw new ApiError(`HTTP_${response.status}`, `${response.status} ${response.statusText}`, "", response.status);
  }
}

function problem(value: unknown, status: number): ApiError {
  const { code, message, remedy, status: told } = value as Record<string, unknown>;
  return new ApiError(
    String(code ?? `HTTP_${status}`),
    String(message ?? ""),
    String(remedy ?? ""),
    typeof told === "number" ? told : status,
  );
}

const chosen = (face: number | undefined) => (face === undefined ? {} : { choose_face: true, face_index: face });

function post(content: unknown, signal?: AbortSignal): RequestInit {
  return {
    method: "POST",
    body: JSON.stringify(content),
    headers: { "content-type": "application/json" },
    ...(signal ? { signal } : {}),
  };
}

function form(photos: readonly Blob[], options: SolveOptions): FormData {
  const body = new FormData();
  for (const [index, photo] of photos.entries()) body.append("photo", photo, `photo${index}`);
  body.append("options", JSON.stringify(options));
  return body;
}
