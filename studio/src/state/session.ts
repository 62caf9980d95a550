/** The server that the page talks to: what it is, whether it is there, and its schema. */

import { computed, signal } from "@preact/signals";

import { Client } from "../api/client";
import { ApiError, isAbort, Unreachable } from "../api/errors";
import type { ServerInfo } from "../api/types";
import type { Schema } from "../model/schema";

export const client = new Client(new URL(".", document.baseURI));

export const info = signal<ServerInfo | undefined>(undefined);
export const schema = signal<Schema | undefined>(undefined);
export const bundle = signal("");
export const bundleInfo = computed(() => info.value?.bundles.find(({ name }) => name === bundle.value));
/** Up to the first answer nothing is known. */
export const connection = signal<"unknown" | "up" | "down">("unknown");
/** Whether a server that takes no work yet says so itself: it starts. */
export const starting = signal(false);
export const tokenWanted = signal(false);
/** Whether the token that was given is not the server's. */
export const tokenRefused = signal(false);
/** Counts how often the server has come back: what depends on it draws itself anew. */
export const returns = signal(0);

const TOKEN = "f2p.token";
let retry: ReturnType<typeof setTimeout> | undefined;

/** Asks the server what it is, until it answers. */
export async function connect(attempt = 0): Promise<void> {
  clearTimeout(retry);
  client.token = sessionStorage.getItem(TOKEN) ?? "";
  try {
    const found = await client.info();
    const known = found.bundles.some(({ name }) => name === bundle.value);
    const name = known ? bundle.value : (found.bundles[0]?.name ?? "");
    const sliders = await client.schema(name);
    const wasDown = connection.value === "down";
    info.value = found;
    bundle.value = name;
    if (sliders.hash !== schema.value?.hash) schema.value = sliders;
    tokenWanted.value = false;
    connection.value = "up";
    if (wasDown) returns.value += 1;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      tokenRefused.value = client.token !== "";
      tokenWanted.value = true;
      return;
    }
    starting.value = error instanceof ApiError;
    connection.value = "down";
    retry = setTimeout(() => void connect(attempt + 1), Math.min(4000, 1000 * 2 ** attempt));
  }
}

export function giveToken(token: string): void {
  // For this tab only: a token is a password.
  sessionStorage.setItem(TOKEN, token.trim());
  void connect();
}

export async function openBundle(name: string): Promise<void> {
  const sliders = await watched(() => client.schema(name));
  bundle.value = name;
  schema.value = sliders;
}

/** Runs a call, and notices a server that has gone. */
export async function watched<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const away = error instanceof Unreachable || (error instanceof ApiError && error.code === "SERVICE_UNAVAILABLE");
    if (away && connection.value !== "down") {
      starting.value = false;
      connection.value = "down";
      void connect();
    } else if (error instanceof ApiError && error.status === 401) {
      tokenWanted.value = true;
    } else if (!isAbort(error) && !(error instanceof ApiError) && !(error instanceof Unreachable)) {
      console.error(error);
    }
    throw error;
  }
}
