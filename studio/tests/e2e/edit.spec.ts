/** The workbench: sliders, looks, expressions, variants, files and codes. */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { OUT, SECOND } from "./server";
import {
  choose, createCharacter, expect, exported, openAverage, opened, PHOTO, picture, showSlider, sliderOf, start, tab, test, valueOf, values,
} from "./studio";

test("a drag moves the face as it goes, and is one undo", async ({ studio: { page } }) => {
  await openAverage(page);
  await showSlider(page, "nose width");
  const slider = sliderOf(page, "nose_width");
  const before = await picture(page);
  const box = await slider.boundingBox();
  if (!box) throw new Error("no slider");
  const seen = new Set<string | null>();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  for (let part = 0; part <= 10; part++) {
    await page.mouse.move(box.x + (box.width * (10 + part)) / 20, box.y + box.height / 2);
    await page.waitForTimeout(60);
    seen.add(await picture(page));
  }
  await page.mouse.up();
  expect(await valueOf(page, "nose_width")).toBeGreaterThan(0.95);
  await expect.poll(() => picture(page)).not.toBe(before);
  expect(seen.size).toBeGreaterThan(2);

  await page.keyboard.press("Control+z");
  expect(await valueOf(page, "nose_width")).toBe(0.5);
  await expect.poll(() => picture(page)).toBe(before);
  await page.keyboard.press("Control+Shift+z");
  expect(await valueOf(page, "nose_width")).toBeGreaterThan(0.95);
});

test("keys and numbers move a slider too", async ({ studio: { page } }) => {
  await openAverage(page);
  await showSlider(page, "chin width");
  await sliderOf(page, "chin_width").press("ArrowRight");
  expect(await valueOf(page, "chin_width")).toBeGreaterThan(0.5);
  const typed = page.locator('[data-name="chin_width"] .engine-number');
  await typed.fill("-0.5");
  await typed.press("Enter");
  await expect(typed).toHaveValue("-0.50");
  await typed.fill("99");
  await typed.press("Enter");
  // The title is the slider's range in the engine's unit.
  const [, high] = ((await typed.getAttribute("title")) ?? "").match(/… (\S+)/) ?? [];
  await expect(typed).toHaveValue(Number(high).toFixed(2));
  await page.getByRole("button", { name: "Put Chin width back" }).click();
  expect(await valueOf(page, "chin_width")).toBe(0.5);
});

test("groups are searched, locked, randomised and put back", async ({ studio: { page } }) => {
  await openAverage(page);
  await showSlider(page, "no such slider");
  await expect(page.getByText("No slider is called")).toBeVisible();
  await showSlider(page, "");
  await page.getByRole("button", { name: /^Nose \d/ }).click();
  await page.getByRole("button", { name: "Lock Nose width", exact: true }).click();
  await expect(sliderOf(page, "nose_width")).toBeDisabled();
  await page.getByRole("button", { name: "Randomise Nose" }).click();
  expect(await valueOf(page, "nose_width")).toBe(0.5);
  expect(await valueOf(page, "nose_length")).not.toBe(0.5);
  await page.getByRole("button", { name: "Put Nose back" }).click();
  expect(await valueOf(page, "nose_length")).toBe(0.5);
});

test("looks are chosen from pictures, by keys as well", async ({ studio: { page } }) => {
  await openAverage(page);
  await tab(page, "Looks");
  const hair = page.getByRole("group", { name: "Hair style" });
  await expect(hair.locator(".drawing img").first()).toBeVisible();
  const before = await picture(page);
  await hair.getByRole("radio", { name: "Afro" }).check({ force: true });
  await expect.poll(() => picture(page)).not.toBe(before);
  await hair.getByRole("radio", { name: "Afro" }).press("ArrowRight");
  expect(values(await exported(page))["hair_style"]).toBe("pixie");
});

