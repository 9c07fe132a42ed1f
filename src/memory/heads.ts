import { isObject } from "../format/config.ts";
import { isKnownDecoder } from "./decoders.ts";
import { factsOfPart, type Facts } from "./facts.ts";

/** What families call their sizes: huggingface/transformers, `attribute_map` of each configuration class. */
const HEADS = [
  "num_decoder_attention_heads", // microsoft/prophetnet-large-uncased
  "decoder_attention_heads", // facebook/bart-base
  "num_attention_heads",
  "n_head", // openai-community/gpt2
  "n_heads", // mosaicml/mpt-7b
  "num_heads", // google-t5/t5-base
  "attention_heads", // facebook/xglm-564M
] as const;

const HIDDEN = [
  "n_embed", // bigscience/bloom-560m, whose class prefers it to hidden_size
  "hidden_size",
  "n_embd", // openai-community/gpt2
  "d_model", // google-t5/t5-base
] as const;

const HEAD_SIZE = [
  "attention_head_dim", // Zyphra/Zamba2-7B, whose kv_channels is half of it
  "head_dim",
  "kv_channels", // zai-org/chatglm3-6b, Qwen/Qwen-7B
  "d_kv", // google-t5/t5-base
] as const;

export function countHeads(facts: Facts): number {
  return facts.count(...HEADS);
}

/** Elements of one head's key. */
export function countHeadSize(facts: Facts): number {
  const own = facts.optional(...HEAD_SIZE);
  if (own !== null) return own;
  const size = facts.count(...HIDDEN) / countHeads(facts);
  if (!Number.isInteger(size)) facts.missing.add("head_dim");
  // Zyphra/Zamba-7B-v1 attends to the hidden state and the embedding side by side.
  return facts.modelType.startsWith("zamba") ? 2 * size : size;
}

/** Heads that have keys and values of their own; the other heads share theirs. */
export function countKeyValueHeads(facts: Facts): number {
  const own = OWN_WORDS.get(facts.modelType)?.(facts);
  const shared = own ?? facts.optional("num_key_value_heads", "num_kv_heads", "n_head_kv");
  // A type that is not known may call them something else: stepfun-ai/Step-3.5-Flash says num_attention_groups.
  return shared ?? (isKnownDecoder(facts.modelType) ? countHeads(facts) : facts.count("num_key_value_heads"));
}

/** Families that say it in words of their own; null where they say it as all do. */
const OWN_WORDS: ReadonlyMap<string, (facts: Facts) => number | null> = new Map([
  ["falcon", falcon],
  ["RefinedWeb", falcon],
  ["RefinedWebModel", falcon],
  // bigcode/starcoder has one for all; `num_key_value_heads` is written by transformers 5 alone.
  ["gpt_bigcode", (facts) => (facts.flag("multi_query", true) ? 1 : null)],
  // bigcode/santacoder
  ["gpt2", (facts) => (facts.text["attention_head_type"] === "multiquery" ? 1 : null)],
  [
    "chatglm",
    (facts) => (facts.flag("multi_query_attention", false) ? facts.count("multi_query_group_num") : null),
  ],
  ["mpt", attentionConfig],
  ["dbrx", attentionConfig],
]);

/** One for all in tiiuae/falcon-7b, 8 for the 128 of falcon-40b, one each in falcon-rw-1b. */
function falcon(facts: Facts): number | null {
  if (facts.flag("new_decoder_architecture", false) || facts.text["n_head_kv"] !== undefined) return null;
  return facts.flag("multi_query", true) ? 1 : countHeads(facts);
}

/** mosaicml/mpt-7b and databricks/dbrx-base keep it in `attn_config`. */
function attentionConfig(facts: Facts): number | null {
  const part = facts.text["attn_config"];
  if (!isObject(part)) return null;
  return part["attn_type"] === "multiquery_attention" ? 1 : factsOfPart(facts, part).optional("kv_n_heads");
}
