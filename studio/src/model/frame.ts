/** Where a face stands in a photo, as the transforms that cut it out. */

export type Point = readonly [number, number];

/** a..f of CanvasRenderingContext2D.setTransform. */
export type Affine = readonly [number, number, number, number, number, number];

/**
 * The transform that lays a photo's frame (its corners clockwise from the upper left, in pixels of a photo of `width`)
 * into a square of `size`, for a bitmap of the same photo that is `bitmapWidth` wide. Undefined for a frame without area.
 */
export function frameTransform(
  frame: readonly Point[],
  width: number,
  bitmapWidth: number,
  size: number,
): Affine | undefined {
  const [origin, right, , below] = frame;
  if (!origin || !right || !below) return undefined;
  const scale = bitmapWidth / width;
  const [ux, uy] = [(right[0] - origin[0]) * scale, (right[1] - origin[1]) * scale];
  const [vx, vy] = [(below[0] - origin[0]) * scale, (below[1] - origin[1]) * scale];
  const area = ux * vy - uy * vx;
  if (Math.abs(area) < 1) return undefined;
  // The inverse of the matrix whose columns are the frame's sides.
  const [a, b, c, d] = [(size * vy) / area, (-size * uy) / area, (-size * vx) / area, (size * ux) / area];
  const [x, y] = [origin[0] * scale, origin[1] * scale];
  return [a, b, c, d, -(a * x + c * y), -(b * x + d * y)];
}

/** A square about a face's box (fractions of the photo), with room for hair and chin, kept within the photo. */
export function squareAbout(
  box: { left: number; top: number; width: number; height: number },
  photo: { width: number; height: number },
  room: number,
): { x: number; y: number; side: number } {
  const wanted = room * Math.max(box.width * photo.width, box.height * photo.height);
  const side = Math.min(wanted, photo.width, photo.height);
  const x = (box.left + box.width / 2) * photo.width - side / 2;
  const y = (box.top + box.height / 2) * photo.height - side / 2;
  const within = (at: number, length: number): number => Math.min(Math.max(0, at), length - side);
  return { x: within(x, photo.width), y: within(y, photo.height), side };
}
