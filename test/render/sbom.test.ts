import { JsonStrictValidator } from "@cyclonedx/cyclonedx-library/Validation";
import { Version } from "@cyclonedx/cyclonedx-library/Spec";
import { expect, test } from "vitest";
import type { CodeDownload, ScanReport } from "../../src/contract/types.ts";
import { renderSbom } from "../../src/render/sbom.ts";
import { GEMMA_2B } from "../budget/subjects.ts";

const SHA = "ab".repeat(32);
const COMMIT = "c".repeat(40);

function download(more: Partial<CodeDownload>): CodeDownload {
  return {
    reference: "google/gemma-2b",
    registry: "hub",
    id: "google/gemma-2b",
    revision: null,
    file: null,
    label: null,
    quantization: null,
    loads: "weights",
    bytes: 10,
    basis: "published",
    reason: null,
    files: [{ path: "model.safetensors", bytes: 10, sha256: SHA }],
    places: [
      { path: "a.py", line: 3, column: 1 },
      { path: "b.py", line: 7, column: 5 },
    ],
    ...more,
  };
}

const report = (...downloads: CodeDownload[]): ScanReport => ({
  schemaVersion: 1,
  generator: { name: "llm-size", version: "0.1.0" },
  files: 2,
  skipped: [],
  finds: [],
  downloads,
  models: [{ ...GEMMA_2B, reference: "google/gemma-2b", id: "google/gemma-2b", revision: COMMIT }],
  failures: [],
});

interface Bom {
  components: Record<string, unknown>[];
}
const parse = (text: string) => JSON.parse(text) as Bom;

test("a model has its commit, its files with their sizes and hashes, and its places", () => {
  const hashes = [{ alg: "SHA-256", content: SHA }];
  expect(parse(renderSbom(report(download({})))).components).toMatchObject([
    {
      type: "machine-learning-model",
      group: "google",
      name: "gemma-2b",
      version: COMMIT,
      purl: `pkg:huggingface/google/gemma-2b@${COMMIT}`,
      hashes,
      components: [
        {
          type: "file",
          name: "model.safetensors",
          hashes,
          properties: [{ name: "llm-size:bytes", value: "10" }],
        },
      ],
      modelCard: { modelParameters: { modelArchitecture: "GemmaForCausalLM" } },
      evidence: {
        occurrences: [
          { location: "a.py", line: 3 },
          { location: "b.py", line: 7 },
        ],
      },
    },
  ]);
});

test("a model of several files has the hash of each, and none of its own", () => {
  const files = ["a", "b"].map((path) => ({ path, bytes: 5, sha256: SHA }));
  const [model] = parse(renderSbom(report(download({ files })))).components;
  expect(model).not.toHaveProperty("hashes");
  expect(model?.["components"]).toHaveLength(2);
});

test.each<[name: string, downloads: CodeDownload[]]>([
  ["nothing", []],
  ["a model in two forms", [download({}), download({ quantization: "onnx:q8" })]],
  [
    "a model that could not be measured",
    [download({ reference: "a/b", id: "a/b", bytes: null, basis: null, reason: "not found", files: [] })],
  ],
  [
    "a model of Ollama",
    [download({ reference: "ollama:qwen3:0.6b", registry: "ollama", id: "qwen3:0.6b", files: [] })],
  ],
  [
    "a file at an address",
    [
      download({
        reference: "https://example.org/a b.task",
        registry: "web",
        id: "https://example.org/a b.task",
        files: [],
      }),
    ],
  ],
  [
    "names that need escapes",
    [
      download({
        reference: 'a/ü"\u0007',
        id: 'a/ü"\u0007',
        files: [{ path: "ü\n", bytes: 1, sha256: null }],
      }),
    ],
  ],
])("%s is valid CycloneDX 1.6", async (_, downloads) => {
  const error = await new JsonStrictValidator(Version.v1dot6).validate(renderSbom(report(...downloads)));
  expect(error).toBeNull();
});
