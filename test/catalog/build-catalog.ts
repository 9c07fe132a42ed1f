/** Builds the catalog from the recorded models: `npx tsx test/catalog/build-catalog.ts`. */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { isObject, type JsonObject } from "../../src/format/config.ts";
import type { CatalogRow } from "../../src/source/catalog/catalog.ts";
import { unfoldTensors } from "../../src/source/catalog/fold.ts";
import { foldTensors, type NamedShape } from "./fold.ts";

const FIXTURE = new URL("../../fixtures/models/models.jsonl.gz", import.meta.url);
export const CATALOG = new URL("../../src/source/catalog/models.ts", import.meta.url);

/** One line of the fixture. */
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

/**
 * The recorded dtype is the one config.json names, or F32 where it names none at its root; these are stored otherwise.
 * The size of a real file is the evidence: two bytes a parameter, and the header.
 */
const STORED_OTHERWISE = new Map<string, { dtype: string; files?: { readonly [path: string]: number } }>([
  // 72 files of 352 GB; BF16 in huggingface.js, packages/hub/src/lib/parse-safetensors-metadata.spec.ts.
  ["bigscience/bloom", { dtype: "BF16" }],
  // Its file is too short for a header that says BF16 293 times.
  ["bigscience/bloom-560m", { dtype: "F16" }],
  ["Qwen/Qwen3-VL-2B-Instruct", { dtype: "BF16", files: { "model.safetensors": 4_255_140_312 } }],
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
];

/** The models that the catalog has, with what is known of them set right. */
export function readRecordedModels(): RecordedModel[] {
  const lines = gunzipSync(readFileSync(FIXTURE)).toString("utf8").trimEnd().split("\n");
  const models = lines
    .map((line) => JSON.parse(line) as RecordedModel)
    .filter((model) => model.verifiedBy !== null);
  const twins = TWINS.flatMap(({ id, of }) =>
    models.filter((model) => model.id === of).map((model) => ({ ...model, id })),
  );
  return [...models, ...twins]
    .map(correctDtype)
    .toSorted((a, b) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1));
}

function correctDtype(model: RecordedModel): RecordedModel {
  const stored = STORED_OTHERWISE.get(model.id);
  if (stored === undefined) return model;
  // What such a config says of the dtype at its root is wrong too.
  const { dtype: _dtype, torch_dtype: _torchDtype, ...config } = model.config;
  const tensors = model.tensors.map(([name, shape]) => [name, shape, stored.dtype] as const);
  return { ...model, config, tensors, realFileBytes: { ...model.realFileBytes, ...stored.files } };
}

/** Build the text of models.ts: a module, so that the catalog works in every bundle; lines of JSON, so that one is parsed alone. */
export function buildCatalog(models: readonly RecordedModel[]): string {
  const lines = models.map((model) => {
    const json = JSON.stringify(buildRow(model));
    return `  '${json.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}',\n`;
  });
  return `/** The built-in models, one line of JSON each. Built by test/catalog/build-catalog.ts; do not edit. */\nexport const MODELS: readonly string[] = [\n${lines.join("")}];\n`;
}

function buildRow(model: RecordedModel): CatalogRow {
  const tensors = foldTensors(model.tensors);
  return {
    id: model.id,
    parameters: model.parameters,
    publishedTotal: model.publishedTotals[0] ?? null,
    files: pickCheckpoint(model.realFileBytes ?? {}, unfoldTensors(tensors)),
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
