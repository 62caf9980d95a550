/** A share code within a link, and out of what people paste: the code, a link, or either with line breaks. */

const PREFIX = "#c=";

export const linkOf = (page: string, code: string): string => page.replace(/#.*$/s, "") + PREFIX + code;

/** The code of a link, of its part after #, or of the code itself; "" where there is none. */
export function codeOf(text: string): string {
  const bare = text.replace(/\s+/g, "");
  const at = bare.indexOf(PREFIX);
  const code = (at < 0 ? bare : bare.slice(at + PREFIX.length)).toUpperCase();
  return /^[A-Z2-7]{16,}$/.test(code) ? code : "";
}
