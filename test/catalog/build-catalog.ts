/** Builds the catalog from the recorded models: `npx tsx test/catalog/build-catalog.ts`. */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { isObject, type JsonObject } from "../../src/format/config.ts";
import type { CatalogRow } from "../../src/source/catalog/catalog.ts";
import { unfoldTensors } from "../../src/source/catalog/fold.ts";
import { foldTensors, type NamedShape } from "./fold.ts";

const FIXTURES = ["models.jsonl.gz", "models.more.jsonl.gz"].map(
  (name) => new URL(`../../fixtures/models/${name}`, import.meta.url),
);
export const CATALOG = new URL("../../src/source/catalog/models.ts", import.meta.url);

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
const IS_MADE = /^\{"id": ?"(?:class|resaved-by-5\.17|with-mtp)\//;

/** Why a model with a checked count is not here: what is stored is not known well enough to give its size. */
const LEFT_OUT = new Map([
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

/** Keys that no count, size, cache or adapter depends on. */
const IRRELEVANT_KEYS = [
  /^(_name_or_path|transformers_version|auto_map|finetuning_task|problem_type|tokenizer_class|task_specific_params)$/,
  /^(id2label|label2id|summary_.*)$/,
  /_token_(id|index)$|^ignore_index$|^prefix$/,
  /dropout|_pdrop$|_layerdrop$|^initializer_|^init_std$|^logit_scale_init_value$|^gradient_checkpointing$|aux_loss/,
  /^(max_length|min_length|num_beams|num_beam_groups|num_return_sequences|do_sample|early_stopping|use_cache)$/,
  /^(temperature|top_k|top_p|.*_penalty|.*no_repeat_ngram_size|remove_invalid_values)$/,
  /^(forced_decoder_ids|suppress_tokens|begin_suppress_tokens|bad_words_ids|return_dict.*|output_.*)$/,
  // Values of frequencies, scales and norms.
  /^(rope_theta|rope_local_base_freq|short_factor|(low|high)_freq_factor|beta_(fast|slow)|mscale.*|mrope_.*)$/,
  /^(layer_norm_eps|layer_norm_epsilon|block_norm_eps|.*_multiplier|.*_scaling_factor|logits_scaling|query_pre_attn_scalar)$/,
  /^(attn_logit_softcapping|norm_topk_prob|scoring_func|topk_method|topk_group|n_group|.*_jitter_noise|swiglu_limit)$/,
  // How training starts, and how images are cut.
  /_init$|_init_scale$|^(chunk_size_feed_forward|pretraining_tp|torchscript|use_bfloat16|attention_softmax_in_fp32)$/,
  /^(masked_softmax_fusion|tf_legacy_loss|skip_bias_add.*|_attn_implementation_autoset|position_embedding_type)$/,
  /^(cross_attention_hidden_size|pooler_.*|directionality|sbert_.*|vision_feature_.*|relative_attention_max_distance)$/,
  /^(supported_aspect_ratios|do_image_splitting|use_thumbnail|(min|max)_(image_tokens|tiles)|max_pixels_tolerance)$/,
];

/** Return the models that the catalog has, with what is known of them set right. */
export function readRecordedModels(): RecordedModel[] {
  const models = FIXTURES.flatMap(readVerifiedModels);
  const twins = TWINS.flatMap(({ id, of }) =>
    models.filter((model) => model.id === of).map((model) => ({ ...model, id })),
  );
  return [...models, ...twins].toSorted((a, b) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1));
}

/** Parse only the lines that are taken: all of them would be a gigabyte. */
function readVerifiedModels(fixture: URL): RecordedModel[] {
  const models: RecordedModel[] = [];
  const text = gunzipSync(readFileSync(fixture)).toString("utf8");
  for (let begin = 0; begin < text.length;) {
    const end = (text.indexOf("\n", begin) + 1 || text.length + 1) - 1;
    if (!IS_MADE.test(text.slice(begin, begin + 100))) {
      const model = JSON.parse(text.slice(begin, end)) as RecordedModel;
      const isVerified = model.verifiedBy !== null || STORED.has(model.id);
      if (isVerified && !LEFT_OUT.has(model.id)) models.push(setStored(model));
    }
    begin = end + 1;
  }
  return models;
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

/**
 * Build the text of models.ts: a module, so that the catalog works in every bundle; lines of JSON, so that one is parsed
 * alone. Models of one type stand together, which compresses best.
 */
export function buildCatalog(models: readonly RecordedModel[]): string {
  const nameLists: string[] = [];
  const types = [...new Set(models.map(({ config }) => config["model_type"]))];
  const rows = types
    .flatMap((type) => models.filter(({ config }) => config["model_type"] === type))
    .map((model) => JSON.stringify(buildRow(model, nameLists)));
  return `/** The built-in models, one line of JSON each. Built by test/catalog/build-catalog.ts; do not edit. */
export const MODELS: readonly string[] = [
${rows.map(quote).join("")}];

/** Names of tensors that stand together, as the rows refer to them. */
export const NAME_LISTS: readonly string[] = [
${nameLists.map(quote).join("")}];
`;
}

function quote(text: string): string {
  return `  '${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}',\n`;
}

function buildRow(model: RecordedModel, nameLists: string[]): CatalogRow {
  const tensors = foldTensors(model.tensors, nameLists);
  return {
    id: model.id,
    parameters: model.parameters,
    publishedTotal: model.publishedTotals[0] ?? null,
    files: pickCheckpoint(model.realFileBytes ?? {}, unfoldTensors(tensors, nameLists)),
    config: keepRelevant(model.config),
    tensors,
  };
}

/** The root safetensors files, if they hold the tensors and little else: one of five shards would be a wrong size. */
function pickCheckpoint(
  bytesByPath: { readonly [path: string]: number },
  tensors: readonly { readonly bytes: number }[],
): { [path: string]: number } {
  const files = Object.entries(bytesByPath).filter(([path]) => /^model[^/]*\.safetensors$/.test(path));
  const fileBytes = files.reduce((sum, [, bytes]) => sum + bytes, 0);
  const tensorBytes = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  const headerBytes = fileBytes - tensorBytes;
  // A header takes about 120 bytes a tensor.
  return headerBytes > 0 && headerBytes < 200 * tensors.length ? Object.fromEntries(files) : {};
}

function keepRelevant(config: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => !IRRELEVANT_KEYS.some((pattern) => pattern.test(key)))
      .map(([key, value]) => [key, isObject(value) ? keepRelevant(value) : value]),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(CATALOG, buildCatalog(readRecordedModels()));
}
