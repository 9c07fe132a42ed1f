import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { openCache } from "../../../src/source/cache/cache.ts";
import { NO_CONTENTS, renderEntry, type Entry } from "../../../src/source/cache/entry.ts";
import { VERSION_FOLDER } from "../../../src/source/cache/housekeeping.ts";

const BUILD = "one";
const ENDPOINT = "https://hub.example/mirror";
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const OTHER = "fedcba9876543210fedcba9876543210fedcba98";

function entryOf(id: string, commit = COMMIT): Entry {
  const files = [{ path: "model.safetensors", bytes: 200 }];
  return { endpoint: ENDPOINT, id, commit, summary: null, baseModel: null, files };
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llm-size-cache-"));
});
const open = (endpoint = ENDPOINT) => openCache(folder, endpoint, { build: BUILD });

async function keep(entry: Entry, asked = entry.id, revision = "main"): Promise<string> {
  const cache = open();
  void cache.write(entry, NO_CONTENTS);
  cache.writeAlias(asked, revision, entry);
  await cache.flush();
  const model = entry.id.replace("/", "--").toLowerCase();
  return join(folder, VERSION_FOLDER, encodeURIComponent(ENDPOINT), model, `${entry.commit}.json.gz`);
}

describe("what was kept is found", () => {
  test.each([
    ["by branch", "acme/model", "main"],
    ["by commit", "acme/model", COMMIT],
    ["in any case", "Acme/MODEL", "main"],
  ])("%s", async (_, asked, revision) => {
    await keep(entryOf("acme/model"));
    expect(await open().find(asked, revision)).toEqual(entryOf("acme/model"));
  });

  test.each([
    ["another model", "acme/other", "main"],
    ["another branch", "acme/model", "dev"],
    ["another commit", "acme/model", OTHER],
    ["a branch that would lead elsewhere", "acme/model", "../../x"],
  ])("%s is not", async (_, asked, revision) => {
    await keep(entryOf("acme/model"));
    expect(await open().find(asked, revision)).toBeNull();
  });

  test("a name that stands for another model", async () => {
    await keep(entryOf("acme/model"), "old-name");
    expect(await open().find("old-name", "main")).toEqual(entryOf("acme/model"));
  });

  test("only of the same Hub", async () => {
    await keep(entryOf("acme/model"));
    expect(await open("https://huggingface.co").find("acme/model", "main")).toBeNull();
  });
});

describe("a file that is not as it was written", () => {
  test("cut off anywhere, or with any byte changed: nothing, or what was kept", async () => {
    const path = await keep(entryOf("acme/model"));
    const whole = readFileSync(path);
    const cache = open();
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: -1, max: 255 }), async (at, value) => {
        const spoiled = value < 0 ? whole.subarray(0, at) : Buffer.from(whole).fill(value, at, at + 1);
        writeFileSync(path, spoiled);
        const found = await cache.find("acme/model", "main");
        expect(found === null || renderEntry(found) === renderEntry(entryOf("acme/model"))).toBe(true);
      }),
      { numRuns: 300 },
    );
    await cache.flush();
  });

  test.each([
    ["of another model", renderEntry(entryOf("acme/other"))],
    ["of another commit", renderEntry(entryOf("acme/model", OTHER))],
    ["of another Hub", renderEntry({ ...entryOf("acme/model"), endpoint: "https://huggingface.co" })],
    ["of another program", '{"model":"acme/model"}'],
  ])("%s", async (_, text) => {
    const path = await keep(entryOf("acme/model"));
    writeFileSync(path, gzipSync(text));
    expect(await open().find("acme/model", "main")).toBeNull();
    await keep(entryOf("acme/model"));
    expect(gunzipSync(readFileSync(path)).toString()).toBe(renderEntry(entryOf("acme/model")));
  });

  test("a bomb is not unpacked", async () => {
    const path = await keep(entryOf("acme/model"));
    writeFileSync(path, Buffer.concat(Array<Buffer>(200).fill(gzipSync(Buffer.alloc(1_000_000)))));
    expect(await open().find("acme/model", "main")).toBeNull();
  });

  test.each(["", "acme/model", "../..\n", "a/b\nnope", `../../etc\n${COMMIT}`, `a/../b\n${COMMIT}`])(
    "a name that means %j means nothing",
    async (text) => {
      const path = await keep(entryOf("acme/model"));
      writeFileSync(join(path, "..", "@main"), text);
      expect(await open().find("acme/model", "main")).toBeNull();
    },
  );
});

