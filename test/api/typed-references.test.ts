/** References as people type them, and what each becomes with a Hub and without. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { measureOne } from "../../src/api/measure.ts";
import { connectSources } from "../../src/source/connect.ts";
import { parseListed } from "../../src/source/reference.ts";
import type { Sources } from "../../src/source/sources.ts";
import { writeGguf } from "../format/gguf/gguf-file.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";

const config = { content: '{"model_type":"llama","architectures":["LlamaForCausalLM"]}' };
/** A model of 4 parameters per row. */
const tensors = (rows: number) => buildSafetensors([["model.embed_tokens.weight", [rows, 4], "F32"]]);
const model = (rows: number) => ({ "config.json": config, "model.safetensors": tensors(rows) });
/** A model of 32 parameters per row. */
const gguf = (rows: number) => {
  const metadata = { "general.architecture": "llama", "general.alignment": 32 };
  const made = writeGguf({
    metadata,
    tensors: [{ name: "token_embd.weight", shape: [rows, 32], type: "F16" }],
  });
  return { head: made.header, size: made.bytes };
};

let hub: StandInHub;
const sources: Partial<Record<"online" | "offline", Sources>> = {};
beforeAll(async () => {
  hub = await startHub({
    repositories: [
      { id: "google/gemma-2b", files: model(5) },
      {
        id: "acme/tiny",
        files: { ...model(8), "small/config.json": config, "small/model.safetensors": tensors(2) },
      },
      {
        id: "acme/tiny-GGUF",
        files: {
          "tiny.Q4_K_M.gguf": gguf(1),
          "tiny.Q8_0.gguf": gguf(2),
          "tiny.UD-Q4_K_XL.gguf": gguf(3),
          "tiny.BF16.gguf": gguf(4),
          "Q6_K/tiny-00001-of-00001.gguf": gguf(5),
        },
      },
      { id: "google-bert/bert-large-uncased", aliases: ["bert-large-uncased"], files: model(3) },
      { id: "stranger/llama3", files: model(1), info: { downloads: 12 } },
      { id: "stranger/gpt2-small", files: model(1), info: { downloads: 12 } },
      { id: "famous/bge-giant", files: model(6), info: { downloads: 1_000_000 } },
      { id: "copy/bge-giant", files: model(1), info: { downloads: 99_999 } },
      { id: "one/contested", files: model(6), info: { downloads: 1_000_000 } },
      { id: "two/contested", files: model(1), info: { downloads: 100_001 } },
      { id: "one/quiet", files: model(6), info: { downloads: 9_999 } },
    ],
    quotas: { api: 1e6, resolvers: 1e6 },
  });
  const system = {
    env: { HF_ENDPOINT: hub.endpoint, LLM_SIZE_OLLAMA_ENDPOINT: hub.endpoint },
    cwd: process.cwd(),
    home: "/nowhere",
  };
  const connect = (offline: boolean) => connectSources({ system, flags: { offline }, useCache: false });
  sources.online = await connect(false);
  sources.offline = await connect(true);
});
afterAll(() => hub.close());

async function measure(typed: string, from: Sources | undefined): Promise<string> {
  if (!from) throw new Error("no sources");
  const { models, failures } = await measureOne(parseListed(typed, from.hub.settings.endpoint), {
    sources: from,
    quantizations: [],
  });
  return [
    ...models.map(({ document }) => `${document.id} ${document.parameters.total}`),
    ...failures.map(({ code, message, hint }) => `${code}: ${message}; ${hint}`),
  ].join();
}

const AWAY = /^NOT_AVAILABLE_OFFLINE: /;
const GEMMA = "google/gemma-2b 2506172416";
const HUB = "https://huggingface.co";

