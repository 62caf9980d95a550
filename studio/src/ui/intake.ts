/** Files out of drops and the clipboard. */

const PICTURE = /\.(jpe?g|png|webp|hei[cf]|avif|gif|bmp|tiff?)$/i;

/** The pictures among what was dropped or pasted; HEIC files have no type in some browsers, so names count too. */
export function imagesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])].filter((file) => file.type.startsWith("image/") || PICTURE.test(file.name));
}

export const documentOf = (data: DataTransfer | null): File | undefined =>
  [...(data?.files ?? [])].find((file) => file.type === "application/json" || file.name.endsWith(".json"));
