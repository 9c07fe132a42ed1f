import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/format/config.ts";
import { mayBePacked } from "../../../src/model/packing/load-packings.ts";
import { unpackTensors } from "./unpack.ts";
import {
  buildLlama,
  configOf,
  countParameters,
  fourBits,
  LLAMA_8B,
  PLAIN,
  sumBytes,
  tensor,
  type Linear,
} from "./llama-like.ts";
import { gptqLinear, LINEARS, mlxFloatLinear, mlxLinear, packQuantizedLinear } from "./packed-linears.ts";

const plainShapes = new Map(buildLlama(PLAIN).map(({ name, shape }) => [name, shape]));
const groups = { group_size: 128 };
const packed4 = {
  quant_method: "compressed-tensors",
  config_groups: { group_0: { weights: { num_bits: 4, ...groups } } },
};

type Layout = [string, string | null, Linear, JsonObject | null, { table?: Linear }?];

/** Every layout of the small model: what it takes to know it, and nothing more. */
const LAYOUTS: readonly Layout[] = [
  ["dense BF16", null, PLAIN, null],
  ["GPTQ 4-bit", "gptq", gptqLinear(fourBits), { quant_method: "gptq", bits: 4, ...groups }],
  ["GPTQ 4-bit, no config", "gptq", gptqLinear(fourBits), null],
  ["GPTQ 2-bit", "gptq", gptqLinear(() => 2), { quant_method: "gptq", bits: 2, ...groups }],
  ["GPTQ 3-bit", "gptq", gptqLinear(() => 3), { quant_method: "gptq", bits: 3, ...groups }],
  ["GPTQ 3-bit, no g_idx", "gptq", gptqLinear(() => 3, { index: false }), { bits: 3, ...groups }],
  ["GPTQ 8-bit", "gptq", gptqLinear(() => 8), { quant_method: "gptq", bits: 8, ...groups }],
  [
    "GPTQ dynamic",
    "gptq",
    gptqLinear((module) => (module.endsWith("down_proj") ? 8 : 4)),
    { quant_method: "gptq", bits: 4, ...groups, dynamic: { "+:.*down_proj": { bits: 8 } } },
  ],
  [
    "GPTQ, config lies about the width",
    "gptq",
    gptqLinear(fourBits),
    { quant_method: "gptq", bits: 8, ...groups },
  ],
  [
    "auto-round",
    "gptq",
    gptqLinear(fourBits, { index: false }),
    { quant_method: "auto-round", bits: 4, ...groups },
  ],
  ["auto-round as AWQ", "awq", LINEARS.awq, { quant_method: "auto-round", bits: 4, ...groups }],
  ["AWQ gemm", "awq", LINEARS.awq, { quant_method: "awq", bits: 4, ...groups }],
  ["AWQ gemv", "awq", LINEARS.awqGemv, { quant_method: "awq", bits: 4, ...groups }],
  ["AWQ gemv_fast", "awq", LINEARS.awqGemvFast, { quant_method: "awq", bits: 4, ...groups }],
  ["Marlin", "marlin", LINEARS.marlin, { quant_method: "gptq", bits: 4, ...groups, is_marlin_format: true }],
  ["Marlin 2:4", "marlin-24", LINEARS.marlin24, packed4],
  [
    "bnb nf4",
    "bitsandbytes-4bit",
    LINEARS.bitsandbytes4,
    { quant_method: "bitsandbytes", load_in_4bit: true },
  ],
  ["bnb fp4, double quantization", "bitsandbytes-4bit", LINEARS.bitsandbytes4Double, { load_in_4bit: true }],
  ["bnb nf4 called BF16", "bitsandbytes-4bit", LINEARS.bitsandbytes4InBf16, { load_in_4bit: true }],
  [
    "bnb int8",
    "bitsandbytes-int8",
    LINEARS.bitsandbytes8,
    { quant_method: "bitsandbytes", load_in_8bit: true },
  ],
  ["compressed-tensors w4a16", "compressed-tensors", packQuantizedLinear(4), packed4],
  [
    "compressed-tensors 3-bit",
    "compressed-tensors",
    packQuantizedLinear(3),
    { config_groups: { group_0: { weights: { num_bits: 3, ...groups } } } },
  ],
  [
    "compressed-tensors 8-bit, a scale a row",
    "compressed-tensors",
    packQuantizedLinear(8, { group: 0 }),
    { config_groups: { group_0: { weights: { num_bits: 8, group_size: null } } } },
  ],
  [
    "compressed-tensors, asymmetric",
    "compressed-tensors",
    packQuantizedLinear(4, { asymmetric: true }),
    null,
  ],
  ["compressed-tensors, actorder", "compressed-tensors", packQuantizedLinear(4, { actorder: true }), packed4],
  [
    "compressed-tensors, two widths",
    "compressed-tensors",
    (module, outputs, inputs) =>
      packQuantizedLinear(module.endsWith("down_proj") ? 8 : 4)(module, outputs, inputs),
    {
      config_groups: {
        group_0: {
          targets: ["Linear"],
          weights: { num_bits: 4, ...groups },
          input_activations: { num_bits: 3 },
        },
        group_1: { targets: ["re:.*down_proj"], weights: { num_bits: 8, ...groups } },
      },
    },
  ],
  ["2:4 sparse", "sparse-bitmask", LINEARS.sparse24, null],
  ["sparse", "sparse-bitmask", LINEARS.sparse, null],
  ["compressed-tensors nvfp4", "nvfp4", LINEARS.nvfp4Packed, { format: "nvfp4-pack-quantized" }],
  ["compressed-tensors mxfp4", "mxfp4", LINEARS.mxfp4Packed, { format: "mxfp4-pack-quantized" }],
  ["ModelOpt NVFP4", "nvfp4", LINEARS.modeloptNvfp4, { quant_method: "modelopt", quant_algo: "NVFP4" }],
  ["ModelOpt INT4 AWQ", "modelopt-int4", LINEARS.modeloptInt4, { quant_method: "modelopt" }],
  ["Quark MXFP4", "mxfp4", LINEARS.quarkMxfp4, { quant_method: "quark" }],
  ["Quark MXFP6", "mxfp6", LINEARS.quarkMxfp6, { quant_method: "quark" }],
  ["Quark int4", "quark-int4", LINEARS.quarkInt4, { quant_method: "quark" }],
  ["FP-Quant", "mxfp4", LINEARS.fpQuant, { quant_method: "fp_quant" }],
  ["FP4 in I8, as DeepSeek-V4", "mxfp4", LINEARS.deepseekV4, { quant_method: "fp8" }],
  ["fp8 block-128", "fp8", LINEARS.fp8Block, { quant_method: "fp8" }],
  ["fp8 block-128, no config", "fp8", LINEARS.fp8Block, null],
  ["fp8 static", "fp8", LINEARS.fp8Static, { quant_method: "modelopt" }],
  ["fp4 as F4", "fp4", LINEARS.float4, null],
  ["int8 w8a8", "int8", LINEARS.int8, { quant_method: "compressed-tensors" }],
  ["EETQ", "eetq", LINEARS.eetq, { quant_method: "eetq" }],
  ["scales kept beside full weights", null, LINEARS.dense, { format: "dense" }],
  ["HQQ 4-bit", "hqq", LINEARS.hqq, { quant_method: "hqq" }],
  ["HQQ 4-bit, groups in columns", "hqq", LINEARS.hqqColumns, { weight_quant_params: { group_size: 64 } }],
  ["HQQ 3-bit", "hqq", LINEARS.hqq3, { quant_method: "hqq" }],
  ["EXL2", "exl2", LINEARS.exl2, null],
  ["EXL3", "exl3", LINEARS.exl3, { quant_method: "exl3", bits: 4 }],
  ["AQLM 1x16", "aqlm", LINEARS.aqlm, { quant_method: "aqlm" }],
  ["BitNet", "bitnet", LINEARS.bitnet, { quant_method: "bitnet" }],
  ["torchao int4", "torchao", LINEARS.torchaoInt4, { quant_method: "torchao" }],
  ["torchao int4 tiles", "torchao", LINEARS.torchaoTiles, { quant_method: "torchao" }],
  ["torchao int8", "torchao", LINEARS.torchaoInt8, { quant_method: "torchao" }],
  ["torchao fp8", "torchao", LINEARS.torchaoFp8, { quant_method: "torchao" }],
  ["torchao nvfp4", "torchao", LINEARS.torchaoNvfp4, { quant_method: "torchao" }],
  ["quanto int8", "quanto", LINEARS.quantoInt8, { quant_method: "quanto" }],
  ["quanto int4", "quanto", LINEARS.quantoInt4, { quant_method: "quanto" }],
  ["MLX 4-bit", "mlx", mlxLinear(4, 64), { bits: 4, group_size: 64 }, { table: mlxLinear(4, 64) }],
  ["MLX 3-bit", "mlx", mlxLinear(3, 32), { bits: 3, group_size: 32 }, { table: mlxLinear(3, 32) }],
  [
    "MLX, two widths",
    "mlx",
    mlxLinear(4, 64),
    { bits: 4, group_size: 64, lm_head: { bits: 8, group_size: 64 } },
    { table: mlxLinear(8, 64) },
  ],
  ["MLX mxfp4", "mlx", mlxFloatLinear(4, 32), null, { table: mlxFloatLinear(4, 32) }],
  ["MLX nvfp4", "mlx", mlxFloatLinear(4, 16), null, { table: mlxFloatLinear(4, 16) }],
  ["MLX mxfp8", "mlx", mlxFloatLinear(8, 32), null, { table: mlxFloatLinear(8, 32) }],
];

