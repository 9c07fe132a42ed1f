/**
 * Bundle the program and the library into one set of chunks. A run then loads a handful of files instead of hundreds,
 * which takes a third off a short one (`npm run bench`), and nothing is installed next to this package.
 */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { rolldown } from "rolldown";

const OUT = "dist/bundle";
const BUILTIN = new RegExp(`^(?:node:.*|${builtinModules.join("|")})$`);

/** Required by undici for a cache on disk that we do not use; Node.js 20 does not have it. */
const UNUSED = new Set(["node:sqlite"]);

/**
 * Parts that no run calls: a third of undici, which also has its parser of HTTP twice and falls back to the other one, and
 * half of CycloneDX: XML, and the list of licenses.
 */
const UNCALLED =
  /undici[\\/]lib[\\/](?:mock[\\/]|web[\\/](?:websocket|eventsource)[\\/]|interceptor[\\/]|handler[\\/](?:cache|deduplication|retry)|cache[\\/]|llhttp[\\/]llhttp_simd)|cyclonedx-library[\\/](?:dist\.node[\\/](?:serialize[\\/]xml|_optPlug\.node[\\/](?!errors))|res[\\/])/;
const dropUncalled = {
  name: "drop-uncalled",
  // The `enum` stands for the list of licenses.
  load: {
    filter: { id: UNCALLED },
    handler: () => ({ code: "module.exports = { enum: [] };", moduleType: "js" }),
  },
};

/** A package's own license and notices, and those of code that it took from others. */
const LICENSE_FILE = /(?:^|[\\/])(?:licen[cs]e|notice|copying)(?:-[a-z\d]+)?(?:\.txt|\.md)?$/i;

/**
 * Let CommonJS packages (commander, cli-table3) get node's own modules by import. A `require` made from
 * `import.meta.url` would break when somebody bundles the library again, as CommonJS.
 */
const importBuiltins = {
  name: "import-builtins",
  resolveId: {
    filter: { id: BUILTIN },
    handler(id, importer, { kind }) {
      if (kind !== "require-call") return { id, external: true };
      return importer?.startsWith("\0required:") ? `\0imported:${id}` : `\0required:${id}`;
    },
  },
  load(id) {
    const [, how, path] = /^\0(required|imported):(.*)$/.exec(id) ?? [];
    if (UNUSED.has(path)) return "module.exports = {};";
    if (how === "required") return `module.exports = require(${JSON.stringify(path)}).default;`;
    if (how === "imported") return `export { default } from ${JSON.stringify(path)};`;
  },
  /** The bundler's own `require`, which nothing calls now. */
  renderChunk: (code) => code.replace("createRequire(import.meta.url)", "undefined"),
};

const bundle = await rolldown({
  input: { main: "src/main.ts", index: "src/index.ts" },
  platform: "node",
  plugins: [importBuiltins, dropUncalled],
});
const { output } = await bundle.write({
  dir: OUT,
  format: "esm",
  minify: { compress: true, mangle: true, codegen: true },
  codeSplitting: {
    // Small files that most commands share: a few chunks instead of dozens.
    groups: [
      {
        name: "base",
        test: /src\/(?:errors|notes|contract\/(?:version|terms|json|unknown|quantities)|budget\/(?:nearest-name|pattern)|model\/weight)/,
        priority: 1,
      },
      { name: "options", test: /src\/cli\/(?!commands|program)/, minShareCount: 2 },
      { name: "measure", test: /src\/(?:api\/measure|model\/ties)/ },
      {
        name: "text",
        test: /src\/(?:render\/(?!table|comparison|render)|api\/exit-code)/,
        minShareCount: 2,
      },
      {
        // Each is for some runs only, and too small for a file of its own.
        name: "places",
        test: /src\/(?:source\/(?:downloaded|hub\/private-address)|files\/reference-list)/,
        priority: 1,
      },
      {
        name: "sources",
        test: /src\/(?:files|source)\/(?!catalog|hub\/(?:api|hub-repository|proxy))/,
        minShareCount: 2,
      },
    ],
  },
});
// Chunks of an earlier build have other names. They go last: a program that runs meanwhile may need them.
const written = new Set(output.map(({ fileName }) => fileName));
for (const name of readdirSync(OUT)) if (!written.has(name)) rmSync(`${OUT}/${name}`);
writeFileSync(
  `${OUT}/THIRD-PARTY-LICENSES.txt`,
  collectLicenses(output.flatMap(({ moduleIds = [] }) => moduleIds)),
);

/** Return the licenses of every package in the bundle. Throws where one has none. */
function collectLicenses(modules) {
  const folders = new Set(
    modules.map((path) => /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0]),
  );
  const sections = [...folders].flatMap((folder) => {
    if (folder === undefined) return [];
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const files = readdirSync(folder, { recursive: true }).filter(
      (path) =>
        LICENSE_FILE.test(path) && !path.includes("node_modules") && statSync(`${folder}/${path}`).isFile(),
    );
    if (!files.some((path) => /^licen[cs]e/i.test(path))) throw new Error(`${name} has no license file`);
    const texts = files
      .toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
      .map((path) => {
        const title = /[\\/]/.test(path) ? `${path.replaceAll("\\", "/")}:\n\n` : "";
        return title + readFileSync(`${folder}/${path}`, "utf8").trim();
      });
    // It holds the parser of Node.js as WebAssembly, without its license (github.com/nodejs/llhttp).
    const permission = /Permission is hereby granted[^]*/.exec(texts[0] ?? "")?.[0];
    if (name === "undici") texts.push(`lib/llhttp:\n\nCopyright Fedor Indutny, 2018.\n\n${permission}`);
    return [`${name} ${version} (${license})\n\n${texts.join("\n\n")}\n`];
  });
  return sections.toSorted().join(`\n${"-".repeat(80)}\n\n`);
}