test("an expression is worn by share, on both sides alike, and stays out of a neutral file", async ({ studio: { page } }) => {
  await openAverage(page);
  await tab(page, "Mood");
  await choose(page, "Laugh");
  await expect(page.locator(".strip .drawing img")).toHaveCount(4);
  await page.getByRole("button", { name: /All \d+ units/ }).click();
  expect(await valueOf(page, "mouthSmileLeft")).toBeCloseTo(0.85);
  await sliderOf(page, "mouthSmileRight").fill("0.4");
  expect(await valueOf(page, "mouthSmileLeft")).toBeCloseTo(0.4);
  await page.getByRole("checkbox", { name: "Both sides alike" }).uncheck();
  await sliderOf(page, "mouthSmileRight").fill("0.1");
  expect(await valueOf(page, "mouthSmileLeft")).toBeCloseTo(0.4);

  expect(values(await exported(page))["mouthSmileLeft"]).toBe(0);
  await page.getByRole("checkbox", { name: "Keep the expression" }).check();
  expect(values(await exported(page))["mouthSmileLeft"]).toBeCloseTo(0.4);
});

test("strength goes beyond the character and back", async ({ studio: { page } }) => {
  await openAverage(page);
  await showSlider(page, "nose width");
  await sliderOf(page, "nose_width").fill("0.6");
  const strength = page.getByRole("slider", { name: "Strength" });
  await strength.fill("150");
  expect(await valueOf(page, "nose_width")).toBeCloseTo(0.65);
  await strength.fill("0");
  expect(await valueOf(page, "nose_width")).toBeCloseTo(0.5);
  await strength.fill("101");
  expect(await valueOf(page, "nose_width")).toBeCloseTo(0.6);
});

test("wishes are fulfilled by the server: strength moves the features, and no colour", async ({ studio: { page } }) => {
  test.setTimeout(600_000);
  const wish = (strength: string) => async () => {
    await page.getByText("Wishes beyond likeness").click();
    await page.getByRole("slider", { name: "Strength" }).fill(strength);
  };
  const parameters = async (strength: string) => {
    await createCharacter(page, "Instant", wish(strength));
    return (await exported(page)).parameters as { name: string; role: string; value?: number; option?: string }[];
  };
  const [likeness, caricature] = [await parameters("100"), await parameters("200")];
  const moved = caricature.filter(({ value, option }, index) => (value ?? option) !== (likeness[index]?.value ?? likeness[index]?.option));
  expect(moved.length).toBeGreaterThan(10);
  expect(new Set(moved.map(({ role }) => role))).toEqual(new Set(["identity"]));
});

test("a variant is taken, and given back", async ({ studio: { page } }) => {
  await openAverage(page);
  const before = await picture(page);
  await tab(page, "Variants");
  await page.getByRole("button", { name: "Variant 5" }).click();
  await expect.poll(() => picture(page)).not.toBe(before);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => picture(page)).toBe(before);
});

test("two characters are compared and blended", async ({ studio: { page } }) => {
  await openAverage(page);
  await showSlider(page, "nose width");
  await sliderOf(page, "nose_width").fill("0.9");
  await tab(page, "Compare");
  await expect(page.locator(".differences tbody tr")).toHaveCount(1);
  await expect(page.locator(".differences tbody")).toContainText("Nose width");
  await page.getByRole("slider", { name: "Blend" }).fill("50");
  await showSlider(page, "nose width");
  expect(await valueOf(page, "nose_width")).toBeCloseTo(0.7);
});

test("two bundles are compared on one photo, in the sliders that both have", async ({ studio: { page } }) => {
  test.setTimeout(600_000);
  await createCharacter(page);
  await tab(page, "Compare");
  await page.getByLabel("Compare with").selectOption(`bundle ${SECOND}`);
  await page.getByRole("button", { name: `Make it with “${SECOND}”` }).click();
  const table = page.getByTestId("shared");
  await expect(table).toBeVisible({ timeout: 240_000 });
  await expect(page.getByText(/\d+ sliders are in both sets/)).toBeVisible();
  await expect(page.locator(".both .drawing img")).toHaveCount(2);
  expect(await table.locator("tbody tr").count()).toBeGreaterThan(3);
  await expect(page.getByRole("slider", { name: "Blend" })).toHaveCount(0);
  await page.screenshot({ path: join(OUT, "compare-bundles.png") });
});

