/** The walls of the house hold: a violation planted in a copy of the rooms is refused by the linter's own rules. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Lint files in an otherwise empty copy of the house; return the rules that each file breaks. One run for all tests. */
function lint(files: Readonly<Record<string, string>>): Record<string, string[]> {
  const house = mkdtempSync(join(tmpdir(), "llm-size-house-"));
  cpSync(join(ROOT, ".oxlintrc.json"), join(house, ".oxlintrc.json"));
  symlinkSync(join(ROOT, "node_modules"), join(house, "node_modules"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), text);
  }
  const oxlint = join(ROOT, "node_modules/oxlint/bin/oxlint");
  const words = [oxlint, "--format", "json", "src"];
  const { stdout } = spawnSync(process.execPath, words, { cwd: house, encoding: "utf8" });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  const broken: Record<string, string[]> = {};
  for (const { code, filename } of diagnostics) (broken[filename] ??= []).push(code);
  return broken;
}

/** From the top of the house to the ground: a room may import those after it. */
const ROOMS = "cli api render budget reduce scan memory quant model format source files".split(" ");
const PURE = "render budget reduce scan memory quant model format contract".split(" ");
const UP = ["eslint(no-restricted-imports)"];

const pairs = ROOMS.flatMap((room, index) => ROOMS.slice(index + 1).map((below) => [room, below] as const));
const importing = (path: string) => `import { value } from "${path}";\nexport const twice = 2 * value;\n`;
const imports = {
  ...Object.fromEntries(
    [...ROOMS, "contract"].map((room) => [`src/${room}/value.ts`, "export const value = 1;\n"]),
  ),
  ...Object.fromEntries(
    pairs.flatMap(([room, below]) => [
      [`src/${room}/down-to-${below}.ts`, importing(`../${below}/value.ts`)],
      [`src/${below}/up-to-${room}.ts`, importing(`../${room}/value.ts`)],
    ]),
  ),
  ...Object.fromEntries(
    ROOMS.flatMap((room) => [
      [`src/${room}/down-to-contract.ts`, importing("../contract/value.ts")],
      [`src/contract/up-to-${room}.ts`, importing(`../${room}/value.ts`)],
    ]),
  ),
  "src/render/text.ts": "export type Text = string;\n",
  "src/quant/gguf/type.ts": 'import type { Text } from "../../render/text.ts";\nexport type Other = Text;\n',
};

const cycles = Object.fromEntries(
  ["import", "import type"].flatMap((kind) => {
    const [a, b] = [`${kind}-a`, `${kind}-b`].map((name) => name.replace(" ", "-"));
    return [
      [`src/model/${a}.ts`, `${kind} { B } from "./${b}.ts";\nexport class A {\n  b: B | null = null;\n}\n`],
      [`src/model/${b}.ts`, `${kind} { A } from "./${a}.ts";\nexport class B {\n  a: A | null = null;\n}\n`],
    ];
  }),
);

const IMPURITIES = {
  "node-module": 'import { readFileSync } from "node:fs";\nexport const read = readFileSync;\n',
  fetch: 'export const answer = fetch("https://huggingface.co");\n',
  process: "export const words = process.argv;\n",
  timer: "export const timer = setTimeout(String, 1);\n",
  buffer: "export const bytes = Buffer.alloc(1);\n",
  print: "export const print = () => console.log(1);\n",
};
const impure = Object.fromEntries(
  [...PURE, "source"].flatMap((room) =>
    Object.entries(IMPURITIES).map(([name, text]) => [`src/${room}/${name}.ts`, text]),
  ),
);

const broken = lint({ ...imports, ...cycles, ...impure });

test("every folder of src is a room", () => {
  const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(folders.map(({ name }) => name).toSorted()).toEqual([...ROOMS, "contract"].toSorted());
});

test("at the root of src stand only the program, the libraries, their errors and notes", () => {
  const files = readdirSync(join(ROOT, "src")).filter((name) => name.endsWith(".ts"));
  expect(files.toSorted()).toEqual(["browser.ts", "errors.ts", "index.ts", "main.ts", "notes.ts"]);
});

describe("imports point down", () => {
  test.each(pairs)("%s may import %s, and not the other way round", (room, below) => {
    expect(broken[`src/${room}/down-to-${below}.ts`]).toBeUndefined();
    expect(broken[`src/${below}/up-to-${room}.ts`]).toEqual(UP);
  });

  test.each(ROOMS)("%s may import contract, and not the other way round", (room) => {
    expect(broken[`src/${room}/down-to-contract.ts`]).toBeUndefined();
    expect(broken[`src/contract/up-to-${room}.ts`]).toEqual(UP);
  });

  test("a type is an import too", () => {
    expect(broken["src/quant/gguf/type.ts"]).toEqual(UP);
  });
});

test.each(["import", "import-type"])("two files that import each other are refused (%s)", (kind) => {
  expect(broken[`src/model/${kind}-a.ts`]).toContain("import(no-cycle)");
});

describe("pure rooms", () => {
  test.each(PURE)("%s touches neither disk nor network, process nor clock", (room) => {
    for (const name of Object.keys(IMPURITIES)) expect(broken[`src/${room}/${name}.ts`]).toHaveLength(1);
  });

  test("source may use node, and is not given the process either", () => {
    expect(broken["src/source/node-module.ts"]).toBeUndefined();
    expect(broken["src/source/process.ts"]).toEqual(["eslint(no-restricted-globals)"]);
  });
});
