/** Build the page into site/dist and, unless `--build` is given, serve it on this machine. */
import { fileURLToPath } from "node:url";
import { buildSite } from "./build.ts";
import { serveFolder } from "./serve-folder.ts";

const out = fileURLToPath(new URL("../site/dist/", import.meta.url));
await buildSite(out);
if (!process.argv.includes("--build")) {
  const { origin } = await serveFolder(out, 8080);
  process.stdout.write(`${origin}/\n`);
}
