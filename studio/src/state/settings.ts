/** How the page looks and speaks, kept in this browser. */

import { effect, signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";

const read = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

const write = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing: the choice holds for this visit.
  }
};

const kept = read("f2p.theme");
export const theme = signal<Theme>(kept === "light" || kept === "dark" ? kept : "auto");

export type Language = "en" | "zh";
const spoken = read("f2p.language") ?? navigator.language;
export const language = signal<Language>(spoken.toLowerCase().startsWith("zh") ? "zh" : "en");

/** Whether characters are shown in three dimensions, where they can be. */
export const solid = signal(read("f2p.solid") !== "off");

export function followSettings(): void {
  effect(() => write("f2p.solid", solid.value ? "on" : "off"));
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    write("f2p.theme", theme.value);
  });
  effect(() => {
    document.documentElement.lang = language.value === "zh" ? "zh-Hans" : "en";
    write("f2p.language", language.value);
  });
}
