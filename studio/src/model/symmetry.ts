/** Which sliders are the two sides of one thing. */

const SIDES: readonly [string, string][] = [
  ["Left", "Right"],
  ["left", "right"],
  ["LEFT", "RIGHT"],
];
const SUFFIXES: readonly [string, string][] = [
  ["_l", "_r"],
  ["_L", "_R"],
  [".l", ".r"],
  [".L", ".R"],
  ["-l", "-r"],
];
/** ARKit's directions, not sides: moving a jaw to both sides at once moves nothing. */
const DIRECTIONS = new Set(["jawLeft", "jawRight", "mouthLeft", "mouthRight"]);

/** The name of the same thing on the other side, where the names have it. */
export function mirrored(name: string, names: ReadonlySet<string>): string | undefined {
  if (DIRECTIONS.has(name)) return undefined;
  for (const pair of SIDES) {
    for (const [from, to] of [pair, [pair[1], pair[0]] as const]) {
      const at = name.lastIndexOf(from);
      if (at < 0) continue;
      const other = name.slice(0, at) + to + name.slice(at + from.length);
      if (names.has(other)) return other;
    }
  }
  for (const pair of SUFFIXES) {
    for (const [from, to] of [pair, [pair[1], pair[0]] as const]) {
      if (!name.endsWith(from)) continue;
      const other = name.slice(0, -from.length) + to;
      if (names.has(other)) return other;
    }
  }
  return undefined;
}

/** An edit of one slider, and of the other side where both are to stay the same; locked sliders stay. */
export function edits(
  name: string,
  value: number | string,
  options: { names: ReadonlySet<string>; symmetric: boolean; locked: ReadonlySet<string> },
): Record<string, number | string> {
  const other = options.symmetric ? mirrored(name, options.names) : undefined;
  return other !== undefined && !options.locked.has(other) ? { [name]: value, [other]: value } : { [name]: value };
}
