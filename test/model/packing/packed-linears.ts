/** A linear layer as each tool stores it. */

import { tensor, type Linear } from "./llama-like.ts";

const G = 128;

export const gptqLinear =
  (bits: (module: string) => number, { index = true, zeroBias = false } = {}): Linear =>
  (module, outputs, inputs) => [
    tensor(`${module}.qweight`, "I32", [(inputs * bits(module)) / 32, outputs]),
    tensor(`${module}.qzeros`, "I32", [inputs / G, (outputs * bits(module)) / 32]),
    tensor(`${module}.scales`, "F16", [inputs / G, outputs]),
    ...(index ? [tensor(`${module}.g_idx`, "I32", [inputs])] : []),
    ...(zeroBias ? [tensor(`${module}.bias`, "F16", [outputs])] : []),
  ];

export const packQuantizedLinear =
  (bits: number, { group = G, asymmetric = false, actorder = false } = {}): Linear =>
  (module, outputs, inputs) => {
    const groups = group === 0 ? 1 : inputs / group;
    return [
      tensor(`${module}.weight_packed`, "I32", [outputs, Math.ceil((inputs * bits) / 32)]),
      tensor(`${module}.weight_scale`, "BF16", [outputs, groups]),
      tensor(`${module}.weight_shape`, "I64", [2]),
      ...(asymmetric
        ? [tensor(`${module}.weight_zero_point`, "I32", [Math.ceil((outputs * bits) / 32), groups])]
        : []),
      ...(actorder ? [tensor(`${module}.weight_g_idx`, "I32", [inputs])] : []),
    ];
  };

export const mlxLinear =
  (bits: number, group: number): Linear =>
  (module, outputs, inputs) => [
    tensor(`${module}.weight`, "U32", [outputs, (inputs * bits) / 32]),
    tensor(`${module}.scales`, "BF16", [outputs, inputs / group]),
    tensor(`${module}.biases`, "BF16", [outputs, inputs / group]),
  ];

export const mlxFloatLinear =
  (bits: number, group: number): Linear =>
  (module, outputs, inputs) => [
    tensor(`${module}.weight`, "U32", [outputs, (inputs * bits) / 32]),
    tensor(`${module}.scales`, "U8", [outputs, inputs / group]),
  ];

