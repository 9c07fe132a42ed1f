/** How much a page loads of `llm-size/browser`, compressed. `npm run size` holds it to these limits. */
import { readFileSync } from "node:fs";

const OUT = "dist/bundle";
const NAME = "./([\\w-]+\\.js)";
const STATIC = new RegExp(`(?:\\bfrom|\\bimport) ?"${NAME}"`, "g");
const DYNAMIC = new RegExp(`\\bimport\\([\`"]${NAME}[\`"]\\)`, "g");

/** List a chunk and all that it imports. */
function follow(start, ...kinds) {
  const found = new Set([start]);
  for (const name of found) {
    const code = readFileSync(`${OUT}/${name}`, "utf8");
    for (const kind of kinds) for (const [, imported] of code.matchAll(kind)) found.add(imported);
  }
  return [...found].map((name) => `${OUT}/${name}`);
}

export default [
  {
    name: "a safetensors model at the four levels",
    path: follow("browser.js", STATIC),
    limit: "60 kB",
    gzip: true,
  },
  {
    name: "with every format, scheme and model of the catalog",
    path: follow("browser.js", STATIC, DYNAMIC),
    limit: "150 kB",
    gzip: true,
  },
];
