/** Which modules of a model peft puts an adapter on. */
import { lookUp } from "../contract/json.ts";
import { type Unknown, unknown } from "../contract/unknown.ts";
import type { Config } from "../format/config.ts";
import { modelTypes, tabulateModelTypes } from "../model/architectures.ts";
import { OUTPUT_HEAD } from "../model/ties.ts";
import type { Weight } from "../model/weight.ts";
import { isConv1D } from "../quant/layers.ts";
import type { LogicalModel } from "../quant/scheme.ts";
import { findTextStacks } from "./stacks.ts";

/** Names of modules (a module matches by its end), a pattern for whole names, or all but the output head. */
export type Targets = readonly string[] | RegExp | "all-linear";

/** One `nn.Linear` or `Conv1D` of the model's class. */
export interface LinearModule {
  /** As the checkpoint has it, without `.weight`. */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Projection of a transformer layer, of a tower or of the language model. */
  readonly inBlock: boolean;
  readonly role: Weight["role"];
}

/** Tables that are looked up: `nn.Embedding`, or a bare parameter. `embedding_projection` of Gemma 4 is linear. */
const LOOKED_UP =
  /(?:^|\.)(?:\w*embeddings?|embed_(?:tokens|positions|in)\w*|pos_embed|wte|wpe|shared|relative_attention_bias)$/;

/**
 * Modules that a checkpoint stores and the class of its config.json does not have: google-bert/bert-base-uncased was
 * saved by BertForPreTraining, and BertForMaskedLM lacks the pooler (transformers, `add_pooling_layer=False`).
 */
const NOT_OF_CLASS: Readonly<Record<string, RegExp>> = {
  BertForMaskedLM: /(?:^|\.)(?:pooler|seq_relationship)(?:\.|$)/,
  AlbertForMaskedLM: /(?:^|\.)(?:pooler|sop_classifier)(?:\.|$)/,
};

/** Routers are bare parameters in transformers 5, as are all experts of a layer. */
const BARE_ROLES: ReadonlySet<Weight["role"]> = new Set(["router", "experts"] as const);

/** The gate of shared experts is a linear layer: Qwen/Qwen1.5-MoE-A2.7B, modeling_qwen2_moe.py. */
const LINEAR_GATE = /\.shared_expert_gate$/;

/** Every linear layer that transformers 5 builds for this checkpoint, the output head among them. */
export function listLinearModules({ weights, config }: LogicalModel): LinearModule[] {
  const notOfClass = lookUp(NOT_OF_CLASS, config?.architecture ?? "");
  const inputsFirst = isConv1D(config);
  return weights.flatMap(({ name, shape, role }) => {
    const [first, second] = shape;
    const module = name.replace(/\.weight$/, "");
    if (shape.length !== 2 || first === undefined || second === undefined || module === name) return [];
    if (LOOKED_UP.test(module) || notOfClass?.test(module)) return [];
    if (BARE_ROLES.has(role) && !LINEAR_GATE.test(module)) return [];
    if (role === "mtp") return []; // layers that transformers does not build: deepseek-ai/DeepSeek-V3
    // Conv1D is [inputs, outputs]; only the blocks of a GPT-2 are made of it, not its heads.
    const inBlock = /(?:^|\.)\d+\./.test(module);
    const [outputs, inputs] = inputsFirst && inBlock ? [second, first] : [first, second];
    return [{ name: module, inputs, outputs, inBlock, role }];
  });
}

/** The modules that targets name (peft, src/peft/tuners/tuners_utils.py, `check_target_module_exists`). */
export function matchTargets(modules: readonly LinearModule[], targets: Targets): LinearModule[] {
  if (targets === "all-linear") return modules.filter(({ name }) => !OUTPUT_HEAD.test(name));
  if (targets instanceof RegExp) return modules.filter(({ name }) => targets.test(name));
  const ends = new Set(targets);
  return modules.filter(({ name }) => listEnds(name).some((end) => ends.has(end)));
}

/** The longest ends of a name that are looked up: `layer.0.attention.output.dense` is far shorter. */
const MAX_PARTS = 32;

/** Return the ends of a module's name, the shortest first: `q_proj`, `self_attn.q_proj` … and the whole name. */
function listEnds(name: string): string[] {
  const ends: string[] = [];
  for (let dot = name.length; dot > 0 && ends.length < MAX_PARTS;) {
    dot = name.lastIndexOf(".", dot - 1);
    ends.push(name.slice(dot + 1));
  }
  return ends.at(-1) === name ? ends : [...ends, name];
}

function endsWith(name: string, target: string): boolean {
  return name === target || name.endsWith(`.${target}`);
}

/** Model types with Mamba layers, of which peft takes no `out_proj` (tuners_utils.py, `_check_lora_target_modules_mamba`). */
const hasMamba = modelTypes("falcon_h1 mamba mamba2 falcon_mamba nemotron_h");

