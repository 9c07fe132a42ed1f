import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openLocalRepository } from "../../../src/source/local.ts";

const LLAMA = "manifests/registry.ollama.ai/library/llama3.2/1b";
const digestOf = (letter: string) => letter.repeat(64);

/** A store with one manifest per name; each model has weights of `bytes` and a license. */
function makeStore(models: Readonly<Record<string, number>>): string {
  const store = mkdtempSync(join(tmpdir(), "llm-size-ollama-"));
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(store, path)), { recursive: true });
    writeFileSync(join(store, path), content);
  };
  write(`blobs/sha256-${digestOf("a")}`, "GGUF and more");
  write(`blobs/sha256-${digestOf("b")}`, "MIT");
  for (const [path, bytes] of Object.entries(models))
    write(
      path,
      JSON.stringify({
        schemaVersion: 2,
        config: { digest: `sha256:${digestOf("c")}`, size: 485 },
        layers: [layer("model", "a", bytes), layer("license", "b", 3)],
      }),
    );
  return store;
}

function layer(kind: string, letter: string, size: number) {
  return { mediaType: `application/vnd.ollama.image.${kind}`, digest: `sha256:${digestOf(letter)}`, size };
}

const FILES = [
  { path: "model.gguf", bytes: 13, hash: digestOf("a") },
  { path: "LICENSE", bytes: 3, hash: digestOf("b") },
  { path: "manifest-config.json", bytes: 485, hash: digestOf("c") },
];

test("a store with one model is that model, by the names of its layers", async () => {
  const store = makeStore({ [LLAMA]: 13 });
  const { files, readRange, readText } = await openLocalRepository("store", store);
  expect(files).toEqual(FILES);
  expect(new TextDecoder().decode(await readRange({ path: "model.gguf", bytes: 13 }, 0, 4))).toBe("GGUF");
  expect(await readText("LICENSE", 100)).toBe("MIT");
});

test("a manifest is named by its path", async () => {
  const store = makeStore({ [LLAMA]: 13, "manifests/hf.co/org/name/Q4_0": 99 });
  expect(await openLocalRepository("x", join(store, LLAMA))).toMatchObject({ files: FILES, file: null });
});

test("of several models the manifests are named", async () => {
  const store = makeStore({ [LLAMA]: 13, "manifests/hf.co/org/name/Q4_0": 99 });
  await expect(openLocalRepository("store", store)).rejects.toMatchObject({
    code: "SEVERAL_MODELS",
    message: expect.stringContaining(LLAMA),
    hint: expect.stringContaining("store/manifests/"),
  });
});

test.each([
  ["a digest that leads out of the store", { ...layer("model", "a", 1), digest: "sha256:../../etc/passwd" }],
  ["a size that is none", layer("model", "a", -1)],
])("%s is no manifest", async (_, bad) => {
  const store = makeStore({ [LLAMA]: 13 });
  writeFileSync(join(store, LLAMA), JSON.stringify({ schemaVersion: 2, layers: [bad] }));
  const { file } = await openLocalRepository("x", join(store, LLAMA));
  expect(file).toBe("1b");
});
