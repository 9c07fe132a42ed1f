import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countElements, type Tensor } from "../../../src/format/tensor.ts";
import { buildConfig, type JsonObject } from "../../../src/format/config.ts";
import { unpackTensors } from "./unpack.ts";
import { buildGptOss } from "./gpt-oss.ts";
import {
  buildLlama,
  configOf,
  countParameters,
  fourBits,
  LLAMA_8B,
  SMALL,
  sumBytes,
  tensor,
} from "./llama-like.ts";
import { gptqLinear, LINEARS, mlxLinear, packQuantizedLinear } from "./packed-linears.ts";

const groups = { group_size: 128 };
const EIGHT_BILLION = 8_030_261_248;

describe("published counts", () => {
  test("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16: the zero biases are no parameters", () => {
    const tensors = buildLlama(gptqLinear(fourBits, { zeroBias: true }), { llama: LLAMA_8B, dtype: "F16" });
    const unpacked = unpackTensors(tensors, configOf({ quant_method: "gptq", bits: 4, ...groups }, LLAMA_8B));
    expect(countParameters(unpacked.tensors)).toBe(EIGHT_BILLION);
    const zeros = unpacked.auxiliary.filter(({ reason }) => reason === "zero-bias");
    expect(zeros.reduce((total, one) => total + (one.tensor.shape[0] ?? 0), 0)).toBe(
      8_031_637_504 - EIGHT_BILLION,
    );
  });

  test("unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit", () => {
    const tensors = buildLlama(LINEARS.bitsandbytes4Double, { llama: LLAMA_8B });
    const unpacked = unpackTensors(tensors, configOf({ quant_method: "bitsandbytes" }, LLAMA_8B));
    expect(countParameters(unpacked.tensors)).toBe(EIGHT_BILLION);
  });

  test.each([
    ["openai/gpt-oss-20b", 24, 32, 20_914_757_184, 13_761_264_768],
    ["openai/gpt-oss-120b", 36, 128, 116_829_156_672, 65_248_815_744],
  ])("%s", (_, layers, experts, parameters, bytes) => {
    const tensors = buildGptOss(layers, experts);
    const config = buildConfig({ hidden_size: 2880, quantization_config: { quant_method: "mxfp4" } });
    const unpacked = unpackTensors(tensors, config);
    expect(sumBytes(tensors)).toBe(bytes);
    expect(unpacked.certain).toBe(true);
    expect(countParameters(unpacked.tensors)).toBe(parameters);
    expect(unpacked.tensors.find(({ packing }) => packing !== null)).toEqual({
      name: "model.layers.0.mlp.experts.gate_up_proj",
      shape: [experts, 5760, 2880],
      dtype: "U8",
      bytes: (experts * 5760 * 2880) / 2,
      packing: "mxfp4-blocks",
    });
  });

  test("microsoft/bitnet-b1.58-2B-4T", () => {
    const llama = { layers: 30, hidden: 2560, intermediate: 6912, keyValueWidth: 640, vocabulary: 128_256 };
    const tensors = buildLlama(LINEARS.bitnet, { llama }).filter(({ name }) => name !== "lm_head.weight");
    for (let layer = 0; layer < llama.layers; layer++)
      tensors.push(
        tensor(`model.layers.${layer}.self_attn.attn_sub_norm.weight`, "BF16", [2560]),
        tensor(`model.layers.${layer}.mlp.ffn_sub_norm.weight`, "BF16", [6912]),
      );
    expect(sumBytes(tensors)).toBe(1_178_562_980);
    expect(countParameters(unpackTensors(tensors, configOf({ quant_method: "bitnet" }, llama)).tensors)).toBe(
      2_412_820_480,
    );
  });

  test("moonshotai/Kimi-K2.5: the experts of its 60 sparse layers", () => {
    const config = buildConfig({
      text_config: {
        hidden_size: 7168,
        moe_intermediate_size: 2048,
        quantization_config: { config_groups: { group_0: { weights: { num_bits: 4, group_size: 32 } } } },
      },
    });
    const linear = packQuantizedLinear(4, { group: 32 });
    const expert = (index: number): Tensor[] => [
      ...linear(`language_model.model.layers.1.mlp.experts.${index}.gate_proj`, 2048, 7168),
      ...linear(`language_model.model.layers.1.mlp.experts.${index}.up_proj`, 2048, 7168),
      ...linear(`language_model.model.layers.1.mlp.experts.${index}.down_proj`, 7168, 2048),
    ];
    const unpacked = unpackTensors(Array.from({ length: 384 }, (_, index) => expert(index)).flat(), config);
    expect(unpacked.certain).toBe(true);
    expect(countParameters(unpacked.tensors) * 60).toBe(1_014_686_023_680);
  });

  test("deepseek-ai/DeepSeek-V4-Pro: the experts of its 61 layers and of the one that predicts ahead", () => {
    const config = buildConfig({ hidden_size: 7168, moe_intermediate_size: 3072, expert_dtype: "fp4" });
    const expert = [
      ...LINEARS.deepseekV4("layers.0.ffn.experts.0.w1", 3072, 7168),
      ...LINEARS.deepseekV4("layers.0.ffn.experts.0.w2", 7168, 3072),
      ...LINEARS.deepseekV4("layers.0.ffn.experts.0.w3", 3072, 7168),
      tensor("layers.0.ffn.gate.tid2eid", "I32", [129_280, 6]),
    ];
    const unpacked = unpackTensors(expert, config);
    expect(unpacked.certain).toBe(true);
    expect(unpacked.tensors.at(-1)).toMatchObject({ name: "layers.0.ffn.gate.tid2eid", packing: null });
    const perExpert = countParameters(unpacked.tensors) - 129_280 * 6;
    expect(perExpert * 384 * 62).toBe(1_572_763_336_704);
  });
});

