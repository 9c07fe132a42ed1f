import { computeNumOfParamsByDtypeSingleFile } from "@huggingface/hub";
import { classifyTensors } from "../model/classify.ts";
import type { JsonObject } from "../../src/format/config.ts";
import { countParameters } from "../../src/model/parameters.ts";
import { buildLlama, configOf, fourBits, PLAIN, type Linear } from "../model/packing/llama-like.ts";
import { gptqLinear, LINEARS, mlxLinear, packQuantizedLinear } from "../model/packing/packed-linears.ts";

/** One model of 374,360,064 parameters, as each tool stores it; what its config.json says of that. */
const LAYOUTS: readonly (readonly [
  name: string,
  linear: Linear,
  quantization: JsonObject | null,
  table?: Linear,
])[] = [
  ["dense BF16", PLAIN, null],
  ["AWQ 4-bit", LINEARS.awq, { quant_method: "awq", bits: 4, group_size: 128 }],
  ["GPTQ 4-bit", gptqLinear(fourBits), { quant_method: "gptq", bits: 4, group_size: 128 }],
  ["GPTQ 3-bit", gptqLinear(() => 3), { quant_method: "gptq", bits: 3, group_size: 128 }],
  [
    "GPTQ `dynamic`",
    gptqLinear((module) => (module.endsWith("down_proj") ? 8 : 4)),
    { quant_method: "gptq", bits: 4, group_size: 128, dynamic: { "+:.*down_proj": { bits: 8 } } },
  ],
  [
    "AutoRound",
    gptqLinear(fourBits, { index: false }),
    { quant_method: "auto-round", bits: 4, group_size: 128, packing_format: "auto_round:auto_gptq" },
  ],
  [
    "compressed-tensors w4a16",
    packQuantizedLinear(4),
    {
      quant_method: "compressed-tensors",
      format: "pack-quantized",
      config_groups: { group_0: { weights: { num_bits: 4, group_size: 128 }, targets: ["Linear"] } },
    },
  ],
  ["ModelOpt NVFP4", LINEARS.modeloptNvfp4, { quant_method: "modelopt", quant_algo: "NVFP4" }],
  ["Quark MXFP4", LINEARS.quarkMxfp4, { quant_method: "quark" }],
  ["HQQ 4-bit", LINEARS.hqq, { quant_method: "hqq" }],
  ["EXL3 4-bit", LINEARS.exl3, { quant_method: "exl3", bits: 4 }],
  ["FP8 block-128", LINEARS.fp8Block, { quant_method: "fp8" }],
  ["bitsandbytes int8", LINEARS.bitsandbytes8, { quant_method: "bitsandbytes", load_in_8bit: true }],
  ["bitsandbytes nf4", LINEARS.bitsandbytes4, { quant_method: "bitsandbytes", load_in_4bit: true }],
  ["MLX 4-bit", mlxLinear(4, 64), { quant_method: "mlx", bits: 4, group_size: 64 }, mlxLinear(4, 64)],
  ["BitNet", LINEARS.bitnet, { quant_method: "bitnet" }],
];

/** Our count of each layout beside that of `@huggingface/hub`, which is what the Hub shows. */
export function renderCounters(): string {
  return [
    "| stored as | llm-size | @huggingface/hub | off by |",
    "| --- | ---: | ---: | ---: |",
    ...countLayouts().map(({ name, ours, theirs, truth }) => {
      const off = theirs / truth - 1;
      const cells = [
        name,
        format(ours),
        format(theirs),
        off === 0 ? "" : `${(100 * off).toFixed(Math.abs(off) < 0.01 ? 3 : 1)} %`,
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ].join("\n");
}

export interface Count {
  readonly name: string;
  readonly ours: number | null;
  readonly theirs: number;
  readonly truth: number;
}

export function countLayouts(): Count[] {
  return LAYOUTS.map(([name, linear, quantization, table]) => {
    const tensors = buildLlama(linear, table ? { table } : {});
    const config = configOf(quantization);
    const parts = [{ folder: "", tensors, config }];
    const header = Object.fromEntries(
      tensors.map(({ name: tensor, dtype, shape, bytes }) => [
        tensor,
        { dtype, shape, data_offsets: [0, bytes] as [number, number] },
      ]),
    );
    const byDtype = computeNumOfParamsByDtypeSingleFile(
      header as Parameters<typeof computeNumOfParamsByDtypeSingleFile>[0],
      (quantization ?? undefined) as Parameters<typeof computeNumOfParamsByDtypeSingleFile>[1],
    );
    return {
      name,
      ours: countParameters(classifyTensors(parts), config).total,
      theirs: Object.values(byDtype).reduce((sum, count) => sum + count, 0),
      truth: 374_360_064,
    };
  });
}

function format(count: number | null): string {
  return count === null ? "unknown" : count.toLocaleString("en-US");
}
