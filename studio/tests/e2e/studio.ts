/** What tests do with the page, and what must hold in every one of them. */

import { readFileSync } from "node:fs";
import { test as base, expect, type Locator, type Page } from "@playwright/test";

import { PHOTO, SERVER } from "./server";

export { expect };

export interface Studio {
  page: Page;
  /** Faults that the page is expected to report: a test that cuts the connection names them. */
  allowed: RegExp[];
}

/** A page that may report no error and ask no other host. */
export const test = base.extend<{ studio: Studio }>({
  studio: async ({ page }, use) => {
    const faults: string[] = [];
    const allowed: RegExp[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") faults.push(message.text());
    });
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol.startsWith("http") && hostname !== "127.0.0.1") faults.push(`asked ${request.url()}`);
    });
    await use({ page, allowed });
    expect(faults.filter((fault) => !allowed.some((known) => known.test(fault)))).toEqual([]);
  },
});

/** Opens the first view, for a visitor who likes the server's drawings better where `drawn`: heads take the engine long. */
export async function start(page: Page, path = "", drawn = true): Promise<void> {
  const off = (): void => {
    if (location.protocol !== "about:") localStorage.setItem("f2p.solid", localStorage.getItem("f2p.solid") ?? "off");
  };
  if (drawn) await page.addInitScript(off);
  await page.goto(path);
  await expect(page.locator(".drop")).toBeVisible();
}

/** Waits for the workbench with the drawing on it. */
export const opened = (page: Page, timeout = 30_000): Promise<void> =>
  expect(page.getByTestId("stage")).toBeVisible({ timeout });

/** Opens the average face, drawn: the workbench without a photo. */
export async function openAverage(page: Page): Promise<void> {
  await start(page);
  await page.getByRole("button", { name: "The average face" }).click();
  await opened(page);
}

export async function dropFile(page: Page, name: string, type: string, content: Buffer): Promise<void> {
  const data = await page.evaluateHandle(
    ([file, kind, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], file, { type: kind }));
      return transfer;
    },
    [name, type, content.toString("base64")] as const,
  );
  await page.dispatchEvent(".intake", "drop", { dataTransfer: data });
}

/** Makes a character of the sample photo by the quickest recipe, and shows it as the page does: in 3D where it can. */
export async function createSolid(page: Page): Promise<void> {
  await create(page, "Instant", undefined, false);
  await expect(page.getByTestId("mesh")).toBeVisible({ timeout: 240_000 });
}

/** Makes a character of the sample photo, by the quickest recipe unless told otherwise, with what `wish` wishes for; drawn. */
export async function createCharacter(
  page: Page,
  recipe = "Instant",
  wish?: (page: Page) => Promise<void>,
): Promise<void> {
  await create(page, recipe, wish);
  await opened(page, 400_000);
}

async function create(page: Page, recipe: string, wish?: (page: Page) => Promise<void>, drawn = true): Promise<void> {
  await start(page, "", drawn);
  await page.getByTestId("file").setInputFiles(PHOTO);
  await expect(page.locator(".finding.good")).toBeVisible();
  await choose(page, recipe);
  await wish?.(page);
  await page.getByRole("checkbox", { name: "This is me" }).check();
  await page.getByRole("button", { name: "Make the character" }).click();
}

/** Chooses one of a few; the radio itself is out of sight, over its label. */
export const choose = (page: Page, name: string): Promise<void> =>
  page.getByRole("radio", { name, exact: true }).check({ force: true });

export const tab = (page: Page, name: string): Promise<void> => page.getByRole("tab", { name }).click();

export const sliderOf = (page: Page, name: string): Locator => page.locator(`[data-name="${name}"] input[type=range]`);

export async function showSlider(page: Page, query: string): Promise<void> {
  await tab(page, "Face");
  await page.getByRole("searchbox").fill(query);
}

export const valueOf = async (page: Page, name: string): Promise<number> => Number(await sliderOf(page, name).inputValue());

/** The stage's picture as it is now, to see whether it changes. */
export const picture = (page: Page): Promise<string | null> => page.getByTestId("stage").getAttribute("src");

export interface Document {
  parameters: { name: string; value?: number; option?: string; engine_value?: number }[];
  [field: string]: unknown;
}

export async function exported(page: Page): Promise<Document> {
  await tab(page, "Use it");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "character.json", exact: true }).click(),
  ]);
  return JSON.parse(readFileSync(await download.path(), "utf8")) as Document;
}

export const values = (document: Document): Record<string, number | string | undefined> =>
  Object.fromEntries(document.parameters.map(({ name, value, option }) => [name, option ?? value]));

export { PHOTO, SERVER };
