import { defineConfig } from "vite";

// The page must work below any path of a proxy: every address in it is relative.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../f2p/studio",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // Inlined files would be data: addresses, which the page's content security policy keeps to pictures.
    assetsInlineLimit: 0,
    rollupOptions: {
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  server: { proxy: { "/v1": process.env.F2P_SERVER ?? "http://127.0.0.1:8080", "/openapi.json": process.env.F2P_SERVER ?? "http://127.0.0.1:8080" } },
});
