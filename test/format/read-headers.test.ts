import { expect, test } from "vitest";
import { LlmSizeError } from "../../src/errors.ts";
import type { PackagePart } from "../../src/format/packages/package-part.ts";
import type { PackageFormatName } from "../../src/format/packages/format-names.ts";
import { isReadable, readPart } from "../../src/format/read-headers.ts";
import type { Repository } from "../../src/source/repository.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { repositoryOf } from "../source/repositories.ts";

/** A safetensors file of one tensor, data and all. */
function file(name: string, elements = 4): Uint8Array {
  const { head, size } = buildSafetensors([[name, [elements], "F32"]]);
  const bytes = new Uint8Array(size);
  bytes.set(head);
  return bytes;
}

function partOf(files: Repository["files"], format: PackageFormatName = "safetensors"): PackagePart {
  return { folder: "", name: "", format, files, index: null, header: null };
}

test("tensors come in the order of the files, and each file is told of", async () => {
  const repository = repositoryOf({
    "a.safetensors": file("a"),
    "b.safetensors": file("b"),
    "c.safetensors": file("c"),
  });
  let read = 0;
  const { tensors, config } = await readPart(repository, partOf(repository.files), () => void read++);
  expect(tensors.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  expect(config).toBeNull();
  expect(read).toBe(3);
});

test("one range a file, none longer than the file", async () => {
  const repository = repositoryOf({ "a.safetensors": file("a"), "b.safetensors": file("b", 10_000) });
  await readPart(repository, partOf(repository.files), () => {});
  expect(repository.ranges).toEqual([`a.safetensors 0-${file("a").length}`, "b.safetensors 0-32000"]);
});

test.each([
  ["an empty file", new Uint8Array()],
  ["a pointer", new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\n")],
  ["a file cut short", file("a").slice(0, -1)],
])("%s is malformed, and named", async (_what, bytes) => {
  const repository = repositoryOf({ "good.safetensors": file("a"), "bad.safetensors": bytes });
  await expect(readPart(repository, partOf(repository.files), () => {})).rejects.toMatchObject({
    name: "MalformedError",
    path: "bad.safetensors",
  });
});

test("other failures pass as they are", async () => {
  const failed = new LlmSizeError("HUB_FAILED", { host: "x", status: 503, what: "a" });
  const repository = repositoryOf({ "a.safetensors": failed });
  await expect(readPart(repository, partOf(repository.files), () => {})).rejects.toBe(failed);
});

test("more than a million tensors are refused", async () => {
  const repository = repositoryOf({ "a.safetensors": file("a"), "b.safetensors": file("b") });
  const tensor = { name: "a", shape: [1], dtype: "F32", bytes: 4 };
  const header = { tensors: Array.from({ length: 500_001 }, () => tensor), config: null };
  const cached = {
    results: { find: async () => null, async keep() {} },
    text: async () => undefined,
    header: async () => header,
    addText() {},
    addHeader() {},
    async save() {},
  };
  const read = readPart({ ...repository, cached }, partOf(repository.files), () => {});
  await expect(read).rejects.toThrow("its files have more than 1000000 tensors");
});

test("what can be read", () => {
  expect(isReadable(partOf([]))).toBe(true);
  expect(isReadable(partOf([], "coreml"))).toBe(false);
});
