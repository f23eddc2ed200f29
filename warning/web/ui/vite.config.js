import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig } from "vite";

const OUT = "../static";

/** The platform serves files as they lie: every text file gets its .br and .gz beside it, once, here. */
function pressed() {
  return {
    name: "pressed",
    closeBundle() {
      for (const name of readdirSync(OUT, { recursive: true })) {
        const path = join(OUT, String(name));
        if (!/\.(js|css|svg)$/.test(path) || !statSync(path).isFile()) continue;
        const bytes = readFileSync(path);
        writeFileSync(`${path}.br`, brotliCompressSync(bytes));
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  base: "/static/",
  publicDir: false,
  plugins: [pressed()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    assetsInlineLimit: 0, // a strict policy allows no data: fonts
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: ["src/console.ts", "src/relay.ts", "src/field.ts", "src/head.ts", "src/desk.ts", "src/push.ts", "src/push_worker.ts", "src/clips.ts", "src/console.css", "src/paper.css"],
    },
  },
});
