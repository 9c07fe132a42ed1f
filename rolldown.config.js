/**
 * Bundle the program and the library into one set of chunks. A run then loads a handful of files instead of hundreds,
 * which takes a third off a short one (`npm run bench`), and nothing is installed next to this package.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { resolve } from "node:path";
import { getBuiltinModule } from "node:process";
import { rolldown } from "rolldown";

const OUT = "dist/bundle";
const BUILTIN = new RegExp(`^(?:node:.*|${builtinModules.join("|")})$`);

/**
 * Parts that no run calls: half of CycloneDX: XML, and the list of licenses; JSON Schema of zod; the colors of lezer's
 * trees, those between which d3 interpolates, and the zebras and rainbows of cli-table3.
 */
const UNCALLED = new RegExp(
  [
    String.raw`cyclonedx-library/(?:dist\.node/(?:serialize/xml|_optPlug\.node/(?!errors))|res/)`,
    String.raw`zod/v4/core/(?:json-schema-processors|to-json-schema)\.js`,
    String.raw`@lezer/highlight/`,
    String.raw`d3-color/`,
    String.raw`@colors/colors/lib/(?:custom|maps)/`,
  ]
    .join("|")
    .replaceAll("/", String.raw`[\\/]`),
);

/** Takes any call, and has any name. The `enum` stands for the list of licenses, the named ones for what is imported. */
const NOTHING = `
const any = new Proxy(function () {}, { get: () => any, apply: () => any, construct: () => any });
const named = {
  __esModule: undefined, enum: [], color: any, rgb: any, tags: any, styleTags: () => () => null,
  createToJSONSchemaMethod: () => any, createStandardJSONSchemaMethod: () => any,
};
module.exports = new Proxy(named, { get: (_, name) => (name in named ? named[name] : any) });`;
const dropUncalled = {
  name: "drop-uncalled",
  load: { filter: { id: UNCALLED }, handler: () => ({ code: NOTHING, moduleType: "js" }) },
};

/** Results are kept for the code that measured them: this hash changes with every line of it. */
const BUILD = createHash("sha256");
for (const path of readdirSync("src", { recursive: true }).toSorted())
  if (/\.tsx?$/.test(path)) BUILD.update(readFileSync(`src/${path}`));
const stateBuild = {
  name: "state-build",
  transform: {
    filter: { id: /[\\/]contract[\\/]version\.ts$/ },
    handler: (code) =>
      code.replace(/(?<=BUILD\b.* = )null/, JSON.stringify(BUILD.digest("hex").slice(0, 16))),
  },
};

/** A package's own license and notices, and those of code that it took from others. */
const LICENSE_FILE = /(?:^|[\\/])(?:licen[cs]e|notice|copying)(?:-[a-z\d]+)?(?:\.txt|\.md)?$/i;

/**
 * Get node's own modules when they are first called: importing them loads all that any of their exports needs (of `crypto`
 * also Web Crypto), a third of the start of a short run. A `require` made from `import.meta.url`, as the bundler makes for
 * CommonJS packages, would break when somebody bundles the library again.
 */
const getBuiltins = {
  name: "get-builtins",
  resolveId: {
    filter: { id: BUILTIN },
    // One for each importer, next to which it stays.
    handler: (id, importer, { kind }) =>
      kind === "dynamic-import" || importer?.startsWith("\0")
        ? { id, external: true }
        : `\0${importer}?${kind === "require-call" ? "required" : "imported"}=${id}`,
  },
  load(id) {
    const [, how, name] = /\?(required|imported)=(.*)$/.exec(id) ?? [];
    if (name === undefined) return;
    const get = `process.getBuiltinModule(${JSON.stringify(name)})`;
    // commander starts other programs with it; we have none.
    if (name.endsWith("child_process"))
      return `module.exports = new Proxy({}, { get: (_, key) => ${get}[key] });`;
    if (how === "required") return `module.exports = ${get};`;
    const exports = Object.entries(getBuiltinModule(name)).map(([key, value]) =>
      typeof value === "function" && /^[a-z]/.test(key)
        ? `export function ${key}(...words) { return ${get}.${key}(...words); }`
        : `export const ${key} = /* @__PURE__ */ (() => ${get}.${key})();`,
    );
    return [...exports, `export default /* @__PURE__ */ (() => ${get})();`].join("\n");
  },
  /** The bundler's own `require`, which nothing calls now. */
  renderChunk: (code) =>
    code
      .replace("createRequire(import.meta.url)", "undefined")
      .replace(/import \{ createRequire \} from "node:module";\n/, ""),
};

/**
 * What a browser loads: `first` to measure most models, `later` when a model or an option needs it; and what every run of
 * the program loads, also one that prints its help.
 */
