import type { Config } from "../format/config.ts";
import { findArchitecture } from "./architectures.ts";

interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Names of an input embedding. */
const EMBEDDING =
  /(?:^|\.)(?:shared|embed_tokens|word_embeddings|wte|tok_embeddings|embeddings\.weight|embed_in)(?:\.weight)?$/;

/**
 * Names of the matrix that turns hidden states into logits. RoBERTa's is `lm_head.decoder`, but not
 * its `lm_head.dense`; ELECTRA's generator has `generator_lm_head`; `proj_out` of whisper is one, those in a block of diffusers are not.
 */
export const OUTPUT_HEAD =
  /(?:^|\.)(?:(?:generator_)?lm_head|embed_out|output_layer|vocab_projector|predictions(?=\.decoder))(?:\.decoder)?(?:\.weight)?$|^proj_out(?:\.weight)?$/;

/** The head's bias, which a class may hold under two names: albert/albert-base-v2 stores `predictions.bias` as well. */
const DECODER_BIAS = /(?<=(?:^|\.)(?:predictions|lm_head)\.)decoder\.(?=bias$)/;

/** An encoder-decoder keeps `shared` and may store both copies: google-t5/t5-small, facebook/bart-large. */
const EMBEDDING_COPY = /^(?:model\.)?(?:encoder|decoder)\.embed_tokens\.weight$/;
const SHARED_EMBEDDING = /^(?:model\.)?shared\.weight$/;

/** peft saves whole modules together with an adapter (`modules_to_save`); those are trained, so they are not copies. */
const ADAPTER = "base_model.model.";

/** Return whether the output head is the input embedding: as config.json states, or its class by default; null when unknown. */
export function isHeadTied(config: Config | null): boolean | null {
  if (!config) return null;
  for (const part of [config.text, config.root]) {
    const value = part["tie_word_embeddings"];
    if (typeof value === "boolean") return value;
  }
  return findArchitecture(config.modelType)?.tied ?? null;
}

export interface Ties {
  /** Names stored a second time; the model holds them once. */
  readonly copies: ReadonlySet<string>;
  /** A head with the embedding's shape that may or may not be a copy. */
  readonly doubtful: string | null;
}

/**
 * Find weights that are stored more than once: a tied head (Qwen/Qwen3-0.6B stores 155,582,464 weights twice) and
 * the embedding copies of an encoder-decoder. A copy must have the shape of the embedding.
 */
export function findTies(weights: readonly Named[], config: Config | null): Ties {
  const embeddings = weights.filter(({ name, shape }) => shape.length === 2 && EMBEDDING.test(name));
  const shared = embeddings.find(({ name }) => SHARED_EMBEDDING.test(name));
  const copies = new Set<string>();
  if (shared)
    for (const { name, shape } of embeddings)
      if (EMBEDDING_COPY.test(name) && isSameShape(shape, shared.shape)) copies.add(name);

  const heads = weights.filter(
    ({ name, shape }) =>
      OUTPUT_HEAD.test(name) &&
      !name.startsWith(ADAPTER) &&
      embeddings.some((embedding) => isSameShape(embedding.shape, shape)),
  );
  const tied = isHeadTied(config);
  if (tied) {
    // One head per embedding: others of its shape are weights of their own.
    for (const { name } of heads.slice(0, embeddings.length)) copies.add(name);
    for (const { name, shape } of weights) {
      const twin =
        DECODER_BIAS.test(name) && weights.find((other) => other.name === name.replace(DECODER_BIAS, ""));
      if (twin && isSameShape(twin.shape, shape)) copies.add(name);
    }
  }
  return { copies, doubtful: tied === null ? (heads[0]?.name ?? null) : null };
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dimension, index) => dimension === b[index]);
}
