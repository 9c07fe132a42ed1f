import { isObject } from "../format/config.ts";
import { factsOfPart, type Facts } from "./facts.ts";
import { countHeads, countHeadSize } from "./heads.ts";

/** What a layer without attention keeps, however long the context: elements of 16 bits and of 32. */
export interface State {
  readonly halfElements: number;
  readonly floatElements: number;
}

/** The state of one layer of this model type; null where it is not known. */
export function describeState(facts: Facts): State | null {
  return STATES.get(facts.modelType)?.(facts) ?? null;
}

/**
 * The last inputs of a short convolution are kept in 16 bits, the recurrent state in 32.
 * From huggingface/transformers v5.18.0, src/transformers/models/<type>/modeling_<type>.py.
 */
const STATES: ReadonlyMap<string, (facts: Facts) => State> = new Map([
  ["mamba", mamba],
  ["falcon_mamba", mamba],
  ["jamba", jamba],
  ["zamba", jamba],
  ["mamba2", mamba2],
  ["bamba", mamba2],
  ["falcon_h1", mamba2],
  ["granitemoehybrid", mamba2],
  ["nemotron_h", mamba2],
  ["zamba2", mamba2],
  ["qwen3_next", deltaNet],
  ["qwen3_5", deltaNet],
  ["qwen3_5_moe", deltaNet],
  ["olmo_hybrid", deltaNet],
  ["kimi_linear", kimiDelta],
  ["minimax", lightning],
  ["minimax_text_01", lightning],
  ["minimax_m1", lightning],
  ["lfm2", shortConvolution],
  ["lfm2_moe", shortConvolution],
  ["recurrent_gemma", gatedRecurrence],
  ["rwkv", rwkv],
]);

/** state-spaces/mamba-130m-hf: 1,536 channels, each with 4 inputs and 16 states. */
function mamba(facts: Facts): State {
  // tiiuae/falcon-mamba-7b writes an `expand` of 16 beside the 8,192 channels it has.
  const channels = facts.optional("intermediate_size") ?? expand(facts);
  return {
    halfElements: channels * facts.count("conv_kernel"),
    floatElements: channels * facts.count("state_size"),
  };
}

/** ai21labs/Jamba-v0.1: as Mamba, but `intermediate_size` is that of its MLP. */
function jamba(facts: Facts): State {
  const channels = expand(facts);
  return {
    halfElements: channels * facts.count("mamba_d_conv"),
    floatElements: channels * facts.count("mamba_d_state"),
  };
}

/** nvidia/Nemotron-H-8B-Base-8K: 128 heads of 64, with 8 groups of 128 states that pass through the convolution too. */
function mamba2(facts: Facts): State {
  const heads = facts.count("mamba_num_heads", "mamba_n_heads", "n_mamba_heads", "num_heads");
  const size = facts.text["mamba_d_head"] === "auto" ? null : facts.optional(...mamba2HeadSize(facts));
  const channels = size === null ? (facts.optional("mamba_d_ssm") ?? expand(facts)) : heads * size;
  const states = facts.count("ssm_state_size", "mamba_d_state", "state_size");
  const groups = facts.count("n_groups", "mamba_n_groups", "mamba_ngroups");
  return {
    halfElements: (channels + 2 * groups * states) * facts.count("conv_kernel", "mamba_d_conv"),
    floatElements: channels * states,
  };
}

/** `head_dim` is the size of Mamba's heads where there is no attention: mistralai/Mamba-Codestral-7B-v0.1. */
function mamba2HeadSize({ modelType }: Facts): readonly string[] {
  return modelType === "mamba2" ? ["head_dim"] : ["mamba_head_dim", "mamba_d_head", "mamba_headdim"];
}

/** Qwen/Qwen3.5-27B: 48 heads with a state of 128 × 128, and queries, keys and values through the convolution. */
function deltaNet(facts: Facts): State {
  const keys = facts.count("linear_num_key_heads") * facts.count("linear_key_head_dim");
  const values = facts.count("linear_num_value_heads") * facts.count("linear_value_head_dim");
  return {
    halfElements: (2 * keys + values) * facts.count("linear_conv_kernel_dim"),
    floatElements: values * facts.count("linear_key_head_dim"),
  };
}

/** moonshotai/Kimi-Linear-48B-A3B-Instruct: 32 heads of 128, whose sizes stand in a config of their own. */
function kimiDelta(facts: Facts): State {
  const own = facts.text["linear_attn_config"];
  const [part, heads, size, kernel] = isObject(own)
    ? ([factsOfPart(facts, own), "num_heads", "head_dim", "short_conv_kernel_size"] as const)
    : ([facts, "linear_num_heads", "linear_head_dim", "linear_conv_kernel_dim"] as const);
  const channels = part.count(heads) * part.count(size);
  return { halfElements: 3 * channels * part.count(kernel), floatElements: channels * part.count(size) };
}

/** MiniMaxAI/MiniMax-Text-01: 64 heads with a state of 128 × 128 in 16 bits, and no convolution. */
function lightning(facts: Facts): State {
  return { halfElements: countHeads(facts) * countHeadSize(facts) ** 2, floatElements: 0 };
}

/** LiquidAI/LFM2-1.2B: the last 3 inputs of 2,048 channels. */
function shortConvolution(facts: Facts): State {
  return { halfElements: facts.count("hidden_size") * facts.count("conv_L_cache"), floatElements: 0 };
}

/** google/recurrentgemma-2b: a state of 2,560, behind a convolution that keeps all but the current input. */
function gatedRecurrence(facts: Facts): State {
  const channels = facts.count("lru_width", "hidden_size");
  return { halfElements: channels * (facts.count("conv1d_width") - 1), floatElements: channels };
}

/** RWKV/rwkv-4-169m-pile: the last input of attention and of the MLP, and three sums. */
function rwkv(facts: Facts): State {
  const hidden = facts.count("hidden_size");
  return { halfElements: 2 * hidden, floatElements: 3 * (facts.optional("attention_hidden_size") ?? hidden) };
}

function expand(facts: Facts): number {
  return facts.count("mamba_expand", "expand") * facts.count("hidden_size");
}
