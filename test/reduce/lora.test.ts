import { unknown } from "../../src/contract/unknown.ts";
import { startVariant } from "../../src/reduce/variant.ts";
import { describe, expect, test } from "vitest";
import { buildAdapterFile } from "../../src/reduce/adapter-file.ts";
import { listAdapters, listTasks, planAdapter, DEFAULT_RANKS } from "../../src/reduce/lora.ts";
import { listLinearModules, nameAttention } from "../../src/reduce/lora-targets.ts";
import { buildConfig } from "../../src/format/config.ts";
import { modelOf, weightOf } from "../quant/tiny-model.ts";
import { readRealModels } from "../hub/real-models.ts";
import { LEVELS_REQUEST, originalOf } from "./base-models.ts";

/** What `print_trainable_parameters` of peft says at rank 16 of all linear layers, as people's training logs show it. */
test.each([
  ["meta-llama/Meta-Llama-3-8B", 41_943_040],
  ["mistralai/Mistral-7B-v0.1", 41_943_040],
  ["meta-llama/Llama-3.2-1B-Instruct", 11_272_192],
  ["meta-llama/Llama-3.1-70B-Instruct", 207_093_760],
  ["Qwen/Qwen2.5-0.5B-Instruct", 8_798_208],
  ["Qwen/Qwen2.5-1.5B", 18_464_768],
  ["Qwen/Qwen2.5-7B-Instruct", 40_370_176],
  ["Qwen/Qwen2.5-14B", 68_812_800],
  ["Qwen/Qwen3-8B", 43_646_976],
  ["google/gemma-2-9b", 54_018_048],
  ["google/gemma-2-2b-it", 20_766_720],
  ["mistralai/Mistral-Nemo-Instruct-2407", 57_016_320],
  ["TinyLlama/TinyLlama-1.1B-Chat-v1.0", 12_615_680],
])("%s: %i", (id, parameters) => {
  const recipe = { rank: 16, targets: "all-linear", dora: false, modulesToSave: [] } as const;
  expect(buildAdapterFile(originalOf(id), recipe)).toMatchObject({ parameters });
});

/** peft 0.21 on transformers 5.18: it rewrites all-linear for the experts that are stacked there. */
test.each([
  ["mistralai/Mixtral-8x7B-v0.1", 179_832_832, 448],
  ["Qwen/Qwen3-30B-A3B", 498_253_824, 672],
  ["deepseek-ai/DeepSeek-V2-Lite", 179_497_472, 372],
  ["openai/gpt-oss-20b", 3_981_312, 192], // not rewritten: experts are passed over
])("%s at rank 8: %i in %i tensors", (id, parameters, tensors) => {
  const [, , allLinear] = listAdapters(originalOf(id), { ...LEVELS_REQUEST, ranks: [8], tasks: 2 });
  expect(allLinear).toMatchObject({ name: "rank 8, all-linear", parameters, tensors });
});

test("an adapter on experts, tensor by tensor", () => {
  const recipe = { rank: 8, targets: "all-linear", dora: false, modulesToSave: [] } as const;
  const file = buildAdapterFile(originalOf("mistralai/Mixtral-8x7B-v0.1"), recipe);
  if ("reason" in file) throw new Error(file.reason);
  const layer = "base_model.model.model.layers.0.mlp";
  expect(file.tensors.filter(({ name }) => name.startsWith(layer))).toMatchObject([
    { name: `${layer}.gate.lora_A.weight`, shape: [8, 4096] },
    { name: `${layer}.gate.lora_B.weight`, shape: [8, 8] },
    { name: `${layer}.experts.base_layer.lora_A.weight`, shape: [128, 4096] },
    { name: `${layer}.experts.base_layer.lora_B.weight`, shape: [28672, 128] },
    { name: `${layer}.experts.lora_A.weight`, shape: [64, 14336] },
    { name: `${layer}.experts.lora_B.weight`, shape: [4096, 64] },
  ]);
});

