/** Characters of before, in this browser's own database: values and a drawing of each, never a photo. */

import { signal } from "@preact/signals";

import type { CharacterDocument } from "../api/types";
import { currentDocument, edit, effective } from "./editor";
import { pictureOf } from "./drawings";
import { bundle } from "./session";

export interface Entry {
  readonly id: number;
  readonly time: number;
  readonly name: string;
  readonly bundle: string;
  readonly document: CharacterDocument;
  readonly picture: Blob | undefined;
}

const DATABASE = "f2p-studio";
const STORE = "characters";
const MOST = 200;

export const entries = signal<readonly Entry[]>([]);
/** Private windows of some browsers have no database: then there is no history, and no error. */
export const available = signal(true);

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no database"));
  });
}

async function transact<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opened = await database();
  try {
    return await new Promise<T>((resolve, reject) => {
      const request = work(opened.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error("the database failed"));
    });
  } finally {
    opened.close();
  }
}

export async function loadEntries(): Promise<void> {
  try {
    const found = (await transact("readonly", (store) => store.getAll())) as Entry[];
    entries.value = found.sort((first, second) => second.time - first.time);
  } catch {
    available.value = false;
  }
}

/** Keeps the character as it is now. */
export async function remember(name = ""): Promise<void> {
  const document = currentDocument(true);
  if (!edit.value || !document || !available.value) return;
  const picture = await pictureOf(effective.value);
  const entry = { time: Date.now(), name, bundle: bundle.value, document: withoutPhotoFacts(document), picture };
  try {
    await transact("readwrite", (store) => store.add(entry));
    await loadEntries();
    for (const { id } of entries.value.slice(MOST)) await transact("readwrite", (store) => store.delete(id));
  } catch {
    available.value = false;
  }
}

/** Where the face stood in the photo is a fact about the photo: history has no need of it. */
function withoutPhotoFacts(document: CharacterDocument): CharacterDocument {
  const { photos: _, ...rest } = document;
  return { ...rest, photo: null };
}

export async function rename(id: number, name: string): Promise<void> {
  const entry = entries.value.find((item) => item.id === id);
  if (!entry) return;
  await transact("readwrite", (store) => store.put({ ...entry, name }));
  await loadEntries();
}

export async function forget(id: number): Promise<void> {
  await transact("readwrite", (store) => store.delete(id));
  await loadEntries();
}

export async function forgetAll(): Promise<void> {
  await transact("readwrite", (store) => store.clear());
  await loadEntries();
}