describe("one model, however it is packed", () => {
  test.each<Layout>(LAYOUTS)("%s", (_, packing, linear, quantization, options) => {
    const tensors = buildLlama(linear, options);
    const unpacked = unpackTensors(tensors, configOf(quantization));

    expect(mayBePacked(tensors)).toBe(packing !== null);
    expect(unpacked).toMatchObject({ certain: true, notes: [] });
    expect(new Map(unpacked.tensors.map(({ name, shape }) => [name, shape]))).toEqual(plainShapes);
    expect(countParameters(unpacked.tensors)).toBe(374_360_064);
    expect(unpacked.tensors.filter((one) => one.packing === packing).length).toBeGreaterThanOrEqual(28);
    expect(unpacked.tensors.length + unpacked.auxiliary.length).toBe(tensors.length);
  });

  test("VPTQ, whose config names every module's dimensions", () => {
    const layers = buildLlama((module, outputs, inputs) => [tensor(module, "", [outputs, inputs])])
      .filter(({ dtype }) => dtype === "")
      .map(({ name, shape: [out_features, in_features] }) => [
        name,
        { out_features, in_features, vector_lens: [-1, 8] },
      ]);
    const config = configOf({ quant_method: "vptq", config_for_layers: Object.fromEntries(layers) });
    const unpacked = unpackTensors(buildLlama(LINEARS.vptq), config);
    expect(unpacked.certain).toBe(true);
    expect(countParameters(unpacked.tensors)).toBe(374_360_064);
  });
});

