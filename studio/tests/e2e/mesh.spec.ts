/** A character in 3D, from a mesh of this test's own. */

import { join } from "node:path";

import { OUT } from "./server";
import { expect, openAverage, showSlider, sliderOf, tab, test } from "./studio";

/** A ball as .glb, whose targets move a slider's and an expression's part of it; written by hand, as small as can be. */
function ball(): Buffer {
  const [rows, columns] = [24, 32];
  const points: number[][] = [];
  for (let row = 0; row <= rows; row++) {
    for (let column = 0; column <= columns; column++) {
      const [down, round] = [(Math.PI * row) / rows, (2 * Math.PI * column) / columns];
      points.push([0.1 * Math.sin(down) * Math.sin(round), 0.13 * Math.cos(down), 0.1 * Math.sin(down) * Math.cos(round)]);
    }
  }
  const triangles: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * (columns + 1) + column;
      triangles.push(at, at + columns + 1, at + 1, at + 1, at + columns + 1, at + columns + 2);
    }
  }
  const wide = points.map(([x = 0]) => [x, 0, 0]);
  const open = points.map(([, y = 0]) => [0, y < -0.05 ? -0.05 : 0, 0]);
  const floats = (rowsOf: number[][]): Buffer => Buffer.from(new Float32Array(rowsOf.flat()).buffer);
  const parts = [floats(points), floats(wide), floats(open), Buffer.from(new Uint32Array(triangles).buffer)];
  const bounds = (rowsOf: number[][]) => ({
    min: [0, 1, 2].map((axis) => Math.fround(Math.min(...rowsOf.map((point) => point[axis] ?? 0)))),
    max: [0, 1, 2].map((axis) => Math.fround(Math.max(...rowsOf.map((point) => point[axis] ?? 0)))),
  });
  let offset = 0;
  const views = parts.map((part) => {
    const view = { buffer: 0, byteOffset: offset, byteLength: part.length };
    offset += part.length;
    return view;
  });
  const vectors = (bufferView: number, rowsOf: number[][]) => ({
    bufferView, componentType: 5126, count: rowsOf.length, type: "VEC3", ...bounds(rowsOf),
  });
  const json = {
    asset: { version: "2.0" }, scene: 0, scenes: [{ nodes: [0] }], nodes: [{ name: "head", mesh: 0 }],
    meshes: [{
      primitives: [{ attributes: { POSITION: 0 }, indices: 3, targets: [{ POSITION: 1 }, { POSITION: 2 }] }],
      weights: [0, 0], extras: { targetNames: ["head_width", "jawOpen"] },
    }],
    accessors: [
      vectors(0, points), vectors(1, wide), vectors(2, open),
      { bufferView: 3, componentType: 5125, count: triangles.length, type: "SCALAR" },
    ],
    bufferViews: views, buffers: [{ byteLength: offset }],
  };
  const padded = (part: Buffer, fill: number): Buffer => Buffer.concat([part, Buffer.alloc((4 - (part.length % 4)) % 4, fill)]);
  const chunk = (kind: string, part: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(part.length, 0);
    head.write(kind, 4, "latin1");
    return Buffer.concat([head, part]);
  };
  const body = Buffer.concat([
    chunk("JSON", padded(Buffer.from(JSON.stringify(json)), 0x20)),
    chunk("BIN\0", padded(Buffer.concat(parts), 0)),
  ]);
  const head = Buffer.alloc(12);
  head.write("glTF", 0, "latin1");
  head.writeUInt32LE(2, 4);
  head.writeUInt32LE(12 + body.length, 8);
  return Buffer.concat([head, body]);
}

test("a bundle's mesh is drawn here, and the sliders move it", async ({ studio: { page } }) => {
  await page.route("**/v1/bundles", async (route) => {
    const response = await route.fetch();
    const info = (await response.json()) as { bundles: Record<string, unknown>[] };
    await route.fulfill({ response, json: { ...info, bundles: info.bundles.map((bundle) => ({ ...bundle, mesh: true })) } });
  });
  await page.route("**/v1/mesh?*", (route) => route.fulfill({ contentType: "model/gltf-binary", body: ball() }));
  await page.goto("");
  await page.getByRole("button", { name: "The average face" }).click();
  const canvas = page.getByTestId("mesh");
  await expect(canvas).toBeVisible();
  const weights = () => canvas.evaluate((place: HTMLCanvasElement) => place.character3D?.weights() ?? {});
  await expect.poll(async () => Object.keys(await weights()).sort()).toEqual(["head_width", "jawOpen"]);

  const shown = async (): Promise<Buffer> => {
    await page.waitForTimeout(700);
    const clip = await canvas.boundingBox();
    if (!clip) throw new Error("no canvas");
    return page.screenshot({ clip });
  };
  const first = await shown();
  await showSlider(page, "head width");
  await sliderOf(page, "head_width").fill("1");
  // The slider's range is [-0.44, 0.36] in the engine's unit, and the target moves one unit.
  await expect.poll(async () => (await weights())["head_width"]).toBeCloseTo(0.36, 5);
  const wide = await shown();
  expect(wide.equals(first)).toBe(false);

  await tab(page, "Mood");
  await page.getByRole("radio", { name: "Surprised" }).check({ force: true });
  await expect.poll(async () => (await weights())["jawOpen"]).toBeCloseTo(0.5, 5);
  await page.getByRole("slider", { name: "Turn" }).fill("70");
  expect((await shown()).equals(wide)).toBe(false);
  await page.screenshot({ path: join(OUT, "mesh.png") });
});

test("a file that is no mesh leaves the server's drawings", async ({ studio }) => {
  const { page } = studio;
  studio.allowed.push(/SyntaxError|JSON|glTF|Unexpected token/);
  await page.route("**/v1/bundles", async (route) => {
    const response = await route.fetch();
    const info = (await response.json()) as { bundles: Record<string, unknown>[] };
    await route.fulfill({ response, json: { ...info, bundles: info.bundles.map((bundle) => ({ ...bundle, mesh: true })) } });
  });
  await page.route("**/v1/mesh?*", (route) => route.fulfill({ contentType: "model/gltf-binary", body: "no mesh" }));
  await openAverage(page);
  await expect(page.getByTestId("mesh")).toHaveCount(0);
});