test("a bias that the architecture has stays a parameter", () => {
  const tensors = gptqLinear(fourBits, { zeroBias: true })("model.layers.0.self_attn.q_proj", 2048, 2048);
  const biasesOf = (more: JsonObject): number =>
    unpackTensors(tensors, configOf({ bits: 4 }, SMALL, more)).tensors.length - 1;
  expect(biasesOf({})).toBe(0);
  expect(biasesOf({ attention_bias: true })).toBe(1);
  expect(biasesOf({ model_type: "qwen2" })).toBe(1);
  expect(biasesOf({ model_type: "unheard-of" })).toBe(1);
});

test("scales of caches are no parameters of a quantized model", () => {
  const scale = tensor("model.layers.0.self_attn.k_scale", "F32", []);
  expect(unpackTensors([scale], configOf({ quant_method: "fp8" })).tensors).toEqual([]);
  expect(unpackTensors([scale], configOf(null)).tensors).toHaveLength(1);
});

test("a bitsandbytes weight whose shape nothing tells is one long row", () => {
  const tensors = LINEARS.bitsandbytes4("visual.patch_embed.proj", 1280, 1177);
  const { tensors: unpacked, certain } = unpackTensors(tensors, configOf({ load_in_4bit: true }));
  expect(unpacked).toMatchObject([{ shape: [1, 1280 * 1177] }]);
  expect(certain).toBe(true);
});

/** Every name that a tool gives a tensor of a module. */
const LEAVES = [
  ...new Set(
    [gptqLinear(fourBits), mlxLinear(4, 64), packQuantizedLinear(4), ...Object.values(LINEARS)]
      .flatMap((linear) => linear("m", 256, 256))
      .map(({ name }) => name.slice("m.".length)),
  ),
];

const arbitraryTensor = fc
  .record({
    name: fc.oneof(
      fc
        .tuple(fc.constantFrom("m", "n", "experts"), fc.constantFrom(...LEAVES))
        .map((parts) => parts.join(".")),
      fc.string(),
    ),
    dtype: fc.constantFrom(
      "U8",
      "I8",
      "I16",
      "I32",
      "U32",
      "I64",
      "F16",
      "F32",
      "BF16",
      "F8_E4M3",
      "F8_E8M0",
      "F4",
    ),
    shape: fc.array(fc.constantFrom(0, 1, 2, 3, 4, 8, 16, 64, 128, 256, 2048, 2 ** 20, 2 ** 40), {
      maxLength: 4,
    }),
    bytes: fc.constantFrom(0, 1, 64, 2 ** 20, 2 ** 52, Number.MAX_SAFE_INTEGER),
  })
  .filter(({ shape }) => countElements(shape) !== null);

test("nothing throws, nothing is lost, every count is a safe integer", () => {
  fc.assert(
    fc.property(fc.array(arbitraryTensor), fc.jsonValue(), (tensors, quantization) => {
      const config = buildConfig({ hidden_size: 2048, quantization_config: quantization });
      for (const unpacked of [unpackTensors(tensors, null), unpackTensors(tensors, config)]) {
        expect(unpacked.tensors.length + unpacked.auxiliary.length).toBe(tensors.length);
        expect(unpacked.tensors.every(({ shape }) => countElements(shape) !== null)).toBe(true);
        expect(unpacked.certain).toBe(unpacked.notes.length === 0);
      }
    }),
    { numRuns: 300 },
  );
});

test("92,000 tensors take well under a second of processor time", () => {
  const tensors = Array.from({ length: 46_000 }, (_, index) =>
    LINEARS.fp8Block(`model.layers.${index % 61}.mlp.experts.${index}.up_proj`, 2048, 7168),
  ).flat();
  const start = process.cpuUsage();
  expect(unpackTensors(tensors, configOf({ quant_method: "fp8" })).tensors).toHaveLength(46_000);
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(1000);
});

test("a scale per weight is an array by a misleading name, and the packing unknown", () => {
  const tensors = (columns: number) => [
    { name: "q_proj.weight", dtype: "I8", shape: [64, 64], bytes: 4096 },
    { name: "q_proj.weight_scale", dtype: "F32", shape: [64, columns], bytes: 256 * columns },
  ];
  expect(unpackTensors(tensors(1), null)).toMatchObject({ certain: true, auxiliary: [{ reason: "scale" }] });
  expect(unpackTensors(tensors(64), null)).toMatchObject({ certain: false, auxiliary: [] });
});