describe("every model of the catalog", () => {
  test.each(readRealModels().map(({ id }) => id))("%s", (id) => {
    const base = originalOf(id);
    const rows = listAdapters(base, { ...LEVELS_REQUEST, ranks: DEFAULT_RANKS, tasks: 10 });
    const adapters = rows.filter(({ tensors }) => tensors !== null);
    expect(adapters.length).toBeGreaterThan(0);
    for (const { parameters, sizes, inputs, tensors } of adapters) {
      const [fp32, fp16, int8] = sizes.map(({ bytes }) => bytes ?? 0);
      // a header of JSON, padded to 8 bytes, is all that is not weights
      expect(((fp32 ?? 0) - 4 * (parameters ?? 0)) % 8).toBe(0);
      expect((fp32 ?? 0) - 4 * (parameters ?? 0)).toBeGreaterThan(8);
      expect(fp16).toBeLessThan(fp32 ?? 0);
      expect(int8).toBe(fp16);
      const saved = inputs["modulesToSave"] === "" ? 0 : 1;
      if (!saved) expect(tensors).toBe((inputs["dora"] ? 3 : 2) * Number(inputs["matrices"]));
    }
  });
});

test.each([
  ["meta-llama/Llama-2-7b-hf", ["q_proj", "k_proj", "v_proj", "o_proj"]],
  ["google-bert/bert-base-uncased", ["query", "key", "value", "attention.output.dense"]], // dense alone is more
  ["openai-community/gpt2", ["c_attn", "attn.c_proj"]],
  ["google-t5/t5-base", ["q", "k", "v", "o"]],
  ["microsoft/phi-4", ["o_proj", "qkv_proj"]],
  ["albert/albert-base-v2", ["query", "key", "value", "attention.dense"]],
])("the attention of %s is named %j", (id, names) => {
  expect(nameAttention(originalOf(id))).toEqual(names);
});

describe("what is no linear layer to peft", () => {
  const namesOf = (id: string) => listLinearModules(originalOf(id)).map(({ name }) => name);
  test.each([
    ["openai/gpt-oss-20b", "model.layers.0.mlp.router"], // a bare parameter in transformers 5
    ["mistralai/Mixtral-8x7B-v0.1", "model.layers.0.block_sparse_moe.experts.0.w1"], // stacked with the others
    ["google-bert/bert-base-uncased", "bert.pooler.dense"], // not in BertForMaskedLM
    ["google-t5/t5-base", "encoder.block.0.layer.0.SelfAttention.relative_attention_bias"],
    ["google/gemma-3-4b-it", "vision_tower.embeddings.position_embedding"],
    ["google/gemma-2b-it", "model.embed_tokens"],
  ])("%s: %s", (id, name) => expect(namesOf(id)).not.toContain(name));

  test.each([
    ["google/gemma-4-31B-it", "model.embed_vision.embedding_projection"],
    ["albert/albert-base-v2", "albert.encoder.embedding_hidden_mapping_in"],
  ])("but is one: %s, %s", (id, name) => expect(namesOf(id)).toContain(name));
});

