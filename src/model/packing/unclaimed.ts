import { countElements, type Tensor } from "../../format/tensor.ts";
import { splitName } from "./modules.ts";

/** Integers in which weights may be packed (I64 holds positions, BOOL masks), and bare exponents, which are scales. */
const PACKED_DTYPES: ReadonlySet<string> = new Set(`I8 U8 I16 U16 I32 U32 U64 F8_E8M0`.split(/\s+/));

/** Integer matrices that hold plain integers: causal masks (GPT-2's `attn.bias`), positions (BERT), Swin's index. */
const INTEGER_BUFFER =
  /(?:^bias|(?:^|_)mask|_ids|index|_indices|_idx|positions?|tid2eid|num_batches_tracked)$/;

/** True for the name of an array of plain integers. */
export function isIntegerBuffer(name: string): boolean {
  return INTEGER_BUFFER.test(splitName(name)[1]);
}

/** Names that only quantization tools use. */
const PACKED_LEAVES: ReadonlySet<string> = new Set(
  `qweight qzeros g_idx weight_packed weight.absmax SCB W_q q_weight
  q_invperm trellis bitmask _weight_qdata weight._data weight._data._data`.split(/\s+/),
);

/** Scales without their weight, such as those of experts fused in other ways: `experts.w13_weight_scale`. */
const ORPHANED_SCALE = /(?:weight_scale(?:_inv|_2)?|_scale_inv|_global_scale|weight_zero_point)$/;

/** True where a tensor that no format claims may hold packed weights, or help to unpack some. */
export function looksPacked({ name, dtype, shape }: Tensor): boolean {
  const [, leaf] = splitName(name);
  if (PACKED_LEAVES.has(leaf) || ORPHANED_SCALE.test(leaf)) return true;
  if (!PACKED_DTYPES.has(dtype) || isIntegerBuffer(name)) return false;
  const elements = countElements(shape);
  return shape.length >= 2 ? elements !== 0 : elements === null || elements >= MAX_FLAT_ELEMENTS;
}

/** A flat array of more integers than any table of positions holds packed weights. */
const MAX_FLAT_ELEMENTS = 50_000;

/** Scales of activations and KV caches, which do not belong to a weight: `self_attn.k_scale`. */
const CACHE_SCALES: ReadonlySet<string> = new Set(
  `k_scale v_scale q_scale kv_scale prob_scale
  prob_output_scale input_scale output_scale`.split(/\s+/),
);

/** One per channel of the widest layer. */
const MAX_CACHE_SCALES = 200_000;

/** True for a scale of activations or KV caches in a quantized model. */
export function isCacheScale({ name, shape }: Tensor): boolean {
  const [, leaf] = splitName(name);
  return shape.length <= 1 && (shape[0] ?? 1) <= MAX_CACHE_SCALES && CACHE_SCALES.has(leaf);
}
