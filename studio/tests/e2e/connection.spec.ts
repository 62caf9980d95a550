/** The server gone and back, and a server that asks for tokens. */

import { createServer, connect, type Server, type Socket } from "node:net";

import { PORT } from "./server";
import { expect, opened, picture, showSlider, sliderOf, start, test, valueOf } from "./studio";

/** A line to the server that can be cut. */
class Line {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  constructor(readonly port: number) {}

  async open(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(PORT, "127.0.0.1");
      for (const [one, other] of [[near, far], [far, near]] as const) {
        this.sockets.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => this.sockets.delete(one));
        one.pipe(other);
      }
    });
    this.server = server;
    await new Promise<void>((done) => server.listen(this.port, "127.0.0.1", done));
  }

  cut(): void {
    this.server?.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

const PLACE = PORT + 1;

test("a server that goes is noticed, edits go on, and it comes back", async ({ studio }) => {
  const { page } = studio;
  studio.allowed.push(/Failed to load resource/);
  const line = new Line(PLACE);
  await line.open();
  await start(page, `http://127.0.0.1:${PLACE}/`);
  await page.getByRole("button", { name: "The average face" }).click();
  await opened(page);
  const before = await picture(page);

  line.cut();
  await showSlider(page, "nose width");
  await sliderOf(page, "nose_width").fill("0.9");
  await expect(page.getByRole("alert").first()).toContainText("does not answer");
  await sliderOf(page, "nose_width").fill("0.1");
  expect(await valueOf(page, "nose_width")).toBeCloseTo(0.1);
  expect(await picture(page)).toBe(before);

  await line.open();
  await expect(page.locator(".banner")).toHaveCount(0);
  await expect.poll(() => picture(page)).not.toBe(before);
  expect(await valueOf(page, "nose_width")).toBeCloseTo(0.1);
  line.cut();
});

test("a page that opens before its server waits for it", async ({ studio }) => {
  const { page } = studio;
  studio.allowed.push(/Failed to load resource/);
  let there = false;
  await page.route("**/v1/bundles", (route) =>
    there
      ? route.fallback()
      : route.fulfill({
          status: 503,
          contentType: "application/problem+json",
          body: JSON.stringify({ code: "SERVICE_UNAVAILABLE", message: "It starts.", remedy: "Wait." }),
        }),
  );
  await start(page);
  await expect(page.getByRole("alert").first()).toContainText("starting");
  there = true;
  await expect(page.locator(".banner")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "The average face" })).toBeVisible();
});

test("a server that asks for a token gets one", async ({ studio }) => {
  const { page } = studio;
  studio.allowed.push(/Failed to load resource/);
  await page.route("**/v1/**", (route) =>
    route.request().headers()["authorization"] === "Bearer secret"
      ? route.fallback()
      : route.fulfill({
          status: 401,
          contentType: "application/problem+json",
          body: JSON.stringify({ code: "TOKEN_INVALID", message: "No token.", remedy: "Send one." }),
        }),
  );
  await page.goto("");
  const dialog = page.getByRole("dialog", { name: "This server asks for a token" });
  await dialog.getByLabel("Token").fill("wrong");
  await dialog.getByRole("button", { name: "Continue" }).click();
  await expect(dialog).toContainText("does not know that token");
  await dialog.getByLabel("Token").fill("secret");
  await dialog.getByRole("button", { name: "Continue" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("button", { name: "The average face" })).toBeVisible();
});