describe("refused", () => {
  const recipe = { targets: ["q_proj", "k_proj"], dora: false, modulesToSave: [] } as const;
  const gemma = originalOf("google/gemma-2b-it");

  test("a rank above the matrix: a key of Gemma 2B is 256 wide", () => {
    expect(buildAdapterFile(gemma, { ...recipe, rank: 256 })).toMatchObject({
      parameters: 18 * 256 * (4096 + 2304),
    });
    expect(buildAdapterFile(gemma, { ...recipe, rank: 257 })).toEqual(
      unknown(
        "rank 257 is above the matrix: model.layers.0.self_attn.k_proj is 256 × 2048, of rank 256 at most",
      ),
    );
  });

  test("modules that are not there", () => {
    expect(buildAdapterFile(gemma, { ...recipe, targets: ["c_attn"], rank: 8 })).toHaveProperty("reason");
  });

  test.each([
    [
      "mixtral",
      "default",
      false,
      "peft finds no target modules by itself for mixtral: it rewrites them for experts",
    ],
    ["mixtral", "all-linear", true, "peft refuses DoRA on experts that are stacked into one parameter"],
    [
      "qwen3_next",
      "all-linear",
      false,
      "how peft lays adapters out on the experts of qwen3_next is not known here",
    ],
    ["llama", "all-linear", false, "its class is not named, and what peft does with experts depends on it"], // GGUF
    ["llama", "default", false, "its class is not named, and what peft does with experts depends on it"],
    ["mamba", "all-linear", false, "peft refuses LoRA on out_proj of mamba"],
  ] as const)("what peft does not take: %s, %s", (model_type, targets, dora, reason) => {
    const names = ["self_attn.q_proj", model_type === "mamba" ? "mixer.out_proj" : "mlp.experts.0.gate_proj"];
    const start = startVariant({
      config: buildConfig({ model_type }),
      weights: names.map((name) => weightOf(`model.layers.0.${name}.weight`, 16, 32)),
    });
    expect(planAdapter(start, { rank: 8, targets, dora, save: false })).toEqual(unknown(reason));
  });

  test("targets that peft does not choose by itself", () => {
    const rows = listAdapters(originalOf("distilbert/distilbert-base-uncased"), {
      ...LEVELS_REQUEST,
      ranks: [8],
      tasks: 2,
    });
    expect(rows[0]?.reason).toBe("peft lacks default target modules for distilbert");
  });
});

test("RoBERTa's lm_head.dense is not its head: only the embedding is saved", () => {
  const parts = ["self.query", "self.key", "self.value", "output.dense"];
  const layers = Array.from({ length: 12 }, (_, layer) =>
    parts.map((part) => weightOf(`roberta.encoder.layer.${layer}.attention.${part}.weight`, 768, 768)),
  );
  const roberta = modelOf(
    { model_type: "roberta", architectures: ["RobertaForMaskedLM"] },
    weightOf("roberta.embeddings.word_embeddings.weight", 50_265, 768),
    ...layers.flat(),
    weightOf("lm_head.dense.weight", 768, 768),
  );
  const plan = planAdapter(startVariant(roberta), {
    rank: 8,
    targets: "attention",
    dora: false,
    save: true,
  });
  expect(plan).toMatchObject({ adapter: { parameters: 589_824 + 38_603_520 }, inputs: { matrices: 48 } });
});

test("what weighs the shared expert is a linear layer: Qwen/Qwen1.5-MoE-A2.7B", () => {
  const gate = weightOf("model.layers.0.mlp.shared_expert_gate.weight", 1, 2048);
  const modules = listLinearModules({ weights: [gate], config: buildConfig({ model_type: "qwen2_moe" }) });
  expect(modules).toMatchObject([{ inputs: 2048, outputs: 1 }]);
});

test("so many tasks: one model and adapters against models", () => {
  const gemma = originalOf("google/gemma-2b-it");
  const request = { ...LEVELS_REQUEST, ranks: [8], tasks: 3 };
  const adapter = listAdapters(gemma, request).find(({ name }) => name === "rank 8, all-linear");
  const [models, adapters] = listTasks(gemma, request);
  expect(models?.parameters).toBe(3 * 2_506_172_416);
  expect(models?.sizes[1]?.bytes).toBe(3 * 5_012_344_832);
  expect(adapters?.parameters).toBe(2_506_172_416 + 3 * 9_805_824);
  // an adapter stays at 16 bits beside a model of 4
  expect(adapters?.sizes[3]?.bytes).toBe(1_409_830_912 + 3 * (adapter?.sizes[1]?.bytes ?? 0));
});

test("so many tasks that bytes are no longer exact are unknown", () => {
  const [models] = listTasks(originalOf("bigscience/bloom"), {
    ...LEVELS_REQUEST,
    ranks: [8],
    tasks: 99_999,
  });
  expect(models?.sizes[0]).toMatchObject({ bytes: null, reason: "it is too large to be counted exactly" });
});
