/** Finding sliders by what people type. */

const plain = (text: string): string =>
  text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/[_\-.]/g, " ");

/** Whether every word of a query stands in one of the texts. An empty query finds everything. */
export function found(query: string, ...texts: string[]): boolean {
  const hay = plain(texts.join(" "));
  return plain(query).split(/\s+/).every((word) => hay.includes(word));
}
