import { existsSync, mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { openCache } from "../../../src/source/cache/cache.ts";
import { clearCache, measureCache, pruneCache } from "../../../src/source/cache/housekeeping.ts";

const HOUR_MS = 3_600_000;
const commit = (digit: number) => String(digit).repeat(40);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llm-size-cache-"));
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
  write(`v3/hub/acme--model-${digit}/${commit(digit)}.json.gz`, bytes, ageMs);

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
    const draft = (name: string, ageMs: number) => write(`v3/hub/acme--model/${name}.tmp`, 10, ageMs);
    const [stale, ofTheFuture, fresh] = [draft("a", 2 * HOUR_MS), draft("b", -2 * HOUR_MS), draft("c", 0)];
    await pruneCache(folder, 1000);
    expect([stale, ofTheFuture, fresh].map(existsSync)).toEqual([false, false, true]);
  });

  test("what another version wrote", async () => {
    const old = write(`v0/hub/acme--model/${commit(1)}.json.gz`, 10);
    await pruneCache(folder, 1000);
    expect(existsSync(old)).toBe(false);
  });

  test("a reader keeps what it reads", async () => {
    const cache = openCache(folder, "hub", {});
    const entry = { endpoint: "hub", summary: null, files: [], texts: new Map(), headers: new Map() };
    for (const digit of [1, 2]) cache.write({ ...entry, id: `acme/model-${digit}`, commit: commit(digit) });
    await cache.flush();
    const long = new Date(Date.now() - HOUR_MS);
    const path = (digit: number) =>
      join(folder, "v3", "hub", `acme--model-${digit}`, `${commit(digit)}.json.gz`);
    for (const digit of [1, 2]) utimesSync(path(digit), long, long);
    await cache.read("acme/model-1", commit(1));
    await cache.flush();
    await pruneCache(folder, (await measureCache(folder)).bytes - 1);
    expect([1, 2].map((digit) => existsSync(path(digit)))).toEqual([true, false]);
  });
});

test("a run that writes keeps the cache within its limit", async () => {
  const entry = { endpoint: "hub", summary: null, files: [], texts: new Map(), headers: new Map() };
  for (let digit = 0; digit < 10; digit++) {
    const cache = openCache(folder, "hub", { maxBytes: 500 });
    cache.write({ ...entry, id: `acme/model-${digit}`, commit: commit(digit) });
    await cache.flush();
  }
  const { entries, bytes } = await measureCache(folder);
  expect(bytes).toBeLessThanOrEqual(500);
  expect(entries).toBeGreaterThan(1);
});

test("nothing of others is ever removed", async () => {
  const others = [
    "notes.txt",
    "v3/hub/acme--model/notes.txt",
    "v3/hub/acme--model/deadbeef.json.gz",
    "src/hub/acme--model/@main",
    "v3/readme.md",
  ].map((path) => write(path, 10, 9 * HOUR_MS));
  writeEntry(1, 10);
  expect(await clearCache(folder)).toEqual({ entries: 1, bytes: 10 });
  await pruneCache(folder, 0);
  expect(others.map(existsSync)).toEqual(others.map(() => true));
  expect(readdirSync(join(folder, "v3", "hub"))).toEqual(["acme--model"]);
});
