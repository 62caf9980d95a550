import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

const SERVER = process.env.F2P_SERVER ?? "http://127.0.0.1:8080";
const SOURCES = ["index.html", "package-lock.json", "public", "src", "vite.config.ts"];

function files(path: string): string[] {
  try {
    return readdirSync(path).sort().flatMap((name) => files(join(path, name)));
  } catch {
    return [path];
  }
}

/** What the build holds of others. */
const OTHERS = ["preact", "@preact/signals", "@preact/signals-core", "three", "lucide-preact", "@fontsource-variable/inter"];

/** Writes their licences beside the build, which ask for that. */
function licences(): Plugin {
  return {
    name: "licences",
    apply: "build",
    closeBundle() {
      const texts = OTHERS.map((name) => {
        const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")) as { version: string };
        return `${name} ${version}\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim()}\n`;
      });
      writeFileSync("../f2p/studio/licences.txt", texts.join(`\n${"-".repeat(80)}\n\n`));
    },
  };
}

/** Writes which sources a build is of: a test compares, so that nobody commits the one without the other. */
function stamp(): Plugin {
  return {
    name: "stamp",
    apply: "build",
    closeBundle() {
      const digest = createHash("sha256");
      for (const file of SOURCES.flatMap(files).sort()) {
        digest.update(`${file}\0`).update(readFileSync(file)).update("\0");
      }
      writeFileSync("../f2p/studio/build.json", `${JSON.stringify({ sources: digest.digest("hex") })}\n`);
    },
  };
}

// The page must work below any path of a proxy: every address in it is relative.
export default defineConfig({
  base: "./",
  plugins: [licences(), stamp()],
  build: {
    outDir: "../f2p/studio",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // Inlined files would be data: addresses, which the page's content security policy keeps to pictures.
    assetsInlineLimit: 0,
    // three.js is a file of its own that only bundles with a mesh ask for.
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  server: { proxy: { "/v1": SERVER } },
});
