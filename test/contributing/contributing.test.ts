/** The code that CONTRIBUTING.md shows is the code that runs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isUnknown } from "../../src/contract/unknown.ts";
import { buildConfig } from "../../src/format/config.ts";
import { findDevice } from "../../src/budget/find-device.ts";
import { inferKvCacheLayers } from "../../src/memory/kv-cache-layers.ts";
import { findArchitecture } from "../../src/model/architectures.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const squeeze = (text: string) => text.replace(/^\s+/gm, "");

const blocks = [...read("CONTRIBUTING.md").matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = ""]) => code);
const sources = [
  ...readdirSync(join(ROOT, "test/contributing")).map((name) => `test/contributing/${name}`),
  "src/model/architectures/causal.ts",
  "src/memory/devices.ts",
  "src/format/packages/package-formats.ts",
].map((path) => squeeze(read(path)));

test.each(blocks)("%s", (code) => {
  expect(sources.some((source) => source.includes(squeeze(code)))).toBe(true);
});

test("it shows an architecture, a scheme, a packing, a package format and a device", () =>
  expect(blocks).toHaveLength(5));

test("every file and folder it names exists", () => {
  for (const [, path = ""] of read("CONTRIBUTING.md").matchAll(/`((?:src|test|fixtures)\/[\w./-]+)`/g))
    expect(() => (path.endsWith("/") ? readdirSync(join(ROOT, path)) : read(path))).not.toThrow();
});

/** The dimensions of CohereLabs/c4ai-command-r7b-12-2024. */
const COMMAND_R7B = {
  model_type: "cohere2",
  num_hidden_layers: 32,
  hidden_size: 4096,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  sliding_window: 4096,
};

test("the row of an architecture decides ties and layers", () => {
  expect(findArchitecture("cohere2")).toMatchObject({ role: "causal", tied: true });
  const cache = inferKvCacheLayers(buildConfig(COMMAND_R7B));
  const kinds = isUnknown(cache) ? [] : cache.layers.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === "slidingWindow")).toHaveLength(24);
  expect(kinds.filter((kind) => kind === "full")).toHaveLength(8);
});

test("the row of a device is found by its id", () => {
  expect(findDevice("galaxy-s24", []).limitBytes).toBe(8 * 2 ** 30);
});
