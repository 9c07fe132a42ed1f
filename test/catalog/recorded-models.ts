/** The models that the catalog has. */

import type { JsonObject } from "../../src/format/config.ts";
import { readJsonLines } from "../json-lines.ts";
import type { NamedShape } from "./fold.ts";
import { buildSizedModels, RECORDED_LAYOUTS } from "./sized-models.ts";

const FIXTURES = ["models/models.jsonl.gz", "models/models.more.jsonl.gz"];

/** One line of a fixture. */
export interface RecordedModel {
  readonly id: string;
  readonly config: JsonObject;
  readonly tensors: readonly NamedShape[];
  readonly parameters: number;
  readonly publishedTotals: readonly number[];
  readonly verifiedBy: string | null;
  readonly realFileBytes: { readonly [path: string]: number } | null;
}

/** Published twice with the same config, shapes and file sizes. */
const TWINS = [{ id: "google/gemma-2b", of: "google/gemma-2b-it" }] as const;

/** Layouts that are of no repository: of a class, of another version of transformers, with layers of two sources. */
const IS_MADE = /^(?:class|resaved-by-5\.17|with-mtp)\//;

/** Why a model with a checked count is not here: mostly what is stored is not known well enough to give its size. */
const LEFT_OUT = new Map([
  ["adept/fuyu-8b", "rarely asked for, and long"],
  ["ai21labs/Jamba-v0.1", "the same"],
  ["ibm-granite/granite-4.0-h-tiny", "no dtype recorded"],
  ["llava-hf/llava-onevision-qwen2-0.5b-ov-hf", "no dtype recorded"],
  ["moonshotai/Kimi-K2.5", "recorded unpacked; the repository stores 4 bits"],
  ["OpenGVLab/InternVL3-1B-hf", "no dtype recorded"],
  ["Qwen/Qwen3.5-0.8B", "recorded without its layer for multi-token prediction, which the repository stores"],
  ["Qwen/Qwen3.5-27B", "the same"],
  ["Qwen/Qwen3.5-35B-A3B", "the same"],
  ["Supabase/gte-small", "no dtype recorded"],
  ["Xenova/all-MiniLM-L6-v2", "a copy of sentence-transformers/all-MiniLM-L6-v2, which has its short name"],
]);

interface Stored {
  /** In place of F32, which is recorded where nothing was known. */
  readonly dtype?: "BF16" | "F16";
  readonly files?: { readonly [path: string]: number };
}

/**
 * The recorded dtype is the one config.json names, or F32 where it names none at its root; these are stored otherwise. The
 * size of a real file is the evidence, to the byte: that of its tensors and of the header they make.
 */
const STORED = new Map<string, Stored>([
  ["allenai/OLMoE-1B-7B-0924", { dtype: "BF16" }], // 13,838,323,712 bytes of parameters
  // 72 files of 352 GB; BF16 in huggingface.js, packages/hub/src/lib/parse-safetensors-metadata.spec.ts.
  ["bigscience/bloom", { dtype: "BF16" }],
  // Its file is too short for a header that says BF16 293 times.
  ["bigscience/bloom-560m", { dtype: "F16" }],
  ["bigcode/starcoder2-3b", { files: { "model.safetensors": 12_121_539_344 } }],
  ["EleutherAI/pythia-1b", { dtype: "BF16" }], // as its config.json says
  ["EleutherAI/pythia-12b", { dtype: "F16" }], // the same
  ["EleutherAI/pythia-410m", { dtype: "F16" }], // the same
  ["EleutherAI/pythia-6.9b", { dtype: "F16" }], // the same
  ["google/embeddinggemma-300m", { files: { "model.safetensors": 1_211_486_072 } }],
  ["google/siglip-base-patch16-224", { files: { "model.safetensors": 812_672_320 } }],
  ["google/siglip-so400m-patch14-384", { files: { "model.safetensors": 3_511_950_624 } }],
  ["HuggingFaceTB/SmolLM2-1.7B-Instruct", { dtype: "BF16", files: { "model.safetensors": 3_422_777_952 } }],
  ["HuggingFaceTB/SmolLM2-135M", { dtype: "BF16", files: { "model.safetensors": 269_060_552 } }],
  ["HuggingFaceTB/SmolVLM-256M-Instruct", { dtype: "BF16", files: { "model.safetensors": 513_028_808 } }],
  ["openai/whisper-tiny", { files: { "model.safetensors": 151_061_672 } }],
  ["Qwen/Qwen3-Embedding-8B", { dtype: "BF16" }], // as its config.json says
  ["Qwen/Qwen3-VL-2B-Instruct", { dtype: "BF16", files: { "model.safetensors": 4_255_140_312 } }],
  ["Qwen/Qwen3-VL-4B-Instruct", { dtype: "BF16" }], // total_size of its index: 8,875,631,616
  ["Qwen/Qwen3-VL-8B-Instruct", { dtype: "BF16" }], // total_size of its index: 17,534,247,392
  ["tiiuae/falcon-180B-chat", { dtype: "BF16" }], // as its config.json says
  ["TinyLlama/TinyLlama-1.1B-Chat-v1.0", { dtype: "BF16", files: { "model.safetensors": 2_200_119_864 } }],
]);

/** Return the models that the catalog has, with what is known of them set right. */
export function readRecordedModels(): RecordedModel[] {
  const recorded = FIXTURES.flatMap((path) => [...readJsonLines<RecordedModel>(path, mayBeNeeded)]);
  const verified = recorded.filter(
    ({ id, verifiedBy }) => (verifiedBy !== null || STORED.has(id)) && !LEFT_OUT.has(id),
  );
  const twins = TWINS.flatMap(({ id, of }) =>
    verified.filter((model) => model.id === of).map((model) => ({ ...model, id })),
  );
  const sized = buildSizedModels(recorded).map(({ fileBytes, ...model }) => ({
    ...model,
    // Integers are positions.
    parameters: countElements(model.tensors.filter(([, , dtype]) => dtype !== "I64")),
    publishedTotals: [],
    verifiedBy: "size of model.safetensors, to the byte",
    realFileBytes: { "model.safetensors": fileBytes },
  }));
  return [...verified.map(setStored), ...twins, ...sized].toSorted((a, b) =>
    a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1,
  );
}

/** True unless a line is certainly of no use: most would take long to parse for nothing. */
function mayBeNeeded(line: string): boolean {
  const [, id = ""] = /^\{"id": ?"([^"]+)"/.exec(line) ?? [];
  if (STORED.has(id) || RECORDED_LAYOUTS.has(id)) return true;
  return !IS_MADE.test(id) && !LEFT_OUT.has(id) && !line.includes('"verifiedBy":null');
}

/** Count everything stored. */
export function countElements(tensors: readonly NamedShape[]): number {
  return tensors.reduce((sum, [, shape]) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

function setStored(model: RecordedModel): RecordedModel {
  const { dtype: storedDtype, files } = STORED.get(model.id) ?? {};
  const realFileBytes = { ...model.realFileBytes, ...files };
  if (storedDtype === undefined) return { ...model, realFileBytes };
  // What such a config says of the dtype at its root may be wrong too: SmolLM2-135M says float32.
  const { dtype: _dtype, torch_dtype: _torchDtype, ...config } = model.config;
  const tensors = model.tensors.map(
    ([name, shape, dtype]) => [name, shape, dtype === "F32" ? storedDtype : dtype] as const,
  );
  return { ...model, config, tensors, realFileBytes };
}
