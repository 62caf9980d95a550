/** The colour of a picture's upper corners, as CSS; undefined where it cannot be read. */
export async function groundOf(url: string): Promise<string | undefined> {
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    return undefined;
  }
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(image, 0, 0, 2, 2, 0, 0, 1, 1);
  const [red, green, blue] = context?.getImageData(0, 0, 1, 1).data ?? [];
  return red === undefined ? undefined : `rgb(${red} ${green} ${blue})`;
}
