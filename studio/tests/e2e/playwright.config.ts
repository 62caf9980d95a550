import { defineConfig } from "@playwright/test";

import { OUT, SERVER, WEBCAM } from "./server";

export default defineConfig({
  testDir: ".",
  outputDir: `${OUT}/runs`,
  globalSetup: "./server.ts",
  workers: 1,
  // A character takes a second or minutes: a busy machine decides, and that is no fault of the page.
  timeout: 600_000,
  expect: { timeout: 30_000 },
  reporter: "list",
  use: {
    actionTimeout: 30_000,
    baseURL: SERVER,
    viewport: { width: 1400, height: 900 },
    locale: "en-GB",
    reducedMotion: "reduce",
    permissions: ["camera", "clipboard-read", "clipboard-write"],
    launchOptions: {
      executablePath: process.env.F2P_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // three.js without a graphics card.
        "--use-gl=angle",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        `--use-file-for-fake-video-capture=${WEBCAM}`,
      ],
    },
  },
});
