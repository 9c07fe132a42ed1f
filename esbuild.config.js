/**
 * Bundle the program and the library into one set of chunks. A run then loads a handful of files instead of hundreds,
 * which takes a third off a short one (`npm run bench`), and nothing is installed next to this package.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename } from "node:path";
import { build } from "esbuild";

const OUT = "dist/bundle";

/**
 * Let CommonJS packages (commander, cli-table3) get node's own modules by import. A `require` made of
 * `import.meta.url` would break when somebody bundles the library again, as CommonJS.
 */
const importBuiltins = {
  name: "import-builtins",
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(?:node:)?(?:${builtinModules.join("|")})$`);
    onResolve({ filter }, ({ path, kind, namespace }) => {
      if (kind !== "require-call") return { path, external: true };
      return { path, namespace: namespace === "required" ? "imported" : "required" };
    });
    onLoad({ filter, namespace: "required" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)}).default;`,
    }));
    onLoad({ filter, namespace: "imported" }, ({ path }) => ({
      contents: `export { default } from ${JSON.stringify(path)};`,
    }));
  },
};

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
  plugins: [importBuiltins],
});
// Chunks of an earlier build have other names. They go last: a program that runs meanwhile may need them.
const written = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
for (const name of readdirSync(OUT)) if (name.endsWith(".js") && !written.has(name)) rmSync(`${OUT}/${name}`);
writeFileSync(`${OUT}/THIRD-PARTY-LICENSES.txt`, collectLicenses(Object.keys(metafile.inputs)));

/** Return the license of every package in the bundle. */
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