const browser = { first: new Set(), later: new Set() };
const help = new Set();
/** And one that finds its results, which measures nothing. */
const kept = new Set();
const findModules = {
  name: "find-modules",
  buildEnd() {
    const find = (end) => [...this.getModuleIds()].filter((id) => id.replaceAll("\\", "/").endsWith(end));
    const walk = (start, found) => {
      const waiting = [...start];
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        if (found.has(id) || browser.first.has(id)) continue;
        found.add(id);
        waiting.push(...(this.getModuleInfo(id)?.importedIds ?? []));
      }
    };
    walk(
      [
        ...find("/src/cli/run.ts"),
        ...find("/src/cli/commands/compare.ts"),
        ...find("/src/source/hub/settings.ts"),
      ],
      help,
    );
    walk(
      [
        ...find("/src/cli/context.ts"),
        ...find("/src/api/documents.ts"),
        ...find("/src/render/report.ts"),
        ...find("/src/render/table.ts"),
      ],
      kept,
    );
    walk(find("/src/browser.ts"), browser.first);
    for (let before = -1; before < browser.later.size;) {
      before = browser.later.size;
      for (const id of [...browser.first, ...browser.later])
        walk(this.getModuleInfo(id)?.dynamicallyImportedIds ?? [], browser.later);
    }
  },
};

/** The parts that a browser loads later, by their places. */
const LATER = [
  ["formats", /[\\/]src[\\/](?:format|model[\\/]packing)[\\/]/],
  ["catalog", /[\\/]src[\\/](?:source[\\/]catalog[\\/]|model[\\/]summary|api[\\/](?:gate|base-parameters))/],
  ["cached", /[\\/]src[\\/]source[\\/](?:cache[\\/]record|hub[\\/]commit)/],
  ["listings", /[\\/]src[\\/]source[\\/]|huggingface[\\/]hub/],
  ["memory", /[\\/]src[\\/](?:memory|budget)[\\/]/],
  ["schemes", /[\\/]src[\\/](?:quant[\\/]|api[\\/]explain)/],
];

const bundle = await rolldown({
  input: { main: "src/main.ts", index: "src/index.ts", browser: "src/browser.ts" },
  platform: "node",
  preserveEntrySignatures: "allow-extension",
  optimization: { inlineConst: true },
  // Its hashes, which no run needs.
  treeshake: { moduleSideEffects: [{ test: /node_modules[\\/]@huggingface[\\/]/, sideEffects: false }] },
  plugins: [stateBuild, getBuiltins, dropUncalled, findModules],
  // The same as for Node.js, without its disk.
  resolve: { alias: { "@huggingface/hub": resolve("node_modules/@huggingface/hub/dist/browser/index.mjs") } },
});
const { output } = await bundle.write({
  dir: OUT,
  format: "esm",
  minify: { compress: true, mangle: true, codegen: true },
  codeSplitting: {
    // Small files that most commands share: a few chunks instead of dozens.
    groups: [
      // What every run loads, and what a browser shares with the short ones.
      {
        name: "base",
        test: (id) =>
          /src\/(?:errors|notes|contract\/(?:version|terms|json|json-path|unknown)\.)/.test(id) ||
          ((help.has(id) || kept.has(id)) && browser.first.has(id)),
        priority: 4,
      },
      { name: "runtimes", test: (id) => help.has(id) && browser.later.has(id), priority: 3 },
      // The rooms, which the program and a browser share: a run that finds its results needs none.
      { name: "rooms", test: (id) => browser.first.has(id), priority: 2 },
      ...LATER.map(([name, place]) => ({
        name,
        test: (id) => browser.later.has(id) && place.test(id),
        priority: 2,
      })),
      { name: "program", test: (id) => help.has(id), priority: 2 },
      { name: "text", test: /src\/(?:render\/(?!table|comparison|render)|api\/exit-code)/, minShareCount: 2 },
      {
        // Where every model comes from, and what is for some runs only and too small for a file of its own.
        name: "sources",
        test: /src\/(?:cli\/context|api\/documents|(?:files|source)\/(?!catalog|code-tree|config-|hub\/hub-repository)|contract\/json-keys|budget\/pattern)/,
        priority: 1,
      },
      {
        // The program, the library and `check` each load a part of it. What it imports stays where it is.
        name: "find",
        test: /src\/(?:(?:api|render|cli\/commands)\/find\.|api\/published|format\/packages\/published-forms|source\/hub\/derivatives)/,
        priority: 5,
        includeDependenciesRecursively: false,
      },
      // `check` and `init` load all, `fit` the rules and plans on devices.
      {
        name: "rules",
        test: /src\/(?:budget\/(?:judge|rules|budget\.|locked-load|metric|memory-metric)|memory\/(?:download|fit|machine|command|quality|recommend|vllm|training\/(?!setup)|llama-cpp\/(?:place|weight)))/,
        includeDependenciesRecursively: false,
      },
      // Devices of the config file, and the file.
      {
        name: "config",
        test: /src\/(?:budget\/(?:config|find-machine)|api\/fit\.|files\/config-)|lilconfig/,
        includeDependenciesRecursively: false,
      },
      { name: "diff", test: /src\/(?:cli\/commands\/diff|api\/diff)/ },
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
    modules
      .filter((id) => !id.startsWith("\0"))
      .map((path) => /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0]),
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
    return [`${name} ${version} (${license})\n\n${texts.join("\n\n")}\n`];
  });
  return sections.toSorted().join(`\n${"-".repeat(80)}\n\n`);
}
