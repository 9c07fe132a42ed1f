import { unknown, type Unknown } from "../contract/unknown.ts";
import type { Config } from "../format/config.ts";
import { findArchitecture } from "../model/architectures.ts";
import { isKnownDecoder, type ConfigReader } from "./config-reader.ts";

/** A causal model writes token by token and keeps a KV cache; an encoder reads a whole text in one pass. */
export type ModelRole = "causal" | "encoder";

/**
 * Infer the role of a model. The reader's model type is that of the language model, which may be a section of the
 * whole. A decoder trained again to see both ways embeds a text in one pass (google/embeddinggemma-300m), unless it
 * generates (google/paligemma-3b-pt-224).
 */
export function inferRole(reader: ConfigReader, config: Config): ModelRole | Unknown {
  const { modelType, architecture } = reader;
  const reason = architecture?.unknownKvCache ?? findArchitecture(config.modelType)?.unknownKvCache;
  if (reason !== undefined) return unknown(reason);
  const head = config.architecture ?? "";
  const generates = GENERATING_HEAD.test(head);
  if (ONE_PASS_HEAD.test(head)) return "encoder";
  if (!generates && (isBidirectional(reader) || architecture?.role === "encoder")) return "encoder";
  if (generates || isKnownDecoder(reader)) return "causal";
  return unknown(
    modelType === "" ? "config.json states no model type" : `the model type ${modelType} is not known`,
  );
}

/** google-bert/bert-base-uncased is a BertForMaskedLM; openbmb/UltraRM-13b a LlamaForSequenceClassification. */
const ONE_PASS_HEAD =
  /For(?:MaskedLM|SequenceClassification|TokenClassification|ImageClassification|AudioClassification|ObjectDetection|SemanticSegmentation|DepthEstimation|CTC)$|Encoder(?:Model)?$/;

const GENERATING_HEAD = /(?:CausalLM|LMHeadModel|ForConditionalGeneration|MTModel|Decoder)$/;

/** google/gemma-4-31B-it writes "vision": only images are seen both ways. */
function isBidirectional({ text }: ConfigReader): boolean {
  return text["use_bidirectional_attention"] === true || text["use_bidirectional_attention"] === "all";
}
