/** Accessibility by axe, and pictures of every view to look at, at both widths and in both themes. */

import AxeBuilder from "@axe-core/playwright";
import { join } from "node:path";
import type { Page } from "@playwright/test";

import { OUT, SECOND } from "./server";
import { createCharacter, expect, PHOTO, start, tab, test } from "./studio";

async function faultless(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const told = violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
  expect.soft(told).toEqual([]);
}

const VIEWS = [
  { name: "desktop-light", width: 1400, height: 900, dark: false },
  { name: "desktop-dark", width: 1400, height: 900, dark: true },
  { name: "phone-light", width: 390, height: 844, dark: false },
  { name: "phone-dark", width: 390, height: 844, dark: true },
] as const;

for (const { name, width, height, dark } of VIEWS) {
  test(`every view is accessible: ${name}`, async ({ studio: { page } }) => {
    test.setTimeout(900_000);
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" });
    const shoot = async (view: string): Promise<void> => {
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(OUT, `${name}-${view}.png`) });
      await faultless(page, view);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect.soft(wide, `${view} is as wide as the window`).toBeLessThanOrEqual(0);
    };
    await start(page);
    await expect(page.locator(".drawing.empty")).toHaveCount(0);
    await shoot("start");
    await page.getByRole("button", { name: "Use the camera" }).click();
    await expect(page.getByRole("button", { name: "Take the photo" })).toBeEnabled();
    await shoot("camera");
    await page.keyboard.press("Escape");
    await page.getByTestId("file").setInputFiles(PHOTO);
    await expect(page.locator(".finding.good")).toBeVisible();
    await page.getByTestId("file").setInputFiles({ name: "x.jpg", mimeType: "image/jpeg", buffer: Buffer.from("x") });
    await expect(page.locator(".finding.bad")).toBeVisible();
    await shoot("photo");
    await page.getByText("Wishes beyond likeness").click();
    await expect(page.getByRole("slider", { name: "Flatter" })).toBeVisible();
    await page.getByRole("slider", { name: "Flatter" }).scrollIntoViewIfNeeded();
    await shoot("wishes");
    await createCharacter(page);
    for (const panel of ["Face", "Looks", "Mood", "Variants", "Compare", "Use it"]) {
      await tab(page, panel);
      if (panel === "Mood") {
        await page.getByRole("radio", { name: "Laugh" }).check({ force: true });
        await page.getByRole("button", { name: /All \d+ units/ }).click();
      }
      await page.waitForTimeout(1500);
      await shoot(panel.toLowerCase().replace(" ", "-"));
    }
    await page.getByRole("button", { name: "Photo against character" }).click();
    await shoot("before-after");
    await page.getByRole("button", { name: "History", exact: true }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await shoot("history");
    await start(page);
    await page.getByLabel("Character set").selectOption(SECOND);
    await page.getByRole("button", { name: "The average face" }).click();
    await page.getByRole("button", { name: "In three dimensions" }).click();
    await expect(page.getByTestId("mesh")).toBeVisible({ timeout: 240_000 });
    await page.waitForTimeout(1500);
    await shoot("solid");
    await tab(page, "Use it");
    await shoot("export");
  });
}
