/** From a photo to a character, against the real server. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { NO_FACE, OUT } from "./server";
import { choose, createCharacter, createSolid, dropFile, expect, exported, opened, PHOTO, SERVER, start, test, values, type Document } from "./studio";

test("the first view is small, and asks nobody else", async ({ studio: { page } }) => {
  let bytes = 0;
  page.on("response", async (response) => {
    bytes += (await response.body().catch(() => Buffer.alloc(0))).length;
  });
  await start(page);
  const painted = await page.evaluate(
    () =>
      new Promise<number>((done) => {
        new PerformanceObserver((list) => {
          for (const { name, startTime } of list.getEntries()) if (name === "first-contentful-paint") done(startTime);
        }).observe({ type: "paint", buffered: true });
      }),
  );
  await expect(page.locator(".strangers .drawing img")).toHaveCount(6);
  console.log(`first paint ${painted.toFixed(0)} ms, ${bytes} bytes with six drawings`);
  // How long it takes is the machine's: 2 s on an idle one are far above what it needs.
  expect(bytes).toBeLessThan(1_500_000);
});

test("nothing moves while the first view comes in", async ({ studio: { page } }) => {
  await start(page);
  await expect(page.locator(".strangers .drawing img")).toHaveCount(6);
  const moved = await page.evaluate(
    () =>
      new Promise<number>((done) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
        }).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => done(sum), 300);
      }),
  );
  expect(moved).toBeLessThan(0.02);
});

test("a dropped photo is looked at, then becomes the character that the API answers", async ({ studio: { page } }) => {
  await start(page);
  await dropFile(page, "me.png", "image/png", readFileSync(PHOTO));
  await expect(page.locator(".finding.good")).toContainText("A good photo");
  await expect(page.locator(".face-box")).toBeVisible();

  const make = page.getByRole("button", { name: "Make the character" });
  await expect(make).toBeDisabled();
  await page.getByRole("checkbox", { name: "This is me" }).check();
  await choose(page, "Instant");
  await make.click();
  await expect(page.getByTestId("solving")).toContainText("Making the character");
  await opened(page, 400_000);

  const ours = await exported(page);
  const body = new FormData();
  body.set("photo", new Blob([readFileSync(PHOTO)]), "me.png");
  body.set("options", JSON.stringify({ preset: "instant" }));
  const answer = (await (await fetch(`${SERVER}v1/characters`, { method: "POST", body })).json()) as Document;
  expect(ours.parameters).toEqual(answer.parameters);
});

test("the search shows how far it has come, and can be left", async ({ studio: { page } }) => {
  await start(page);
  await page.getByTestId("file").setInputFiles(PHOTO);
  await expect(page.locator(".finding.good")).toBeVisible();
  await page.getByRole("checkbox", { name: "This is me" }).check();
  await page.getByRole("button", { name: "Make the character" }).click();
  await expect(page.getByTestId("solving")).toContainText(/step \d+ of 38/, { timeout: 120_000 });
  await expect(page.locator(".creating progress")).toHaveAttribute("value", /0\.\d+/);
  await expect(page.getByRole("img", { name: "The face so far" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("button", { name: "Make the character" })).toBeEnabled();
});

test("a bad photo is told at once, with what to do, and in Chinese", async ({ studio: { page } }) => {
  await start(page);
  await dropFile(page, "notes.jpg", "image/jpeg", Buffer.from("this is no picture"));
  await expect(page.locator('[data-code="PHOTO_UNREADABLE"]')).toContainText("JPEG");
  await dropFile(page, "grey.png", "image/png", readFileSync(NO_FACE));
  await expect(page.locator('[data-code="NO_FACE"]')).toBeVisible();
  await expect(page.getByRole("button", { name: "Make the character" })).toBeDisabled();

  await page.getByRole("button", { name: "中文" }).click();
  await expect(page.locator('[data-code="NO_FACE"]')).toContainText("没有找到人脸");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-Hans");
  await page.getByRole("button", { name: "移除这张照片" }).first().click();
  await page.getByRole("button", { name: "移除这张照片" }).first().click();
  await expect(page.locator(".drop")).toBeVisible();
});

test("a file that is no picture is refused without a word to the server", async ({ studio: { page } }) => {
  await start(page);
  await dropFile(page, "notes.txt", "text/plain", Buffer.from("hello"));
  await expect(page.getByRole("status")).toContainText("That is no picture");
  await expect(page.locator(".drop")).toBeVisible();
});

test("a pasted photo is taken", async ({ studio: { page } }) => {
  await start(page);
  await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true }));
  }, readFileSync(PHOTO).toString("base64"));
  await expect(page.locator(".finding.good")).toBeVisible();
});

test("the camera's picture is taken, and the camera is closed", async ({ studio: { page } }) => {
  await start(page);
  await page.getByRole("button", { name: "Use the camera" }).click();
  const shoot = page.getByRole("button", { name: "Take the photo" });
  await expect(shoot).toBeEnabled();
  await shoot.click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.locator(".finding.good")).toBeVisible();
  expect(await page.evaluate(() => document.querySelectorAll("video").length)).toBe(0);
});

test("two photos of one person make one character", async ({ studio: { page } }) => {
  await start(page);
  await page.getByTestId("file").setInputFiles([PHOTO, PHOTO]);
  await expect(page.locator(".finding.good")).toHaveCount(2);
  await choose(page, "Instant");
  await page.getByRole("checkbox", { name: "This is me" }).check();
  await page.getByRole("button", { name: "Make the character" }).click();
  await opened(page, 400_000);
  expect(((await exported(page)) as { photos?: unknown[] }).photos).toHaveLength(2);
});

test("the photo can be held against the character", async ({ studio: { page } }) => {
  await createCharacter(page);
  await page.getByRole("button", { name: "Photo against character" }).click();
  const split = page.getByRole("slider", { name: "Photo against character" });
  await expect(page.locator(".before")).toBeVisible();
  await split.press("End");
  await expect(split).toHaveAttribute("aria-valuetext", "100 %");
  // Framed from the photo itself, which is sharper than the server's small picture; beside it the engine's own picture.
  await expect(page.locator(".before")).toHaveAttribute("src", /^blob:/);
  const wide = () => page.getByTestId("stage").evaluate((image: HTMLImageElement) => image.naturalWidth);
  await expect.poll(wide).toBe(512);
  await page.getByRole("slider", { name: "Strength" }).fill("130");
  await expect.poll(wide).toBeLessThan(512);
});

test("a head in three dimensions gives way to the drawing beside the photo, and comes back", async ({ studio: { page } }) => {
  test.setTimeout(600_000);
  await createSolid(page);
  const compare = page.getByRole("button", { name: "Photo against character" });
  await compare.click();
  await expect(page.locator(".before")).toBeVisible();
  await expect(page.getByTestId("stage")).toBeVisible();
  await expect(page.getByTestId("mesh")).toBeHidden();
  await page.screenshot({ path: join(OUT, "before-after-solid.png") });
  await compare.click();
  await expect(page.getByTestId("mesh")).toBeVisible();
  await expect(page.getByTestId("stage")).toHaveCount(0);

  await compare.click();
  await page.getByRole("button", { name: "In three dimensions" }).click();
  await expect(page.getByTestId("mesh")).toBeVisible();
  await expect(compare).toHaveAttribute("aria-pressed", "false");
});

test("what is locked or edited stays, and the rest is fitted again", async ({ studio: { page } }) => {
  await createCharacter(page);
  const before = values(await exported(page));
  await page.getByRole("tab", { name: "Face" }).click();
  await page.getByRole("searchbox").fill("nose width");
  await page.locator('[data-name="nose_width"] .engine-number').fill("0.3");
  await page.locator('[data-name="nose_width"] .engine-number').press("Enter");
  await page.getByRole("searchbox").fill("chin");
  await page.getByRole("button", { name: "Lock Chin", exact: true }).click();
  await page.getByRole("searchbox").fill("");
  await page.getByRole("button", { name: "Fit the rest to the photo" }).click();
  await expect(page.locator(".solving")).toBeVisible();
  await expect(page.locator(".solving")).toHaveCount(0, { timeout: 120_000 });
  await expect(page.locator(".finding.bad")).toHaveCount(0);

  const document = await exported(page);
  const after = values(document);
  const nose = document.parameters.find(({ name }) => name === "nose_width");
  expect(nose?.engine_value).toBeCloseTo(0.3, 4);
  for (const name of ["chin_width", "chin_height", "jaw_bones"]) expect(after[name]).toBe(before[name]);
  expect(after["mouth_width"]).not.toBe(before["mouth_width"]);

  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  expect(values(await exported(page))).toEqual(before);
});

test("another reading of the photo is taken, and given back", async ({ studio: { page } }) => {
  await createCharacter(page, "Best");
  const readings = page.getByRole("region", { name: "Other readings of the photo" }).getByRole("button");
  await expect(readings.first()).toHaveAttribute("aria-pressed", "true");
  const before = values(await exported(page));
  await readings.last().click();
  await expect(readings.last()).toHaveAttribute("aria-pressed", "true");
  const after = values(await exported(page));
  expect(Object.keys(before).filter((name) => before[name] !== after[name]).length).toBeGreaterThan(0);
  await page.getByRole("button", { name: "Undo" }).click();
  expect(values(await exported(page))).toEqual(before);
});

test("two recipes are compared on the same photo", async ({ studio: { page } }) => {
  await createCharacter(page);
  await page.getByRole("tab", { name: "Compare" }).click();
  await page.getByLabel("Compare with").selectOption("preset default");
  await page.getByRole("button", { name: "Make it with" }).click();
  await expect(page.locator(".both .drawing img")).toHaveCount(2, { timeout: 150_000 });
  await expect(page.locator(".differences tbody tr").first()).toBeVisible();
});