test.each<[typed: string, online: string | RegExp, offline: string | RegExp]>([
  // names of the catalog
  ["gemma-2b", "google/gemma-2b 20", GEMMA],
  ["Gemma-2B", "google/gemma-2b 20", GEMMA],
  ["google/gemma-2b", "google/gemma-2b 20", GEMMA],
  ["gemma-2b@main", "google/gemma-2b 20", AWAY],
  ["hf.co/google/gemma-2b", "google/gemma-2b 20", GEMMA],
  // near them: spelled otherwise, mistyped, a family
  ["gemma2b", /^MODEL_NOT_FOUND: .*mean gemma-2b\?$/, /^NOT_AVAILABLE_OFFLINE: .*mean gemma-2b\?$/],
  ["gemma_2b", /mean gemma-2b\?$/, /mean gemma-2b\?$/],
  ["gmema-2b", /mean gemma-2b\?$/, /mean gemma-2b\?$/],
  ["gemma-2b-ti", /mean gemma-2b\?$/, /mean gemma-2b\?$/],
  ["google/gema-2b", /mean gemma-2b\?$/, /mean gemma-2b\?$/],
  [
    "llama3",
    /^MODEL_NOT_FOUND: .*mean llama3-8b, .*llama3.2-1b/,
    /^NOT_AVAILABLE_OFFLINE: .*mean llama3-8b, /,
  ],
  ["llama-3", /mean llama/, /mean llama/],
  ["lama3", /mean llama/, /mean llama/],
  ["phi3", /mean phi3-mini, phi3.5-mini\?$/, /mean phi3-mini, phi3.5-mini\?$/],
  ["gemma", /mean gemma-2b, /, /mean gemma-2b, /],
  ["mistral", /mean mistral-7b/, /mean mistral-7b/],
  ["qwen3", /mean qwen3-/, /mean qwen3-/],
  ["qwen25-7b", /^MODEL_NOT_FOUND: /, /mean qwen2.5-7b\?$/],
  ["gpt2-small", /^MODEL_AMBIGUOUS: .*stranger\/gpt2-small \(12 down/, /mean gpt2\?$/],
  ["phi-3-mini-4k", /^MODEL_NOT_FOUND: .*mean phi3-mini/, /mean phi3-mini/],
  ["qwen 2.5 7b", /^INVALID_REFERENCE: .*mean qwen2.5-7b\?$/, /^INVALID_REFERENCE: .*mean qwen2.5-7b\?$/],
  ["llama 3.1 8b", /mean llama3.1-8b\?$/, /mean llama3.1-8b\?$/],
  ["llama3.2:1b", /^MODEL_NOT_FOUND: .*mean llama3.2-1b\?$/, /^NOT_AVAILABLE_OFFLINE: .*llama3.2-1b\?$/],
  ["gemma:2b", /mean gemma-2b\?$/, /mean gemma-2b\?$/],
  ["zephyr:7b", /^MODEL_NOT_FOUND: zephyr:7b .*ollama.com\/library/, AWAY],
  ["gemma-2b:Q4_K_M", /^INVALID_REFERENCE: .*only org\/name takes/, /mean gemma-2b\?$/],
  ["ollama:zephyr", /^MODEL_NOT_FOUND: zephyr:latest /, AWAY],
  ["ollama:hf.co/acme/tiny-GGUF:Q8_0", "acme/tiny-GGUF 64", AWAY],
  ["ollama:my.host/acme/tiny", /^INVALID_REFERENCE: my.host|my.host is not .*--endpoint/, /--endpoint/],
  ["ollama:a/b/c/d", /^INVALID_REFERENCE/, /^INVALID_REFERENCE/],
  ["ollama:tiny:", /does not allow the tag ""/, /ollama:llama3.2:1b$/],
  ["4090", /rtx-4090 is a device/, /rtx-4090 is a device/],
  ["iphone16", /iphone-16 is a device/, /iphone-16 is a device/],
  ["h100", /h100 is a device/, /h100 is a device/],
  // names of the Hub
  ["bert-large-uncased", "google-bert/bert-large-uncased 12", AWAY],
  [`${HUB}/bert-large-uncased`, "google-bert/bert-large-uncased 12", AWAY],
  ["bge-giant", "famous/bge-giant 24", AWAY],
  ["BGE-Giant", "famous/bge-giant 24", AWAY],
  ["contested", /^MODEL_AMBIGUOUS: .*one\/contested .*two\/contested .*as in one\/contested$/, AWAY],
  ["quiet", /^MODEL_AMBIGUOUS: .*one\/quiet \(9999 downloads per month\); use .* one\/quiet$/, AWAY],
  [`${HUB}/quiet`, /^MODEL_NOT_FOUND: /, AWAY],
  ["nothing-of-the-kind", /^MODEL_NOT_FOUND: /, AWAY],
  ["acme/tiny", "acme/tiny 32", AWAY],
  ["ACME/TINY", "acme/tiny 32", AWAY],
  ["acme/tiny/", "acme/tiny 32", AWAY],
  ["acme/tiny@main", "acme/tiny 32", AWAY],
  ["acme/tiny@dev", /^REVISION_NOT_FOUND: /, AWAY],
  ["acme/tinny", /^MODEL_NOT_FOUND: /, AWAY],
  // quantizations
  ["acme/tiny-GGUF", "acme/tiny-GGUF 32", AWAY],
  ["acme/tiny-GGUF:latest", "acme/tiny-GGUF 32", AWAY],
  ["acme/tiny-GGUF:Q8_0", "acme/tiny-GGUF 64", AWAY],
  ["acme/tiny-GGUF:q8_0", "acme/tiny-GGUF 64", AWAY],
  ["acme/tiny-GGUF:Q8_0@main", "acme/tiny-GGUF 64", AWAY],
  ["acme/tiny-GGUF@main:Q8_0", "acme/tiny-GGUF 64", AWAY],
  ["acme/tiny-GGUF:Q4_K_XL", "acme/tiny-GGUF 96", AWAY],
  ["acme/tiny-GGUF:UD-Q4_K_XL", "acme/tiny-GGUF 96", AWAY],
  ["acme/tiny-GGUF:tiny.Q8_0.gguf", "acme/tiny-GGUF 64", AWAY],
  ["acme/tiny-GGUF:Q6_K", "acme/tiny-GGUF 160", AWAY],
  ["acme/tiny-GGUF:F16", /^QUANTIZATION_NOT_FOUND: .*available: .*Q8_0/, AWAY],
  ["acme/tiny-GGUF:Q4_K", /^QUANTIZATION_NOT_FOUND: /, AWAY],
  ["acme/tiny-GGUF@Q8_0", /^REVISION_NOT_FOUND: .*colon: acme\/tiny-GGUF:Q8_0$/, AWAY],
  ["hf.co/acme/tiny-GGUF:Q8_0", "acme/tiny-GGUF 64", AWAY],
  ["hf:acme/tiny-GGUF:Q8_0", "acme/tiny-GGUF 64", AWAY],
  [`${HUB}/acme/tiny-GGUF:Q8_0`, "acme/tiny-GGUF 64", AWAY],
  // files and folders
  [`${HUB}/acme/tiny-GGUF/blob/main/tiny.Q8_0.gguf`, "acme/tiny-GGUF 64", AWAY],
  [`${HUB}/acme/tiny-GGUF/resolve/main/tiny.Q8_0.gguf?download=true`, "acme/tiny-GGUF 64", AWAY],
  [`${HUB}/acme/tiny-GGUF?show_file_info=tiny.Q8_0.gguf`, "acme/tiny-GGUF 64", AWAY],
  [`${HUB}/acme/tiny-GGUF/tree/main?show_file_info=tiny.Q8_0.gguf`, "acme/tiny-GGUF 64", AWAY],
  [`${HUB}/acme/tiny-GGUF?show_file_info=absent.gguf`, /^FILE_NOT_FOUND: absent.gguf /, AWAY],
  [`${HUB}/acme/tiny-GGUF/tree/main/Q6_K`, "acme/tiny-GGUF 160", AWAY],
  [`${HUB}/acme/tiny-GGUF/tree/main/Q8_0`, /^FILE_NOT_FOUND: Q8_0 /, AWAY],
  [`${HUB}/acme/tiny/tree/main/small/`, "acme/tiny 8", AWAY],
  ["huggingface.co/acme/tiny/", "acme/tiny 32", AWAY],
  [`${HUB}/acme/tiny#usage`, "acme/tiny 32", AWAY],
  ["hf://acme/tiny/small", "acme/tiny 8", AWAY],
  ["huggingface://acme/tiny-GGUF/tiny.Q8_0.gguf", "acme/tiny-GGUF 64", AWAY],
  ["hf.co/acme/tiny-GGUF/tiny.Q8_0.gguf", "acme/tiny-GGUF 64", AWAY],
  [
    "acme/tiny-GGUF/tiny.Q8_0.gguf",
    /^PATH_NOT_FOUND: .*hf:\/\/acme\/tiny-GGUF\/tiny.Q8_0.gguf$/,
    /^PATH_NOT_FOUND: /,
  ],
  [
    "./fixtures/checkpoints/llama",
    "./fixtures/checkpoints/llama 26784",
    "./fixtures/checkpoints/llama 26784",
  ],
  // what is no model
  [`${HUB}/datasets/org/name`, /^INVALID_REFERENCE: .*datasets, not a model/, /its page, under Files$/],
  [`${HUB}/spaces/org/name`, /^INVALID_REFERENCE: .*spaces, not a model/, /llm-size scan <folder>$/],
  [`${HUB}/collections/org/slug-0`, /^INVALID_REFERENCE: .*collections/, /can be compared at once$/],
  [`${HUB}/acme/tiny/discussions/1`, /^INVALID_REFERENCE: .*more parts/, /^INVALID_REFERENCE: /],
  [`${HUB}/acme/tiny?rev=dev`, /^INVALID_REFERENCE: .*\?rev= is not understood/, /^INVALID_REFERENCE: /],
  ["https://ollama.com/library/llama3.2:1b", /^MODEL_NOT_FOUND: llama3.2:1b /, AWAY],
  ["https://ollama.com/library/llama3.2/tags", /not the page of a model/, /as in https:\/\/ollama/],
  ["ollama run llama3.2", /alone: ollama:llama3.2$/, /^INVALID_REFERENCE/],
  ["ollama run hf.co/acme/tiny-GGUF", /^INVALID_REFERENCE: /, /alone: hf.co\/acme\/tiny-GGUF$/],
])("%s", async (typed, online, offline) => {
  const [withHub, without] = await Promise.all([
    measure(typed, sources.online),
    measure(typed, sources.offline),
  ]);
  expect(withHub).toMatch(online);
  expect(without).toMatch(offline);
});
