/** Find weights that a checkpoint stores more than once. */
import { listTextSections, type Config } from "../format/config.ts";
import { findArchitecture, modelTypes } from "./architectures.ts";

interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Names of an input embedding, under any prefix. */
const EMBEDDING =
  /(?:^|\.)(?:shared|embed_tokens|word_embeddings?|wte|tok_embeddings|tokens_embed|token_embd|embeddings(?=\.weight)|embed_in|transformer\.w|codec_embedding)(?:\.weight)?$/;

/**
 * Names of the matrix that turns hidden states into logits. RoBERTa's is `lm_head.decoder`, but not
 * its `lm_head.dense`; ELECTRA's generator has `generator_lm_head`; `proj_out` of whisper is one, those in a block of diffusers are not.
 */
export const OUTPUT_HEAD =
  /(?:^|\.)(?:(?:generator_)?lm_head|embed_out|output_layer|vocab_projector|predictions(?=\.decoder))(?:\.decoder)?(?:\.weight)?$|^proj_out(?:\.weight)?$/;

/**
 * Names that mean a head only where the shape is the embedding's: `decoder` of ModernBERT, `output_projection` of BioGPT,
 * `pred_layer.proj` of XLM, `lm_loss` of XLNet, `mlm_score.decoder` of ViLT, `head` of RWKV, `output` of GIT and GGUF files.
 */
const HEAD_BY_SHAPE =
  /(?:^|\.)(?:decoder|head|output|output_projection|pred_layer\.proj|lm_loss|mlm_score\.decoder|codec_head|lm_head\.out_proj)\.weight$/;

/** Names of a head in ONNX graphs: torch's exporter numbers matrices that it transposed, onnxruntime-genai adds the operator. */
const GRAPH_HEAD = /^onnx::MatMul_\d+(?:_\w+)?$|(?:^|[./])lm_head[./]MatMul\b/;

/** llama.cpp's converters write a copy of the embedding as the head of these; others leave a tied head out. */
const hasHeadInGguf = modelTypes("bloom falcon gpt2");
const GGUF_HEAD = "output.weight";

/** The head's bias, which a class may hold under two names: albert/albert-base-v2 stores `predictions.bias` as well. */
const DECODER_BIAS = /(?<=(?:^|\.)(?:predictions|lm_head)\.)decoder\.(?=bias$)/;

/** An encoder-decoder keeps `shared` and may store its copies: google-t5/t5-small, facebook/bart-large, allenai/led-base-16384. */
const EMBEDDING_COPY = /(?:^|\.)(?:text_)?(?:encoder|decoder)\.(?:embed_tokens|word_embeddings)\.weight$/;
const SHARED_EMBEDDING = /(?:(?:^|\.)shared|(?:^|\bprophetnet\.)word_embeddings)\.weight$/;

/** Classes whose head is a matrix of its own whatever config.json states (transformers 5.17, `_tied_weights_keys`). */
const NEVER_TIED: ReadonlySet<string> = new Set([
  "BigBirdPegasusForCausalLM",
  "FlavaForPreTraining",
  "LukeForMaskedLM",
  "Pop2PianoForConditionalGeneration",
]);

/** A layer for multi-token prediction repeats the model's embedding and head: deepseek-ai/DeepSeek-V3, zai-org/GLM-4.5. */
const MTP_COPY = /(?:embed_tokens|head|embedding|output)(?:\.weight)?$/;

/** peft saves whole modules together with an adapter (`modules_to_save`); those are trained, so they are not copies. */
const ADAPTER = "base_model.model.";

/**
 * Return whether the output head is the input embedding: as config.json states, at any level, or its class by default;
 * null when unknown, and where the levels differ, as in a Qwen3-VL-235B-A22B-Instruct saved again by transformers 5.
 */
export function isHeadTied(config: Config | null): boolean | null {
  if (!config) return null;
  if (NEVER_TIED.has(config.architecture ?? "")) return false;
  const flags = [...listTextSections(config.root), config.text].map((part) => part["tie_word_embeddings"]);
  const stated = new Set(flags.filter((flag) => typeof flag === "boolean"));
  if (stated.size > 1) return null;
  const [flag = findArchitecture(config.modelType)?.tied ?? null] = stated;
  return flag;
}

/** True for the name of an input embedding or an output head. */
export function isEmbeddingOrHead(name: string): boolean {
  return EMBEDDING.test(name) || OUTPUT_HEAD.test(name);
}

export interface Ties {
  /** Names stored a second time; the model holds them once. */
  readonly copies: ReadonlySet<string>;
  /** A head with the embedding's shape that may or may not be a copy. */
  readonly doubtful: string | null;
}

/**
 * Find weights that are stored more than once: a tied head (Qwen/Qwen3-0.6B stores 155,582,464 weights twice), the
 * embeddings of an encoder-decoder, and those of layers for multi-token prediction. A copy has the shape of the original.
 */
export function findTies(
  weights: readonly Named[],
  config: Config | null,
  isMtp: (name: string) => boolean = () => false,
): Ties {
  const embeddings = new Map<string, number>();
  const shared = new Set<string>();
  const biases = new Map<string, string>();
  const heads: Named[] = [];
  const candidates: Named[] = [];
  for (const weight of weights) {
    const { name, shape } = weight;
    if (shape.length === 1 && name.endsWith("bias")) biases.set(name, shape.join());
    if (shape.length !== 2) continue;
    if (isMtp(name)) {
      if (MTP_COPY.test(name)) candidates.push(weight);
    } else if (EMBEDDING.test(name)) {
      const key = shape.join();
      embeddings.set(key, (embeddings.get(key) ?? 0) + 1);
      if (SHARED_EMBEDDING.test(name)) shared.add(key);
      if (EMBEDDING_COPY.test(name)) candidates.push(weight);
    } else if (isHeadName(name, config)) heads.push(weight);
  }

  const copies = new Set<string>();
  for (const { name, shape } of candidates)
    if ((isMtp(name) ? embeddings : shared).has(shape.join())) copies.add(name);
  const alike = heads.filter(({ shape }) => embeddings.has(shape.join()));
  const tied = isHeadTied(config);
  if (tied === null) return { copies, doubtful: alike[0]?.name ?? null };
  if (tied) {
    const left = new Map(embeddings);
    for (const { name, shape } of alike) {
      // One head per embedding: others of its shape are weights of their own.
      const count = left.get(shape.join()) ?? 0;
      left.set(shape.join(), count - 1);
      if (count > 0) copies.add(name);
    }
    for (const [name, shape] of biases)
      if (DECODER_BIAS.test(name) && biases.get(name.replace(DECODER_BIAS, "")) === shape) copies.add(name);
  }
  return { copies, doubtful: null };
}

function isHeadName(name: string, config: Config | null): boolean {
  if (name.startsWith(ADAPTER)) return false;
  return name === GGUF_HEAD && config?.architecture === null
    ? hasHeadInGguf(config)
    : OUTPUT_HEAD.test(name) || HEAD_BY_SHAPE.test(name) || GRAPH_HEAD.test(name);
}
