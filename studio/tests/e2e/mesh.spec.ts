/** A character in 3D and as a file, from a bundle whose engine exports. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";

import { OUT, SECOND } from "./server";
import { choose, expect, openAverage, showSlider, sliderOf, start, tab, test } from "./studio";

/** An engine takes its time for a head, and a busy machine more. */
const SLOW = { timeout: 240_000 };

async function openSolid(page: Page): Promise<void> {
  await start(page, "", false);
  await page.getByLabel("Character set").selectOption(SECOND);
  await page.getByRole("button", { name: "The average face" }).click();
  await expect(page.getByTestId("mesh")).toBeVisible(SLOW);
}

const weights = (page: Page): Promise<Record<string, number>> =>
  page.getByTestId("mesh").evaluate((place: HTMLCanvasElement) => place.character3D?.weights() ?? {});

async function shown(page: Page): Promise<Buffer> {
  await page.waitForTimeout(700);
  const clip = await page.getByTestId("mesh").boundingBox();
  if (!clip) throw new Error("no canvas");
  return page.screenshot({ clip });
}

test("the sliders move the head in the browser, and the server draws nothing", async ({ studio: { page } }) => {
  test.setTimeout(600_000);
  await openSolid(page);
  await expect.poll(async () => Object.keys(await weights(page)).length).toBeGreaterThan(52);
  const first = await shown(page);
  const drawn: string[] = [];
  page.on("request", (request) => {
    if (/v1\/(preview|mesh|export)/.test(request.url())) drawn.push(request.url());
  });
  await showSlider(page, "nose length");
  await sliderOf(page, "nose_length").fill("1");
  await expect.poll(async () => (await weights(page))["nose_length"]).toBeGreaterThan(0.5);
  const long = await shown(page);
  expect(long.equals(first)).toBe(false);

  await tab(page, "Mood");
  await page.getByRole("radio", { name: "Surprised" }).check({ force: true });
  await expect.poll(async () => (await weights(page))["jawOpen"]).toBeCloseTo(0.5, 5);
  await page.getByRole("slider", { name: "Turn" }).fill("40");
  expect((await shown(page)).equals(long)).toBe(false);
  await page.screenshot({ path: join(OUT, "mesh.png") });
  // The Mood panel has a strip of its own, drawn by the server; nothing of the stage is.
  expect(drawn.filter((url) => !url.includes("preview"))).toEqual([]);

  await page.getByRole("button", { name: "In three dimensions" }).click();
  await expect(page.getByTestId("stage")).toBeVisible();
  await expect(page.getByTestId("mesh")).toHaveCount(0);
});

test("another look comes from the engine", async ({ studio: { page } }) => {
  test.setTimeout(600_000);
  await openSolid(page);
  const before = await shown(page);
  await tab(page, "Looks");
  const asked = page.waitForRequest(/v1\/export/);
  await page.getByRole("group", { name: "Hair style" }).getByRole("radio", { name: "Afro" }).check({ force: true });
  const body = JSON.parse((await asked).postData() ?? "{}") as { format: string; values: Record<string, unknown> };
  expect([body.format, body.values["hair_style"]]).toEqual(["morphs", "afro"]);
  await expect(page.getByText("The engine makes the head")).toBeVisible();
  await expect(page.getByText("The engine makes the head")).toHaveCount(0, SLOW);
  expect((await shown(page)).equals(before)).toBe(false);
  await page.screenshot({ path: join(OUT, "mesh-look.png") });
});

test("a character is saved as glTF with its values", async ({ studio: { page } }) => {
  test.setTimeout(600_000);
  await openSolid(page);
  await tab(page, "Mood");
  await choose(page, "Laugh");
  await tab(page, "Use it");
  await page.getByRole("checkbox", { name: "Keep the expression" }).check();
  const [download] = await Promise.all([
    page.waitForEvent("download", SLOW),
    page.getByRole("button", { name: "character.glb" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("character.glb");
  const file = readFileSync(await download.path());
  expect(file.toString("latin1", 0, 4)).toBe("glTF");
  const json = JSON.parse(file.toString("utf8", 20, 20 + file.readUInt32LE(12))) as {
    meshes: { weights?: number[]; extras?: { targetNames: string[] } }[];
  };
  const head = json.meshes.find(({ extras }) => extras?.targetNames.includes("mouthSmileLeft"));
  expect(head?.weights?.[head.extras?.targetNames.indexOf("mouthSmileLeft") ?? -1]).toBeCloseTo(0.85, 2);
});

test("a bundle whose engine exports nothing offers neither", async ({ studio: { page } }) => {
  await page.route("**/v1/bundles", async (route) => {
    const response = await route.fetch();
    const info = (await response.json()) as { bundles: Record<string, unknown>[] };
    const none = info.bundles.map((bundle) => ({ ...bundle, export_formats: [] }));
    await route.fulfill({ response, json: { ...info, bundles: none } });
  });
  await openAverage(page);
  await expect(page.getByRole("button", { name: "In three dimensions" })).toHaveCount(0);
  await tab(page, "Use it");
  await expect(page.getByRole("button", { name: "character.json", exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "character.glb" })).toHaveCount(0);
});

test("a file that is no mesh leaves the server's drawings", async ({ studio }) => {
  const { page } = studio;
  studio.allowed.push(/SyntaxError|JSON|glTF|Unexpected token/);
  await page.route("**/v1/mesh?*", (route) => route.fulfill({ contentType: "model/gltf-binary", body: "no mesh" }));
  await start(page, "", false);
  await page.getByLabel("Character set").selectOption(SECOND);
  await page.getByRole("button", { name: "The average face" }).click();
  await expect(page.getByTestId("stage")).toBeVisible();
  await expect(page.getByTestId("mesh")).toHaveCount(0);
});

test("a server that can make no head now says why, and draws", async ({ studio }) => {
  const { page } = studio;
  studio.allowed.push(/429/);
  await page.route("**/v1/mesh?*", (route) =>
    route.fulfill({
      status: 429,
      contentType: "application/problem+json",
      json: { code: "QUEUE_FULL", message: "8 jobs wait already.", remedy: "Call again in 9 seconds.", status: 429 },
    }),
  );
  await start(page, "", false);
  await page.getByLabel("Character set").selectOption(SECOND);
  await page.getByRole("button", { name: "The average face" }).click();
  await expect(page.getByTestId("stage")).toBeVisible();
  await expect(page.locator(".stage-controls .finding")).toContainText("8 jobs wait already.");
});
