import { linkSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findOnDisk, openLocalRepository } from "../../src/source/local.ts";

const LLAMA = "fixtures/checkpoints/llama";

/** A folder of these files. */
function makeFolder(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "llm-size-local-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

async function list(root: string): Promise<string[]> {
  const { files } = await openLocalRepository("typed", root);
  return files.map(({ path }) => path).toSorted();
}

describe("a folder", () => {
  test("is a repository without a revision, under the name that was typed", async () => {
    expect(await openLocalRepository("./llama/", LLAMA)).toMatchObject({
      id: "./llama/",
      revision: null,
      source: "local",
      file: null,
      summary: null,
      notes: [],
    });
  });

  test("lists its files and their sizes", async () => {
    const { files } = await openLocalRepository("x", LLAMA);
    expect(files.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: "config.json", bytes: 714 },
      { path: "generation_config.json", bytes: 195 },
      { path: "model.safetensors", bytes: 109_248 },
    ]);
  });

  test("eight levels deep; neither hidden files nor node_modules", async () => {
    const root = makeFolder({
      "a/b/c/d/e/f/g/h/eight.txt": "",
      "a/b/c/d/e/f/g/h/i/nine.txt": "",
      ".git/config": "",
      ".hidden": "",
      "node_modules/x/y.txt": "",
      "top.txt": "",
    });
    expect(await list(root)).toEqual(["a/b/c/d/e/f/g/h/eight.txt", "top.txt"]);
  });

  test("follows links as the cache of the Hub has them, but not in circles", async () => {
    const root = makeFolder({ "blobs/sha": "12345" });
    const snapshot = join(root, "snapshots");
    mkdirSync(snapshot);
    symlinkSync(join(root, "blobs/sha"), join(snapshot, "model.safetensors"));
    symlinkSync(snapshot, join(snapshot, "again"));
    symlinkSync(join(root, "absent"), join(snapshot, "broken.bin"));
    expect((await openLocalRepository("x", snapshot)).files).toEqual([
      { path: "model.safetensors", bytes: 5 },
    ]);
  });

  test("a pointer of Git LFS has the size of its file", async () => {
    const oid = "0".repeat(64);
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 5012363872\n`;
    const root = makeFolder({ "model.safetensors": pointer, "notes.txt": pointer });
    expect((await openLocalRepository("x", root)).files).toEqual([
      { path: "model.safetensors", bytes: 5_012_363_872, isLfsPointer: true },
      { path: "notes.txt", bytes: pointer.length },
    ]);
  });

  test("more files than are searched are said to be so, those of small folders first", async () => {
    const root = makeFolder({
      "samples/0.txt": "",
      "unet/model.safetensors": "",
      "vae/model.safetensors": "",
    });
    // A name more is made in a third of the time of a file.
    for (let index = 1; index <= 20_000; index++)
      linkSync(join(root, "samples/0.txt"), join(root, `samples/${index}.txt`));
    const { files, isListingCut } = await openLocalRepository("x", root);
    expect(isListingCut).toBe(true);
    expect(files.map(({ path }) => path)).toContain("unet/model.safetensors");
  });

  // Other systems refuse such a name.
  test.skipIf(process.platform !== "linux")(
    "a name that is not UTF-8 may be any weights: a doubt",
    async () => {
      const root = makeFolder({ "model.safetensors": "", "name of \ufffd.txt": "" });
      expect(await openLocalRepository("x", root)).toMatchObject({ isListingCut: false });
      // A lone surrogate, as some tools encode it, and a byte of Latin-1.
      for (const bytes of [[0xed, 0xa0, 0x80], [0xe9]]) {
        const other = makeFolder({ "model.safetensors": "" });
        writeFileSync(Buffer.concat([Buffer.from(`${other}/model`), Uint8Array.from(bytes)]), "weights");
        expect(await openLocalRepository("x", other)).toMatchObject({
          isListingCut: true,
          files: [{ path: "model.safetensors" }],
        });
      }
    },
  );

  const [A, B] = ["a".repeat(40), "b".repeat(40)];
  const inCache = (name: string, ...commits: readonly string[]) => ({
    [`${name}/refs/main`]: commits[0] ?? "",
    [`${name}/blobs/${"0".repeat(64)}`]: "weights",
    ...Object.fromEntries(
      commits.map((commit) => [`${name}/snapshots/${commit}/${commit[0]}.gguf`, "weights"]),
    ),
  });

  test.each([
    ["a model of the Hub's cache: main", inCache("m", B, A), "m", ["b.gguf"]],
    ["its snapshots: main", inCache("m", B, A), "m/snapshots", ["b.gguf"]],
    ["one snapshot", inCache("m", B, A), `m/snapshots/${A}`, ["a.gguf"]],
    [
      "without refs, the only snapshot",
      { [`m/snapshots/${A}/a.gguf`]: "", "m/blobs/0": "" },
      "m",
      ["a.gguf"],
    ],
    ["a cache with one model", inCache("hub/models--org--name", A), "hub", ["a.gguf"]],
    ["what is around it", inCache("hub/models--org--name", A), ".", ["a.gguf"]],
  ] as const)("%s", async (_, files, path, expected) => {
    expect(await list(join(makeFolder(files), path))).toEqual(expected);
  });

  test.each([
    [
      "two snapshots and no ref",
      { ...inCache("m", A, B), "m/refs/main": "" },
      "m",
      [`snapshots/${A}`, `snapshots/${B}`],
    ],
    [
      "the Hub's cache",
      { ...inCache("models--a--b", A), ...inCache("models--c--d", B, A), "datasets--e--f/refs/main": A },
      ".",
      ["models--a--b", "models--c--d"],
    ],
  ] as const)("%s: the candidates are named", async (_, files, path, expected) => {
    const error = await openLocalRepository("x", join(makeFolder(files), path)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: "SEVERAL_MODELS",
      context: { candidates: expected.map((name) => ({ path: name, bytes: 7 })) },
    });
  });

  test("may be empty", async () => {
    expect(await list(makeFolder({}))).toEqual([]);
  });
});

test("a file is named among those that lie next to it", async () => {
  const repository = await openLocalRepository("m", `${LLAMA}/model.safetensors`);
  expect(repository.files).toContainEqual({ path: "model.safetensors", bytes: 109_248 });
  expect(repository.files).toContainEqual({ path: "config.json", bytes: 714 });
  expect(repository.file).toBe("model.safetensors");
  expect(await repository.readText("config.json", 1_000)).toBe(readFileSync(`${LLAMA}/config.json`, "utf8"));
});

describe("reading", () => {
  const file = { path: "model.safetensors", bytes: 109_248 };

  test("a range is exactly that", async () => {
    const repository = await openLocalRepository("x", LLAMA);
    const bytes = new Uint8Array(readFileSync(`${LLAMA}/model.safetensors`));
    expect(await repository.readRange(file, 8, 40)).toEqual(bytes.slice(8, 40));
    expect(await repository.readRange(file, 0, 0)).toHaveLength(0);
  });

  test.each([
    ["beyond the end", file, 109_000, 109_249],
    ["of a file that is gone", { path: "absent", bytes: 5 }, 0, 5],
  ])("a range %s is malformed", async (_what, listed, begin, end) => {
    const repository = await openLocalRepository("x", LLAMA);
    await expect(repository.readRange(listed, begin, end)).rejects.toMatchObject({
      code: "MALFORMED_WEIGHTS",
      context: { model: "x", path: listed.path },
    });
  });

  test.each([
    ["that is not there", "absent.json", "FILE_NOT_FOUND"],
    ["that is a folder", "folder.json", "FILE_NOT_FOUND"],
    ["that is too long", "long.json", "MALFORMED_WEIGHTS"],
  ])("a text %s", async (_what, path, code) => {
    const root = makeFolder({ "long.json": "123456", "folder.json/x": "" });
    const repository = await openLocalRepository("x", root);
    await expect(repository.readText(path, 5)).rejects.toMatchObject({ code });
  });

  test("a text of the length allowed, its byte-order mark gone", async () => {
    const repository = await openLocalRepository("x", makeFolder({ a: "\uFEFF{}" }));
    expect(await repository.readText("a", 5)).toBe("{}");
  });
});

describe("what cannot be opened says why", () => {
  test.each([
    ["./absent", /does not exist/],
    [`${LLAMA}/config.json/below`, /cannot be read \(ENOTDIR\)/],
    ["x\u0000y", /cannot be read/],
    ["x".repeat(5_000), /cannot be read \(ENAMETOOLONG\)/],
  ])("%j", async (path, reason) => {
    await expect(openLocalRepository(path, path)).rejects.toMatchObject({
      code: "PATH_NOT_FOUND",
      exitCode: 3,
    });
    await expect(openLocalRepository(path, path)).rejects.toThrow(reason);
  });

  test("neither a file nor a folder", async () => {
    await expect(openLocalRepository("x", "/dev/null")).rejects.toThrow("is neither a file nor a folder");
  });
});

test.each([
  [LLAMA, true],
  [`${LLAMA}/config.json`, false],
  ["absent", false],
  ["", false],
  ["a\u0000b", false],
])("%j is a folder: %j", async (path, expected) => {
  expect((await findOnDisk(path)) === "folder").toBe(expected);
});