test("a file goes out and comes in again, value for value", async ({ studio: { page } }) => {
  await openAverage(page);
  await page.getByRole("button", { name: "Randomise all" }).click();
  const document = await exported(page);
  const file = join(OUT, "character.json");
  writeFileSync(file, JSON.stringify(document));
  await page.getByRole("button", { name: "New" }).click();
  await page.getByRole("button", { name: "The average face" }).click();
  await tab(page, "Use it");
  await page.getByTestId("import").setInputFiles(file);
  expect(values(await exported(page))).toEqual(values(document));
});

test("a file that is no character is refused", async ({ studio: { page } }) => {
  await openAverage(page);
  await tab(page, "Use it");
  await page.getByTestId("import").setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from("{}") });
  await expect(page.getByRole("status").last()).toContainText("no character.json");
});

test("a code is shared and opened as a link", async ({ studio: { page } }) => {
  await openAverage(page);
  await page.getByRole("button", { name: "Randomise all" }).click();
  const before = values(await exported(page));
  await page.getByRole("button", { name: "Make a code" }).click();
  await expect(page.getByLabel("Share code", { exact: true })).not.toHaveValue("");
  await page.getByRole("button", { name: "Copy a link" }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain("#c=");

  await page.goto("about:blank");
  await page.goto(link);
  await opened(page);
  const after = values(await exported(page));
  expect(page.url()).not.toContain("#c=");
  for (const [name, value] of Object.entries(before)) {
    if (typeof value === "number") expect(Math.abs(Number(after[name]) - value)).toBeLessThan(0.001);
    else expect(after[name]).toBe(value);
  }
});

test("history lives in the browser, without photos", async ({ studio: { page } }) => {
  await createCharacter(page);
  const document = values(await exported(page));
  await page.reload();
  await page.getByRole("region", { name: "Your latest characters" }).getByRole("button").first().click();
  await opened(page);
  const again = await exported(page);
  expect(values(again)).toEqual(document);
  expect(again["photo"]).toBeNull();

  await page.getByRole("button", { name: "History", exact: true }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Eileen");
  await page.getByRole("textbox", { name: "Name" }).press("Tab");
  await expect(page.getByRole("button", { name: "Open Eileen" })).toBeVisible();
  await page.getByRole("button", { name: "Delete all" }).click();
  await expect(page.getByText("No characters yet.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("the programs that the page shows run, and answer the same", async ({ studio: { page } }) => {
  await createCharacter(page);
  const mine = await exported(page);
  writeFileSync(join(OUT, "me.jpg"), readFileSync(PHOTO));
  await choose(page, "Python");
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  const python = await page.evaluate(() => navigator.clipboard.readText());
  const said = execFileSync(process.env.F2P_PYTHON ?? "python3", ["-c", python], { cwd: OUT }).toString().trim();
  expect(Number(said)).toBe(mine.parameters[0]?.engine_value);

  await choose(page, "curl");
  const curl = await page.locator(".snippet code").textContent();
  execFileSync("bash", ["-c", curl ?? ""], { cwd: OUT });
  const answered = JSON.parse(readFileSync(join(OUT, "character.json"), "utf8")) as typeof mine;
  expect(answered.parameters).toEqual(mine.parameters);
});

test("everything can be reached by keys alone", async ({ studio: { page } }) => {
  await start(page);
  await page.keyboard.press("Tab");
  await expect(page.getByText("Skip to the content")).toBeFocused();
  await page.keyboard.press("Enter");
  for (let presses = 0; presses < 12; presses++) {
    await page.keyboard.press("Tab");
    if (await page.getByRole("button", { name: "The average face" }).evaluate((button) => button === document.activeElement)) break;
  }
  await page.keyboard.press("Enter");
  await opened(page);
  await page.getByRole("tab", { name: "Face" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab", { name: "Looks" })).toBeFocused();
  await expect(page.getByRole("group", { name: "Hair style" })).toBeVisible();
});