export const LINEARS = {
  awq: (module, outputs, inputs) => [
    tensor(`${module}.qweight`, "I32", [inputs, outputs / 8]),
    tensor(`${module}.qzeros`, "I32", [inputs / G, outputs / 8]),
    tensor(`${module}.scales`, "F16", [inputs / G, outputs]),
  ],
  awqGemv: (module, outputs, inputs) => {
    const words = Math.ceil(inputs / G / 8);
    return [
      tensor(`${module}.qweight`, "I32", [outputs, inputs / 8]),
      tensor(`${module}.qzeros`, "I32", [outputs, words]),
      tensor(`${module}.scales`, "F16", [outputs, words * 8]),
    ];
  },
  awqGemvFast: (module, outputs, inputs) => {
    const groups = Math.ceil(inputs / G / 8) * 8;
    return [
      tensor(`${module}.qweight`, "I16", [outputs / 4, inputs]),
      tensor(`${module}.qzeros`, "F16", [groups, outputs]),
      tensor(`${module}.scales`, "F16", [groups, outputs]),
    ];
  },
  marlin: (module, outputs, inputs) => [
    tensor(`${module}.B`, "I32", [inputs / 16, outputs * 2]),
    tensor(`${module}.s`, "F16", [inputs / G, outputs]),
    tensor(`${module}.workspace`, "I32", [outputs / 8]),
  ],
  marlin24: (module, outputs, inputs) => [
    tensor(`${module}.weight_packed`, "I32", [inputs / 32, outputs * 2]),
    tensor(`${module}.scale_packed`, "F16", [inputs / G, outputs]),
    tensor(`${module}.meta`, "I16", [inputs / 32, outputs * 2]),
  ],
  bitsandbytes4: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "U8", [(outputs * inputs) / 2, 1]),
    tensor(`${module}.weight.absmax`, "F32", [(outputs * inputs) / 64]),
    tensor(`${module}.weight.quant_map`, "F32", [16]),
    tensor(`${module}.weight.quant_state.bitsandbytes__nf4`, "U8", [84]),
  ],
  bitsandbytes4Double: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "U8", [(outputs * inputs) / 2, 1]),
    tensor(`${module}.weight.absmax`, "U8", [(outputs * inputs) / 64]),
    tensor(`${module}.weight.nested_absmax`, "F32", [(outputs * inputs) / 64 / 256]),
    tensor(`${module}.weight.nested_quant_map`, "F32", [256]),
    tensor(`${module}.weight.quant_map`, "F32", [16]),
    tensor(`${module}.weight.quant_state.bitsandbytes__fp4`, "U8", [170]),
  ],
  bitsandbytes4InBf16: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "BF16", [(outputs * inputs) / 4, 1]),
    tensor(`${module}.weight.absmax`, "F32", [(outputs * inputs) / 64]),
    tensor(`${module}.weight.quant_map`, "F32", [16]),
    tensor(`${module}.weight.quant_state.bitsandbytes__nf4`, "U8", [84]),
  ],
  bitsandbytes8: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "I8", [outputs, inputs]),
    tensor(`${module}.SCB`, "F32", [outputs]),
    tensor(`${module}.weight_format`, "U8", []),
  ],
  sparse24: (module, outputs, inputs) => [
    tensor(`${module}.compressed`, "BF16", [outputs, inputs / 2]),
    tensor(`${module}.bitmask`, "U8", [outputs, inputs / 8]),
    tensor(`${module}.shape`, "I64", [2, 1]),
  ],
  sparse: (module, outputs, inputs) => [
    tensor(`${module}.compressed`, "BF16", [outputs * 700]),
    tensor(`${module}.bitmask`, "U8", [outputs, inputs / 8]),
    tensor(`${module}.row_offsets`, "I64", [outputs]),
    tensor(`${module}.shape`, "I64", [2]),
  ],
  nvfp4Packed: (module, outputs, inputs) => [
    tensor(`${module}.weight_packed`, "U8", [outputs, inputs / 2]),
    tensor(`${module}.weight_scale`, "F8_E4M3", [outputs, inputs / 16]),
    tensor(`${module}.weight_global_scale`, "F32", [1]),
    tensor(`${module}.input_global_scale`, "F32", [1]),
  ],
  mxfp4Packed: (module, outputs, inputs) => [
    tensor(`${module}.weight_packed`, "U8", [outputs, inputs / 2]),
    tensor(`${module}.weight_scale`, "U8", [outputs, inputs / 32]),
  ],
  modeloptNvfp4: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "U8", [outputs, inputs / 2]),
    tensor(`${module}.weight_scale`, "F8_E4M3", [outputs, inputs / 16]),
    tensor(`${module}.weight_scale_2`, "F32", []),
    tensor(`${module}.input_scale`, "F32", []),
  ],
  modeloptInt4: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "U8", [outputs / 2, inputs]),
    tensor(`${module}.weight_scale`, "BF16", [outputs, inputs / G]),
    tensor(`${module}.pre_quant_scale`, "BF16", [inputs]),
  ],
  quarkMxfp4: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "U8", [outputs, inputs / 2]),
    tensor(`${module}.weight_scale`, "U8", [outputs, inputs / 32]),
  ],
  quarkMxfp6: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "U8", [outputs, (inputs * 3) / 4]),
    tensor(`${module}.weight_scale`, "U8", [outputs, inputs / 32]),
  ],
  quarkInt4: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "I32", [inputs, outputs / 8]),
    tensor(`${module}.weight_scale`, "BF16", [inputs / G, outputs]),
    tensor(`${module}.weight_zero_point`, "I32", [inputs / G, outputs / 8]),
  ],
  fpQuant: (module, outputs, inputs) => [
    tensor(`${module}.qweight`, "U8", [outputs, inputs / 2]),
    tensor(`${module}.scales`, "U8", [outputs, inputs / 32]),
    tensor(`${module}.forward_hadamard_matrix`, "BF16", [32, 32]),
    tensor(`${module}.backward_hadamard_matrix`, "BF16", [32, 32]),
  ],
  deepseekV4: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "I8", [outputs, inputs / 2]),
    tensor(`${module}.scale`, "F8_E8M0", [outputs, inputs / 32]),
  ],
  fp8Block: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "F8_E4M3", [outputs, inputs]),
    tensor(`${module}.weight_scale_inv`, "F32", [outputs / 128, inputs / 128]),
  ],
  fp8Static: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "F8_E4M3", [outputs, inputs]),
    tensor(`${module}.weight_scale`, "F32", []),
    tensor(`${module}.input_scale`, "F32", []),
  ],
  int8: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "I8", [outputs, inputs]),
    tensor(`${module}.weight_scale`, "BF16", [outputs, 1]),
  ],
  eetq: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "I8", [inputs, outputs]),
    tensor(`${module}.weight_scales`, "F16", [outputs]),
  ],
  float4: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "F4", [outputs, inputs]),
    tensor(`${module}.weight_scale`, "F8_E8M0", [outputs, inputs / 32]),
  ],
  dense: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "BF16", [outputs, inputs]),
    tensor(`${module}.weight_scale`, "BF16", [outputs, 1]),
  ],
  hqq: (module, outputs, inputs) => [
    tensor(`${module}.W_q`, "U8", [(outputs * inputs) / 64 / 2, 64]),
    tensor(`${module}.scale`, "BF16", [(outputs * inputs) / 64, 1]),
    tensor(`${module}.zero`, "BF16", [(outputs * inputs) / 64, 1]),
    tensor(`${module}.nbits`, "I64", []),
    tensor(`${module}.shape`, "I64", [2]),
  ],
  hqqColumns: (module, outputs, inputs) => [
    tensor(`${module}.W_q`, "U8", [32, (outputs * inputs) / 64]),
    tensor(`${module}.scale`, "BF16", [1, (outputs * inputs) / 64]),
    tensor(`${module}.zero`, "BF16", [1, (outputs * inputs) / 64]),
  ],
  hqqBelowWeight: (module, outputs, inputs) => [
    tensor(`${module}.weight.packed`, "U8", [(outputs * inputs) / 128 / 2, 128]),
    tensor(`${module}.weight.scale`, "BF16", [(outputs * inputs) / 128, 1]),
    tensor(`${module}.weight.zero_point`, "BF16", [(outputs * inputs) / 128, 1]),
  ],
  hqq3: (module, outputs, inputs) => [
    tensor(`${module}.W_q`, "I32", [Math.ceil((outputs * inputs) / 64 / 10), 64]),
    tensor(`${module}.scale`, "BF16", [(outputs * inputs) / 64, 1]),
    tensor(`${module}.zero`, "BF16", [(outputs * inputs) / 64, 1]),
  ],
  exl2: (module, outputs, inputs) => [
    tensor(`${module}.q_weight`, "I32", [(inputs * 5) / 32, outputs]),
    tensor(`${module}.q_scale`, "I32", [inputs / G, outputs / 8]),
    tensor(`${module}.q_scale_max`, "F16", [inputs / G]),
    tensor(`${module}.q_groups`, "I16", [(inputs / G) * 2]),
    tensor(`${module}.q_invperm`, "I32", [inputs]),
  ],
  exl3: (module, outputs, inputs) => [
    tensor(`${module}.trellis`, "I16", [inputs / 16, outputs / 16, 64]),
    tensor(`${module}.suh`, "F16", [inputs]),
    tensor(`${module}.svh`, "F16", [outputs]),
  ],
  aqlm: (module, outputs, inputs) => [
    tensor(`${module}.codes`, "I16", [outputs, inputs / 8, 1]),
    tensor(`${module}.codebooks`, "F16", [1, 65_536, 1, 8]),
    tensor(`${module}.scales`, "F16", [outputs, 1, 1, 1]),
  ],
  vptq: (module, outputs, inputs) => [
    tensor(`${module}.indices`, "I32", [1, outputs / 8, inputs / 2]),
    tensor(`${module}.centroids.weight`, "BF16", [1, 65_536 * 8]),
    tensor(`${module}.weight_scale`, "BF16", [inputs]),
    tensor(`${module}.weight_bias`, "BF16", [inputs]),
    tensor(`${module}.perm`, "I16", [inputs]),
  ],
  bitnet: (module, outputs, inputs) => [
    tensor(`${module}.weight`, "U8", [outputs / 4, inputs]),
    tensor(`${module}.weight_scale`, "BF16", [1]),
  ],
  torchaoInt4: (module, outputs, inputs) => [
    tensor(`${module}._weight_qdata`, "I8", [outputs, inputs / 2]),
    tensor(`${module}._weight_scale`, "BF16", [inputs / G, outputs]),
    tensor(`${module}._weight_zero_point`, "BF16", [inputs / G, outputs]),
  ],
  torchaoInt8: (module, outputs, inputs) => [
    tensor(`${module}._weight_qdata`, "I8", [outputs, inputs]),
    tensor(`${module}._weight_scale`, "BF16", [outputs, 1]),
  ],
  torchaoFp8: (module, outputs, inputs) => [
    tensor(`${module}._weight_qdata`, "F8_E4M3", [outputs, inputs]),
    tensor(`${module}._weight_scale`, "F32", [outputs, 1]),
  ],
  torchaoNvfp4: (module, outputs, inputs) => [
    tensor(`${module}._weight_qdata`, "U8", [outputs, inputs / 2]),
    tensor(`${module}._weight_scale`, "F8_E4M3", [outputs, inputs / 16]),
  ],
  torchaoTiles: (module, outputs, inputs) => [
    tensor(`${module}._weight_qdata`, "I32", [outputs / 8, inputs / 128, 32, 4]),
    tensor(`${module}._weight_scale_and_zero`, "BF16", [inputs / G, outputs, 2]),
  ],
  quantoInt8: (module, outputs, inputs) => [
    tensor(`${module}.weight._data`, "I8", [outputs, inputs]),
    tensor(`${module}.weight._scale`, "BF16", [outputs, 1]),
    tensor(`${module}.input_scale`, "BF16", []),
    tensor(`${module}.output_scale`, "BF16", []),
  ],
  quantoInt4: (module, outputs, inputs) => [
    tensor(`${module}.weight._data._data`, "U8", [(outputs * inputs) / 128 / 2, 128]),
    tensor(`${module}.weight._scale`, "BF16", [(outputs * inputs) / 128, 1]),
    tensor(`${module}.weight._shift`, "BF16", [(outputs * inputs) / 128, 1]),
  ],
} satisfies Record<string, Linear>;
