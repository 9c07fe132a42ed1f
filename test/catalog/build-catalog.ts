/** Builds the catalog from the recorded models: `npx tsx test/catalog/build-catalog.ts`. */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isObject, type JsonObject } from "../../src/format/config.ts";
import type { CatalogRow } from "../../src/source/catalog/catalog.ts";
import { unfoldTensors } from "../../src/source/catalog/fold.ts";
import { foldTensors } from "./fold.ts";
import { readRecordedModels, type RecordedModel } from "./recorded-models.ts";

export const CATALOG = new URL("../../src/source/catalog/models.ts", import.meta.url);

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