describe("the bytes of the layouts built here are those of real files", () => {
  test.each([
    ["NVFP4", LINEARS.modeloptNvfp4, 399_020_256],
    ["AWQ", LINEARS.awq, 388_567_040],
    ["fp8-block", LINEARS.fp8Block, 505_509_888],
  ])("%s", (_, linear, bytes) => {
    expect(sumBytes(buildLlama(linear))).toBe(bytes);
  });

  test("an 8B model in GPTQ", () => {
    const tensors = buildLlama(gptqLinear(fourBits), { llama: LLAMA_8B });
    expect(sumBytes(tensors)).toBe(5_732_835_328);
    expect(countParameters(unpackTensors(tensors, configOf({ bits: 4, ...groups }, LLAMA_8B)).tensors)).toBe(
      8_030_261_248,
    );
  });
});

test("whatever the dimensions: the exact count, or none", () => {
  const width = fc.integer({ min: 1, max: 64 }).map((blocks) => blocks * 128);
  const linear = fc.constantFrom(
    ...Object.values(LINEARS),
    ...[2, 3, 4, 8].map((bits) => gptqLinear(() => bits)),
  );
  const config = fc.constantFrom(null, configOf(null), configOf({ bits: 4, ...groups }));
  fc.assert(
    fc.property(linear, width, width, config, (store, outputs, inputs, known) => {
      const { tensors, certain } = unpackTensors(store("m", outputs, inputs), known);
      if (certain) expect(countParameters(tensors)).toBe(outputs * inputs);
    }),
    { numRuns: 2000 },
  );
});