describe("a disk that refuses is no failure", () => {
  test("a folder that is a file", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const lines: string[] = [];
    const cache = openCache(file, ENDPOINT, { build: BUILD, debug: (line) => lines.push(line) });
    void cache.write(entryOf("acme/model"), NO_CONTENTS);
    await cache.flush();
    expect(await cache.find("acme/model", "main")).toBeNull();
    expect(lines).toEqual([expect.stringMatching(/^cannot write the cache \((?:ENOTDIR|EEXIST)\)$/)]);
  });

  test("a folder in the place of an entry", async () => {
    const path = join(
      folder,
      VERSION_FOLDER,
      encodeURIComponent(ENDPOINT),
      "acme--model",
      `${COMMIT}.json.gz`,
    );
    mkdirSync(path, { recursive: true });
    await keep(entryOf("acme/model"));
    expect(await open().find("acme/model", "main")).toBeNull();
    expect(readdirSync(join(path, "..")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

describe("a server that sends hostile names", () => {
  const HOSTILE = [
    "a/../../../../../outside",
    "../outside",
    "..",
    "a/..",
    "a\\..\\b",
    "/outside",
    "a/b/c",
    "\ud800",
  ];

  test.each(HOSTILE)("the id %j is not written", async (id) => {
    const parent = mkdtempSync(join(tmpdir(), "llm-size-parent-"));
    folder = join(parent, "one", "two");
    const cache = open();
    void cache.write(entryOf(id), NO_CONTENTS);
    cache.writeAlias(id, "main", entryOf("acme/model"));
    await cache.flush();
    expect(readdirSync(parent, { recursive: true })).toEqual([]);
    expect(await cache.find(id, COMMIT)).toBeNull();
  });

  test("of many entries the last waits until the others are written", async () => {
    const cache = open();
    const written = Array.from({ length: 40 }, (_, index) =>
      cache.write(entryOf(`acme/model-${index}`), NO_CONTENTS),
    );
    await written.at(-1);
    expect(
      readdirSync(folder, { recursive: true }).filter((path) => String(path).endsWith(".gz")),
    ).toHaveLength(40);
  });

  test.each(["../../x", "main", `${COMMIT}/../../x`])("the commit %j is not written", async (commit) => {
    const cache = open();
    void cache.write(entryOf("acme/model", commit), NO_CONTENTS);
    await cache.flush();
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(["\ud800", "..", "a/../..", "x".repeat(4000)])(
    "the revision %j is harmless",
    async (revision) => {
      const cache = open();
      cache.writeAlias("acme/model", revision, entryOf("acme/model"));
      await cache.flush();
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) =>
        file.isFile(),
      );
      expect(files.every(({ name }) => name === "CACHEDIR.TAG" || name.startsWith("@"))).toBe(true);
    },
  );
});

test.skipIf(process.platform === "win32")("nobody else can read it, whatever the folder was", async () => {
  chmodSync(folder, 0o777);
  await keep(entryOf("acme/model"));
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  expect(paths).toHaveLength(6);
  for (const path of paths) expect(statSync(join(folder, path)).mode & 0o077, path).toBe(0);
});

describe("what was measured", () => {
  const ENTRY = entryOf("acme/model");
  const openOf = (build: string | null) => openCache(folder, ENDPOINT, { build });
  beforeEach(async () => {
    const cache = openOf(BUILD);
    await cache.keepResult(ENTRY, "fp32", { bytes: 4 });
    await cache.keepResult(ENTRY, "fp16", { bytes: 2 });
    await cache.flush();
  });

  test.each<[string, string | null, Partial<Entry>, string, object | null]>([
    ["is found", BUILD, {}, "fp32", { bytes: 4 }],
    ["is found in other settings", BUILD, {}, "fp16", { bytes: 2 }],
    ["is not found in settings of which none is kept", BUILD, {}, "int8", null],
    ["is not found by other code", "two", {}, "fp32", null],
    ["is not found by code without a build", null, {}, "fp32", null],
    ["is not found at another commit", BUILD, { commit: OTHER }, "fp32", null],
    ["is not found of another model", BUILD, { id: "acme/other" }, "fp32", null],
  ])("%s", async (_, build, changed, settings, found) => {
    expect(await openOf(build).findResult({ ...ENTRY, ...changed }, settings)).toEqual(found);
  });

  test("by other code takes its place", async () => {
    const cache = openOf("two");
    await cache.keepResult(ENTRY, "fp32", { bytes: 5 });
    await cache.flush();
    expect(await openOf("two").findResult(ENTRY, "fp32")).toEqual({ bytes: 5 });
    expect(await openOf(BUILD).findResult(ENTRY, "fp32")).toBeNull();
  });
});