/** Modules on which peft raises an error; null where there are none: state-spaces/mamba-130m-hf. */
export function refuseTargets(modules: readonly LinearModule[], { config }: LogicalModel): Unknown | null {
  const refused = modules.some(({ name }) => endsWith(name, "out_proj"));
  if (!refused || !hasMamba(config)) return null;
  return unknown(`peft refuses LoRA on out_proj of ${config?.modelType}`);
}

const TOWER_ROLES: ReadonlySet<Weight["role"]> = new Set(["vision", "audio"] as const);

/**
 * The shortest names that mean the attention of the language model's layers: `o_proj`, but `attention.output.dense` of a
 * BERT, where `dense` would mean more. A tower that uses the same names is matched as well, as peft does.
 */
export function nameAttention(subject: LogicalModel): readonly string[] {
  const modules = listLinearModules(subject);
  const stacks = findTextStacks(subject.weights);
  const inStacks = new Set(
    stacks.flatMap(({ layers }) => layers.flatMap((layer) => layer.weights.map(({ name }) => name))),
  );
  const isAttention = ({ name, role }: LinearModule) =>
    role === "attention" && inStacks.has(`${name}.weight`);
  const others = modules.filter((module) => !isAttention(module) && !TOWER_ROLES.has(module.role));
  const ofOthers = new Set(others.flatMap(({ name }) => listEnds(name)));
  const names = modules
    .filter(isAttention)
    .map(({ name }) => listEnds(name).find((end) => !ofOthers.has(end)) ?? name);
  return [...new Set(names)];
}

type Renames = readonly (readonly [RegExp, string])[];

/** The class wraps the model that the checkpoint holds bare: openai-community/gpt2. */
const WRAP: Renames = [[/^(?=h\.\d|w[tp]e\.|word_embeddings)/, "transformer."]];

const NEST: Renames = [
  [/^language_model\.model\./, "model.language_model."],
  [/^(vision_tower|multi_modal_projector)\./, "model.$1."],
  [/^language_model\.lm_head/, "lm_head"],
];

/** Names that transformers 5 changes as it loads a checkpoint (conversion_mapping.py). */
const findRenames = tabulateModelTypes<Renames>({
  gpt2: WRAP,
  bloom: WRAP,
  llava: NEST,
  gemma3: NEST,
  gpt_neox: [[/^embed_out/, "lm_head"]],
  qwen2_5_vl: [
    [/^model\.(?=layers\.|embed_tokens|norm)/, "model.language_model."],
    [/^visual\./, "model.visual."],
  ],
});

/** Return the name of a module or weight in an adapter's file. */
export function nameModule(name: string, { config }: Pick<LogicalModel, "config">): string {
  const renames = findRenames(config) ?? [];
  return `base_model.model.${renames.reduce((text, [from, to]) => text.replace(from, to), name)}`;
}

/** Module names that peft takes where none are given (src/peft/utils/constants.py, TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING). */
const DEFAULT_TARGETS: readonly (readonly [(config: Config | null) => boolean, Targets])[] = [
  [modelTypes("t5 mt5"), ["q", "v"]],
  [modelTypes("gpt2 gpt_bigcode"), ["c_attn"]],
  [modelTypes("bloom gpt_neox chatglm RefinedWebModel RefinedWeb falcon"), ["query_key_value"]],
  [
    modelTypes(
      "bart opt gptj gpt_neo llama llama4 mistral mixtral stablelm gemma gemma2",
      "gemma3_text qwen2 qwen3",
    ),
    ["q_proj", "v_proj"],
  ],
  [modelTypes("bert roberta xlm-roberta electra layoutlm"), ["query", "value"]],
  [modelTypes("deberta-v2"), ["query_proj", "value_proj"]],
  [modelTypes("deberta"), ["in_proj"]],
  [modelTypes("blip-2"), ["q", "v", "q_proj", "v_proj"]],
  [modelTypes("mpt"), ["Wqkv"]],
  [modelTypes("btlm"), ["c_proj", "c_attn"]],
  [modelTypes("codegen"), ["qkv_proj"]],
  [modelTypes("phi"), ["q_proj", "v_proj", "fc1", "fc2"]],
  [modelTypes("nemotron_h"), ["q_proj", "k_proj", "v_proj", "o_proj"]],
  [modelTypes("rwkv"), ["key", "value", "receptance", "output"]],
  [modelTypes("rwkv7"), ["r_proj", "k_proj", "v_proj", "o_proj", "key", "value"]],
  [modelTypes("gemma4"), /^(?:.*)language_model\..*\.(?:q_proj|v_proj)$/],
];

export function findDefaultTargets(config: Config | null): Targets | null {
  return DEFAULT_TARGETS.find(([isOfType]) => isOfType(config))?.[1] ?? null;
}
