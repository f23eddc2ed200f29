import { defineConfig } from "vite";

// Every page names its entries by their source path; warning/web/assets.py looks them up in the manifest.
export default defineConfig({
  base: "/static/",
  build: {
    outDir: "../static",
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0,
    rollupOptions: {
      input: ["src/console.ts", "src/console.css", "src/paper.css", "src/relay.ts"],
    },
  },
});
