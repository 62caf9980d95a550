/** What of a character a mesh's targets do not move: colours, hair, what is worn. */

import { averageValues, type Schema, type Values } from "./schema";

/** The look as a key: two characters of one look can wear the same mesh. */
export function lookOf(schema: Schema, values: Values): string {
  const names = [
    ...schema.sliders.filter(({ role }) => role === "appearance").map(({ name }) => name),
    ...schema.choices.map(({ name }) => name),
  ];
  return JSON.stringify(names.map((name) => values[name]));
}

export const averageLook = (schema: Schema): string => lookOf(schema, averageValues(schema));
