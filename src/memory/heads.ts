import { isObject } from "../format/config.ts";
import { keysOf } from "../format/dimensions.ts";
import type { KvHeadsRule } from "../model/architectures/architecture.ts";
import { isKnownDecoder, readerOfSection, type ConfigReader } from "./config-reader.ts";

/** Count the attention heads of the decoder. */
export function countHeads(reader: ConfigReader): number {
  return reader.count(...keysOf("decoderHeads", "heads"));
}

/** Count the elements of one head's key. */
export function countHeadSize(reader: ConfigReader): number {
  const own = reader.optional(...keysOf("headSize"));
  if (own !== null) return own;
  const size = reader.count(...keysOf("hiddenSize")) / countHeads(reader);
  if (!Number.isInteger(size)) reader.missing.add("head_dim");
  // Zyphra/Zamba-7B-v1 attends to the hidden state and the embedding side by side.
  return reader.isType("zamba") || reader.isType("zamba2") ? 2 * size : size;
}

/** Count the heads that have keys and values of their own; the other heads share theirs. */
export function countKvHeads(reader: ConfigReader): number {
  const rule = reader.architecture?.kvHeads;
  const own = rule === undefined ? null : KV_HEADS_RULES[rule](reader);
  const shared = own ?? reader.optional(...keysOf("kvHeads"));
  // A type that is not known may use another key: num_attention_groups of stepfun-ai/Step-3.5-Flash.
  return shared ?? (isKnownDecoder(reader) ? countHeads(reader) : reader.count("num_key_value_heads"));
}

/** One for all in tiiuae/falcon-7b, 8 for the 128 of falcon-40b, one each in falcon-rw-1b. */
function falcon(reader: ConfigReader): number | null {
  if (reader.flag("new_decoder_architecture", false) || reader.text["n_head_kv"] !== undefined) return null;
  return reader.flag("multi_query", true) ? 1 : countHeads(reader);
}

/** mosaicml/mpt-7b and databricks/dbrx-base keep it in `attn_config`. */
function attentionConfig(reader: ConfigReader): number | null {
  const section = reader.text["attn_config"];
  if (!isObject(section)) return null;
  return section["attn_type"] === "multiquery_attention"
    ? 1
    : readerOfSection(reader, section).optional("kv_n_heads");
}

/** Unusual ways to state key-value heads; null where a config states them in the usual way. */
const KV_HEADS_RULES = {
  falcon,
  // bigcode/starcoder has one for all; only transformers 5 writes `num_key_value_heads`.
  multiQuery: (reader) => (reader.flag("multi_query", true) ? 1 : null),
  // bigcode/santacoder
  santacoder: (reader) => (reader.text["attention_head_type"] === "multiquery" ? 1 : null),
  chatglm: (reader) =>
    reader.flag("multi_query_attention", false) ? reader.count("multi_query_group_num") : null,
  attnConfig: attentionConfig,
} satisfies Record<KvHeadsRule, (reader: ConfigReader) => number | null>;
