import { isObject } from "../format/config.ts";
import { keysOf } from "../format/dimensions.ts";
import type { SsmKind } from "../model/architectures/architecture.ts";
import { readerOfSection, type ConfigReader } from "./config-reader.ts";
import { countHeads, countHeadSize } from "./heads.ts";

/** The state that a layer without attention keeps, however long the context: elements of 16 bits and of 32. */
export interface SsmState {
  readonly halfElements: number;
  readonly floatElements: number;
}

/** Return the state of one layer; null where this model type has none, or none that is known. */
export function computeSsmState(reader: ConfigReader): SsmState | null {
  const kind = reader.architecture?.ssm;
  return kind === undefined ? null : SSM_STATES[kind](reader);
}

/** state-spaces/mamba-130m-hf: 1,536 channels, each with 4 inputs and 16 states. */
function mamba(reader: ConfigReader): SsmState {
  // tiiuae/falcon-mamba-7b writes an `expand` of 16 for the 8,192 channels it has.
  const channels = reader.optional("intermediate_size") ?? expand(reader);
  return {
    halfElements: channels * reader.count("conv_kernel"),
    floatElements: channels * reader.count("state_size"),
  };
}

/** ai21labs/Jamba-v0.1: like Mamba, but `intermediate_size` is that of its MLP. */
function jamba(reader: ConfigReader): SsmState {
  const channels = expand(reader);
  return {
    halfElements: channels * reader.count("mamba_d_conv"),
    floatElements: channels * reader.count("mamba_d_state"),
  };
}

/** nvidia/Nemotron-H-8B-Base-8K: 128 heads of 64, with 8 groups of 128 states that pass through the convolution too. */
function mamba2(reader: ConfigReader): SsmState {
  const heads = reader.count("mamba_num_heads", "mamba_n_heads", "n_mamba_heads", "num_heads");
  const size = reader.text["mamba_d_head"] === "auto" ? null : reader.optional(...mamba2HeadSize(reader));
  const channels = size === null ? (reader.optional("mamba_d_ssm") ?? expand(reader)) : heads * size;
  const states = reader.count("ssm_state_size", "mamba_d_state", "state_size");
  const groups = reader.count("n_groups", "mamba_n_groups", "mamba_ngroups");
  return {
    halfElements: (channels + 2 * groups * states) * reader.count("conv_kernel", "mamba_d_conv"),
    floatElements: channels * states,
  };
}

/** `head_dim` is the size of Mamba's heads where there is no attention: mistralai/Mamba-Codestral-7B-v0.1. */
function mamba2HeadSize(reader: ConfigReader): readonly string[] {
  return reader.isType("mamba2") ? ["head_dim"] : ["mamba_head_dim", "mamba_d_head", "mamba_headdim"];
}

/** Qwen/Qwen3.5-27B: 48 heads with a state of 128 × 128, and queries, keys and values through the convolution. */
function deltaNet(reader: ConfigReader): SsmState {
  const keys = reader.count("linear_num_key_heads") * reader.count("linear_key_head_dim");
  const values = reader.count("linear_num_value_heads") * reader.count("linear_value_head_dim");
  return {
    halfElements: (2 * keys + values) * reader.count("linear_conv_kernel_dim"),
    floatElements: values * reader.count("linear_key_head_dim"),
  };
}

/** moonshotai/Kimi-Linear-48B-A3B-Instruct: 32 heads of 128, whose sizes are in a config of their own. */
function kimiDelta(reader: ConfigReader): SsmState {
  const own = reader.text["linear_attn_config"];
  const [section, heads, size, kernel] = isObject(own)
    ? ([readerOfSection(reader, own), "num_heads", "head_dim", "short_conv_kernel_size"] as const)
    : ([reader, "linear_num_heads", "linear_head_dim", "linear_conv_kernel_dim"] as const);
  const channels = section.count(heads) * section.count(size);
  return {
    halfElements: 3 * channels * section.count(kernel),
    floatElements: channels * section.count(size),
  };
}

/** MiniMaxAI/MiniMax-Text-01: 64 heads with a state of 128 × 128 in 16 bits, and no convolution. */
function lightning(reader: ConfigReader): SsmState {
  return { halfElements: countHeads(reader) * countHeadSize(reader) ** 2, floatElements: 0 };
}

/** LiquidAI/LFM2-1.2B: the last 3 inputs of 2,048 channels. */
function shortConvolution(reader: ConfigReader): SsmState {
  return {
    halfElements: reader.count(...keysOf("hiddenSize")) * reader.count("conv_L_cache"),
    floatElements: 0,
  };
}

/** google/recurrentgemma-2b: a state of 2,560, behind a convolution that keeps all but the current input. */
function gatedRecurrence(reader: ConfigReader): SsmState {
  const channels = reader.count("lru_width", ...keysOf("hiddenSize"));
  return { halfElements: channels * (reader.count("conv1d_width") - 1), floatElements: channels };
}

/** RWKV/rwkv-4-169m-pile: the last input of attention and of the MLP, and three sums. */
function rwkv(reader: ConfigReader): SsmState {
  const hidden = reader.count(...keysOf("hiddenSize"));
  return {
    halfElements: 2 * hidden,
    floatElements: 3 * (reader.optional("attention_hidden_size") ?? hidden),
  };
}

function expand(reader: ConfigReader): number {
  return reader.count("mamba_expand", "expand") * reader.count(...keysOf("hiddenSize"));
}

/**
 * The last inputs of a short convolution are kept in 16 bits, the recurrent state in 32.
 * From huggingface/transformers v5.18.0, src/transformers/models/<type>/modeling_<type>.py.
 */
const SSM_STATES = {
  mamba,
  jamba,
  mamba2,
  deltaNet,
  kimiDelta,
  lightning,
  shortConvolution,
  gatedRecurrence,
  rwkv,
} satisfies Record<SsmKind, (reader: ConfigReader) => SsmState>;
