import { describe, expect, test } from "vitest";
import { unpackTensors } from "./unpack.ts";
import { configOf, SMALL, tensor } from "./llama-like.ts";
import { LINEARS, mlxLinear } from "./packed-linears.ts";

describe("modules", () => {
  test.each([
    [
      "experts fused by ModelOpt",
      [
        tensor("mlp.experts.gate_up_proj", "U8", [8, 4096, 1024]),
        tensor("mlp.experts.gate_up_proj_weight_scale", "F8_E4M3", [8, 4096, 128]),
        tensor("mlp.experts.gate_up_proj_weight_scale_2", "F32", [8]),
        tensor("mlp.experts.gate_up_proj_input_scale", "F32", [8]),
      ],
      { name: "mlp.experts.gate_up_proj", shape: [8, 4096, 2048], packing: "nvfp4" },
    ],
    [
      "experts fused in FP8",
      [
        tensor("mlp.experts.down_proj", "F8_E4M3", [8, 2048, 4096]),
        tensor("mlp.experts.down_proj_scale_inv", "F32", [8, 16, 32]),
      ],
      { name: "mlp.experts.down_proj", shape: [8, 2048, 4096], packing: "fp8" },
    ],
    [
      "gpt-oss as OpenAI names it",
      [
        tensor("block.0.mlp.mlp1_weight.blocks", "U8", [8, 4096, 64, 16]),
        tensor("block.0.mlp.mlp1_weight.scales", "U8", [8, 4096, 64]),
      ],
      { name: "block.0.mlp.mlp1_weight", shape: [8, 4096, 2048], packing: "mxfp4-blocks" },
    ],
    [
      "stacked experts of MLX",
      mlxLinear(4, 64)("switch_mlp.up_proj", 4096, 2048).map((one) => ({
        ...one,
        shape: [8, ...one.shape],
      })),
      { name: "switch_mlp.up_proj.weight", shape: [8, 4096, 2048], packing: "mlx" },
    ],
    [
      "an EXL2 head padded to whole blocks",
      LINEARS.exl2("lm_head", 32_032, 2048),
      { name: "lm_head.weight", shape: [32_003, 2048], packing: "exl2" },
    ],
  ])("%s", (_, tensors, expected) => {
    const config = configOf({ bits: 4, group_size: 64 }, { ...SMALL, vocabulary: 32_003 });
    const unpacked = unpackTensors(tensors, config);
    expect(unpacked.certain).toBe(true);
    expect(unpacked.tensors).toHaveLength(1);
    expect(unpacked.tensors[0]).toMatchObject(expected);
  });
});
