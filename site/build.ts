/** Build the page: static files that any server can serve. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { SCRIPT } from "../src/render/html/script.ts";
import { STYLE } from "../src/render/html/style.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));

interface Origins {
  readonly hub: string;
  /** Where the Hub redirects to for the bytes of files. */
  readonly files: string;
}

const HUGGING_FACE: Origins = {
  hub: "https://huggingface.co",
  files: "https://*.huggingface.co https://*.hf.co",
};

/** Write the page to a folder, which is emptied first. */
export async function buildSite(out: string, { hub, files }: Origins = HUGGING_FACE): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const bundle = await rolldown({
    input: join(HERE, "main.tsx"),
    platform: "browser",
    tsconfig: join(HERE, "tsconfig.json"),
    resolve: {
      alias: {
        "@huggingface/hub": join(HERE, "../node_modules/@huggingface/hub/dist/browser/index.mjs"),
      },
    },
  });
  await bundle.write({ dir: out, format: "esm", minify: true });
  await bundle.close();
  const page = readFileSync(join(HERE, "index.html"), "utf8");
  writeFileSync(join(out, "index.html"), page.replaceAll("{{hub}}", hub).replaceAll("{{files}}", files));
  writeFileSync(join(out, "style.css"), STYLE + readFileSync(join(HERE, "style.css"), "utf8"));
  writeFileSync(join(out, "zoom.js"), SCRIPT);
}
