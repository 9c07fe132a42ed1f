/**
 * Bundles the program and the library. A run then loads a handful of files instead of some hundreds, a third of the
 * time of a short one (`npm run bench`), and `npx llm-size` fetches next to nothing but this package.
 */
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";

const OUT = "dist/bundle";

const { metafile } = await build({
  entryPoints: ["src/main.ts", "src/index.ts"],
  outdir: OUT,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
  // cli-table3 and commander are CommonJS and ask for node's own modules by require.
  banner: {
    js: 'import { createRequire as createRequireForBundle } from "node:module"; const require = createRequireForBundle(import.meta.url);',
  },
});
// Chunks of an earlier build have other names. They go last: a program that runs meanwhile may need them.
const written = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
for (const name of readdirSync(OUT)) if (name.endsWith(".js") && !written.has(name)) rmSync(`${OUT}/${name}`);
copyFileSync("src/source/catalog/models.jsonl", `${OUT}/models.jsonl`);
writeFileSync(`${OUT}/THIRD-PARTY-LICENSES.txt`, collectLicenses(Object.keys(metafile.inputs)));

/** The license of every package that went into the bundle. */
function collectLicenses(inputs) {
  const folders = new Set(inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]));
  return [...folders]
    .filter((folder) => folder !== undefined)
    .toSorted()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
      const file = readdirSync(folder).find((path) => /^licen[cs]e/i.test(path));
      return `${name} ${version} (${license})\n\n${file ? readFileSync(`${folder}/${file}`, "utf8").trim() : ""}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}
