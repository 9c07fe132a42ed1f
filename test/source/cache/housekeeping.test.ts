import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { openCache } from "../../../src/source/cache/cache.ts";
import { NO_CONTENTS } from "../../../src/source/cache/entry.ts";
import { clearCache, markCache, measureCache, pruneCache } from "../../../src/source/cache/housekeeping.ts";

const ENDPOINT = "https://hub.example";
const HUB = encodeURIComponent(ENDPOINT);
const UUID = "0b8f6c3e-6f0e-4f3e-9a50-0d7f3e5b1c2d";
const HOUR_MS = 3_600_000;
const commit = (digit: number) => String(digit).repeat(40);

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "llm-size-cache-"));
  await markCache(folder);
});

function write(path: string, bytes: number, ageMs = 0): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, new Uint8Array(bytes));
  const at = new Date(Date.now() - ageMs);
  utimesSync(file, at, at);
  return file;
}
const writeEntry = (digit: number, bytes: number, ageMs = 0) =>
  write(`v6/${HUB}/acme--model-${digit}/${commit(digit)}.json.gz`, bytes, ageMs);

test("no folder is an empty cache", async () => {
  expect(await measureCache(join(folder, "none"))).toEqual({ entries: 0, bytes: 0 });
  expect(await clearCache(join(folder, "none"))).toEqual({ entries: 0, bytes: 0 });
});

describe("prune", () => {
  test("removes what was used longest ago, until the rest is within the limit", async () => {
    const [oldest, middle, newest] = [3, 2, 1].map((age) => writeEntry(age, 100, age * HOUR_MS));
    expect(await pruneCache(folder, 200)).toEqual({ entries: 1, bytes: 100 });
    expect([oldest, middle, newest].map((path) => existsSync(path ?? ""))).toEqual([false, true, true]);
    expect(existsSync(dirname(oldest ?? ""))).toBe(false); // an empty folder goes with it
  });

  test.each([
    [299, 1],
    [300, 0],
    [0, 3],
  ])("to %i bytes removes %i of three", async (maxBytes, entries) => {
    for (const digit of [1, 2, 3]) writeEntry(digit, 100);
    expect(await pruneCache(folder, maxBytes)).toMatchObject({ entries });
  });

  test("what an hour ago was being written, also by a clock that was ahead; never what is being written now", async () => {
    const draft = (name: string, ageMs: number) =>
      write(`v6/${HUB}/acme--model/${name}.${UUID}.tmp`, 10, ageMs);
    const [stale, ofTheFuture, fresh] = [
      draft(`${commit(1)}.json.gz`, 2 * HOUR_MS),
      draft("@main", -2 * HOUR_MS),
      draft("@dev", 0),
    ];
    await pruneCache(folder, 1000);
    expect([stale, ofTheFuture, fresh].map(existsSync)).toEqual([false, false, true]);
  });

  test("what another version wrote", async () => {
    write(`v0/${HUB}/acme--model/${commit(1)}.json.gz`, 10);
    copyFileSync(join(folder, "v6", "CACHEDIR.TAG"), join(folder, "v0", "CACHEDIR.TAG"));
    await pruneCache(folder, 1000);
    expect(existsSync(join(folder, "v0"))).toBe(false);
  });

  test("a reader keeps what it reads", async () => {
    const cache = openCache(folder, ENDPOINT, { build: null });
    const entry = { endpoint: ENDPOINT, summary: null, baseModel: null, files: [] };
    for (const digit of [1, 2])
      cache.write({ ...entry, id: `acme/model-${digit}`, commit: commit(digit) }, NO_CONTENTS);
    await cache.flush();
    const long = new Date(Date.now() - HOUR_MS);
    const path = (digit: number) =>
      join(folder, "v6", HUB, `acme--model-${digit}`, `${commit(digit)}.json.gz`);
    for (const digit of [1, 2]) utimesSync(path(digit), long, long);
    await cache.read("acme/model-1", commit(1));
    await cache.flush();
    await pruneCache(folder, (await measureCache(folder)).bytes - 1);
    expect([1, 2].map((digit) => existsSync(path(digit)))).toEqual([true, false]);
  });
});

test("a run that writes keeps the cache within its limit", async () => {
  const entry = { endpoint: ENDPOINT, summary: null, baseModel: null, files: [] };
  for (let digit = 0; digit < 10; digit++) {
    const cache = openCache(folder, ENDPOINT, { maxBytes: 500, build: null });
    cache.write({ ...entry, id: `acme/model-${digit}`, commit: commit(digit) }, NO_CONTENTS);
    await cache.flush();
  }
  const { entries, bytes } = await measureCache(folder);
  expect(bytes).toBeLessThanOrEqual(500);
  expect(entries).toBeGreaterThan(1);
});

test("clear leaves nothing, not even its mark", async () => {
  writeEntry(1, 10);
  write(`v6/${HUB}/acme--model-1/@refs%2Fpr%2F1`, 10);
  expect(await clearCache(folder)).toEqual({ entries: 1, bytes: 20 });
  expect(existsSync(folder)).toBe(false);
});

describe("nothing of others is ever removed", () => {
  const expectLeft = async (paths: readonly string[]) => {
    await clearCache(folder);
    await pruneCache(folder, 0);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  };

  test("files of other names", async () => {
    const others = [
      "notes.txt",
      `v6/${HUB}/acme--model/notes.txt`,
      `v6/${HUB}/acme--model/deadbeef.json.gz`,
      `v6/${HUB}/acme--model/draft.tmp`,
      `v6/${HUB}/acme--model/draft.${UUID}.tmp`,
      `v6/${HUB}/acme--model/@angular cli`,
      `v6/${HUB}/acme--model/deep/${commit(1)}.json.gz`,
      `v6/hub/acme--model/${commit(1)}.json.gz`,
      "src/hub/acme--model/@main",
      "v6/readme.md",
    ].map((path) => write(path, 10, 9 * HOUR_MS));
    writeEntry(1, 10);
    expect(await clearCache(folder)).toEqual({ entries: 1, bytes: 10 });
    await expectLeft(others);
  });

  test.each<[string, (mark: string) => void]>([
    ["without our mark", (mark) => rmSync(mark)],
    [
      "with the mark of another program",
      (mark) => writeFileSync(mark, "Signature: 8a477f597d28d172789f06886806bc55"),
    ],
    [
      "with a mark that is a link",
      (mark) => (renameSync(mark, join(folder, "mark")), symlinkSync(join(folder, "mark"), mark)),
    ],
  ])("a folder %s", async (_, spoil) => {
    const entry = writeEntry(1, 10);
    spoil(join(folder, "v6", "CACHEDIR.TAG"));
    await expectLeft([entry]);
  });

  test.each(["v6", `v6/${HUB}`, `v6/${HUB}/acme--model-1`, `v6/${HUB}/acme--model-1/${commit(1)}.json.gz`])(
    "what the link %s leads to",
    async (path) => {
      const entry = writeEntry(1, 10);
      const elsewhere = join(mkdtempSync(join(tmpdir(), "llm-size-other-")), "moved");
      renameSync(join(folder, path), elsewhere);
      symlinkSync(elsewhere, join(folder, path));
      await expectLeft([entry, elsewhere]);
    },
  );
});
