/** The Hub's own cache on this disk, laid out as huggingface_hub lays it out. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runJson } from "../program.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const weights = buildSafetensors([["model.embed_tokens.weight", [8, 4], "F32"]]);
const WEIGHTS = new Uint8Array(weights.size);
WEIGHTS.set(weights.head);

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "llm-size-hf-"));
  folder = join(home, "hub", "models--acme--tiny");
});

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** As a download leaves it: the bytes in `blobs`, links to them in the snapshot. */
function download(path: string, content: string | Uint8Array, blob = path.replaceAll("/", "-")): void {
  write(`blobs/${blob}`, content);
  const link = join(folder, "snapshots", COMMIT, path);
  mkdirSync(dirname(link), { recursive: true });
  const up = "../".repeat(path.split("/").length + 1);
  symlinkSync(`${up}blobs/${blob}`, link);
}

function downloadModel(): void {
  write("refs/main", COMMIT);
  download("config.json", '{"model_type":"llama"}');
  download("model.safetensors", WEIGHTS);
}

const measure = (reference: string, env: Record<string, string> = { HF_HOME: home }) =>
  runJson([reference, "--offline"], { env });

describe("a model that was downloaded is measured offline, and said to be", () => {
  const expected = { id: "acme/tiny", revision: COMMIT, source: "cache", parameters: { total: 32 } };

  test.each([
    ["by name", "acme/tiny"],
    ["by branch", "acme/tiny@main"],
    ["by commit", `acme/tiny@${COMMIT}`],
    ["by pull request", "acme/tiny@refs/pr/1"],
  ])("%s", async (_, reference) => {
    downloadModel();
    write("refs/refs/pr/1", `${COMMIT}\n`);
    const { report, stderr } = await measure(reference);
    expect(report.models).toMatchObject([expected]);
    expect(stderr).toBe(
      "note: acme/tiny: figures are of the files on this disk (the Hub's cache, commit 0123456)\n",
    );
  });

  test.each(["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"])("where %s says", async (name) => {
    downloadModel();
    const { report } = await measure("acme/tiny", { [name]: join(home, "hub") });
    expect(report.models).toMatchObject([expected]);
  });

  test("plain files, as on Windows", async () => {
    write("refs/main", COMMIT);
    write(`snapshots/${COMMIT}/model.safetensors`, WEIGHTS);
    expect((await measure("acme/tiny")).report.models).toMatchObject([expected]);
  });

  test("also when the Hub does not answer", async () => {
    downloadModel();
    const { report } = await runJson(["acme/tiny"], { env: { HF_HOME: home } });
    expect(report.models).toMatchObject([
      {
        ...expected,
        notes: [
          {
            code: "DOWNLOAD_USED",
            message: expect.stringMatching(/^huggingface\.co cannot be reached \(ENOTFOUND\); figures are/),
          },
        ],
      },
    ]);
  });

  test("a known model comes from here before it comes from the catalog", async () => {
    folder = join(home, "hub", "models--google--gemma-2b");
    downloadModel();
    expect((await measure("gemma-2b")).report.models).toMatchObject([
      { source: "cache", parameters: { total: 32 } },
    ]);
  });
});

describe("the listing", () => {
  test("is whole where huggingface_hub kept it", async () => {
    downloadModel();
    const files = {
      "config.json": { size: 22, blob_id: "x" },
      "model.safetensors": { size: 134, blob_id: "y", lfs_size: WEIGHTS.length, lfs_sha256: "z" },
      "onnx/model.onnx": { size: 500, blob_id: "w" },
    };
    write(`trees/${COMMIT}.json`, JSON.stringify({ format_version: 1, files }));
    const [model] = (await measure("acme/tiny")).report.models;
    expect(model?.published).toMatchObject({ bytes: WEIGHTS.length, repositoryBytes: 522 + WEIGHTS.length });
  });

  test.each(["", "[]", '{"format_version":2,"files":{}}', '{"format_version":1,"files":{"a":{"size":-1}}}'])(
    "is what is on the disk where it is %j",
    async (tree) => {
      downloadModel();
      write(`trees/${COMMIT}.json`, tree);
      const [model] = (await measure("acme/tiny")).report.models;
      expect(model?.published).toMatchObject({ bytes: WEIGHTS.length, repositoryBytes: null });
    },
  );

  test("that names other weights than were downloaded: those that were", async () => {
    write("refs/main", COMMIT);
    download("model.fp16.safetensors", WEIGHTS);
    const size = WEIGHTS.length;
    const files = { "model.safetensors": { size: 2 * size }, "model.fp16.safetensors": { size } };
    write(`trees/${COMMIT}.json`, JSON.stringify({ format_version: 1, files }));
    const [model] = (await measure("acme/tiny")).report.models;
    expect(model?.published).toMatchObject({ bytes: size, repositoryBytes: 3 * size });
  });

  test("a known model of which a part was downloaded comes from the catalog", async () => {
    folder = join(home, "hub", "models--google--gemma-2b");
    write("refs/main", COMMIT);
    download("model-00001-of-00002.safetensors", WEIGHTS);
    expect((await measure("gemma-2b")).report.models).toMatchObject([{ source: "catalog" }]);
  });

  test("that names weights which were not downloaded: said, not guessed", async () => {
    write("refs/main", COMMIT);
    download("model-00001-of-00002.safetensors", WEIGHTS);
    const size = WEIGHTS.length;
    const files = {
      "model-00001-of-00002.safetensors": { size },
      "model-00002-of-00002.safetensors": { size },
    };
    write(`trees/${COMMIT}.json`, JSON.stringify({ format_version: 1, files }));
    const { report, exitCode } = await measure("acme/tiny");
    expect(report.failures).toMatchObject([
      { code: "INCOMPLETE_WEIGHTS", message: "acme/tiny is missing 1 of its weight files: shard 2 of 2" },
    ]);
    expect(exitCode).toBe(3);
  });
});

describe("what is not there is not found", () => {
  test.each<[string, () => void]>([
    ["no folder", () => {}],
    ["no reference", () => rmSync(join(folder, "refs"), { recursive: true })],
    ["a reference to nothing", () => write("refs/main", "f".repeat(40))],
    ["a reference that is no commit", () => write("refs/main", "../../../etc")],
    ["a config alone", () => rmSync(join(folder, "snapshots", COMMIT, "model.safetensors"))],
    ["a link to nothing", () => rmSync(join(folder, "blobs", "model.safetensors"))],
    [
      "a download that was broken off",
      () => {
        rmSync(join(folder, "blobs", "model.safetensors"));
        write("blobs/model.safetensors.incomplete", WEIGHTS);
      },
    ],
  ])("%s", async (name, spoil) => {
    if (name !== "no folder") downloadModel();
    spoil();
    const { report, exitCode } = await measure("acme/tiny");
    expect(report.failures).toMatchObject([{ code: "NOT_AVAILABLE_OFFLINE" }]);
    expect(exitCode).toBe(3);
  });

  test("a revision that would lead elsewhere", async () => {
    downloadModel();
    for (const revision of ["../main", "refs/../main", "a//b"])
      expect((await measure(`acme/tiny@${revision}`)).report.failures).toMatchObject([
        { code: "NOT_AVAILABLE_OFFLINE" },
      ]);
  });
});
