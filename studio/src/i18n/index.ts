/** The page's words. Every key stands in both files; a test compares them. */

import { language } from "../state/settings";
import en from "./en.json";
import zh from "./zh.json";

export type Key = keyof typeof en.words;
type Fill = Readonly<Record<string, string | number>>;

interface Names {
  groups: Record<string, string>;
  parameters: Record<string, string>;
  options: Record<string, string>;
}
interface Problems {
  [code: string]: { message: string; remedy: string };
}

const FILES = { en, zh } as const;

/** The text of a key, with `{name}` filled in. Reads the language's signal: components that call it follow it. */
export function t(key: Key, fill: Fill = {}): string {
  const text: string = FILES[language.value].words[key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(fill[name] ?? whole));
}

/** "eyeBlinkLeft", "make-up", "side_part" -> words, as far as a name tells. */
export function spelled(name: string): string {
  const words = name.replace(/[_\-.]+/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const names = (): Names => FILES[language.value].names;

export const groupName = (group: string): string => names().groups[group] ?? spelled(group);
/** One name may be two things: a short beard is no short hair. */
export function optionName(choice: string, option: string): string {
  const known = names().options;
  return known[`${choice}.${option}`] ?? known[option] ?? spelled(option);
}

/** A parameter's label: the page's own where it has one in this language, else the schema's. */
export function parameterName(parameter: { name: string; label: string }): string {
  const own = names().parameters[parameter.name];
  if (own !== undefined) return own;
  return parameter.label === parameter.name ? spelled(parameter.name) : parameter.label;
}

/** A server's error or hint in the reader's language; where that has no words for it, the server's own. */
export function problem(found: { code: string; message: string; remedy: string }): { message: string; remedy: string } {
  const problems: Problems = FILES[language.value].problems;
  const known = problems[found.code];
  const message = known?.message ?? found.message;
  return { message: message || found.code, remedy: known?.remedy ?? found.remedy };
}
