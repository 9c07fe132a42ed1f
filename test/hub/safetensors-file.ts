import type { FileSource } from "./stored-file.ts";

/** Bits of an element, in the order in which the writer ranks dtypes (huggingface/safetensors, safetensors/src/tensor.rs). */
const DTYPE_BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;
export type SafetensorsDtype = keyof typeof DTYPE_BITS;

const RANKED = Object.keys(DTYPE_BITS);

export type TensorSpec = readonly [name: string, shape: readonly number[], dtype: SafetensorsDtype];

/** A safetensors file whose data are zeros that take no room. */
export interface SparseFile {
  readonly head: Uint8Array;
  readonly size: number;
}

/** Lays tensors out as the writer does: the widest dtype first, then by name, the header padded to 8 bytes. */
export function buildSafetensors(
  tensors: readonly TensorSpec[],
  metadata: Readonly<Record<string, string>> | null = { format: "pt" },
): SparseFile {
  const ordered = tensors.toSorted(
    ([a, , left], [b, , right]) => RANKED.indexOf(right) - RANKED.indexOf(left) || (a < b ? -1 : 1),
  );
  const entries: [string, unknown][] = metadata === null ? [] : [["__metadata__", metadata]];
  let end = 0;
  for (const tensor of ordered) {
    const [name, shape, dtype] = tensor;
    const begin = end;
    end += tensorBytes(tensor);
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  // Joined by hand: an object would put a tensor named "1" before all others.
  const json = `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`;
  const head = frameHeader(json);
  return { head, size: head.length + end };
}

/** A header text behind its length, padded to 8 bytes with spaces; the text may be anything. */
export function frameHeader(text: string): Uint8Array {
  const json = new TextEncoder().encode(text);
  const length = Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(8 + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, 8);
  return head;
}

export function tensorBytes([name, shape, dtype]: TensorSpec): number {
  const bytes = (shape.reduce((product, dimension) => product * dimension, 1) * DTYPE_BITS[dtype]) / 8;
  if (!Number.isSafeInteger(bytes)) throw new Error(`${name} does not fill whole bytes`);
  return bytes;
}

/** Where a checkpoint is cut: into so many files, or before a file would pass so many bytes. */
export type Cut = { readonly shards: number } | { readonly maxShardBytes: number };

/** The files of a checkpoint: one, or shards and the index that names them. `stem` may have folders (`unet/diffusion_pytorch_model`). */
export function splitSafetensors(
  tensors: readonly TensorSpec[],
  cut: Cut,
  stem = "model",
): Record<string, FileSource> {
  const groups = "shards" in cut ? cutInto(tensors, cut.shards) : cutBelow(tensors, cut.maxShardBytes);
  if (groups.length === 1) return { [`${stem}.safetensors`]: buildSafetensors(tensors) };
  const files: Record<string, FileSource> = {};
  const weightMap: Record<string, string> = {};
  for (const [index, group] of groups.entries()) {
    const path = `${stem}-${fiveDigits(index + 1)}-of-${fiveDigits(groups.length)}.safetensors`;
    files[path] = buildSafetensors(group);
    for (const [name] of group) weightMap[name] = path.slice(path.lastIndexOf("/") + 1);
  }
  const total_size = tensors.reduce((total, tensor) => total + tensorBytes(tensor), 0);
  const index = JSON.stringify({ metadata: { total_size }, weight_map: weightMap }, null, 2);
  return { ...files, [`${stem}.safetensors.index.json`]: { content: `${index}\n` } };
}

/** As transformers cuts: in order, a new file where the next tensor would pass the bound. */
function cutBelow(tensors: readonly TensorSpec[], maxBytes: number): TensorSpec[][] {
  const groups: TensorSpec[][] = [[]];
  let bytes = 0;
  for (const tensor of tensors) {
    if (bytes > 0 && bytes + tensorBytes(tensor) > maxBytes) {
      groups.push([]);
      bytes = 0;
    }
    bytes += tensorBytes(tensor);
    groups.at(-1)?.push(tensor);
  }
  return groups;
}

function cutInto(tensors: readonly TensorSpec[], shards: number): TensorSpec[][] {
  if (tensors.length < shards) throw new Error(`${tensors.length} tensors do not fill ${shards} shards`);
  return Array.from({ length: shards }, (_, shard) =>
    tensors.slice(
      Math.floor((shard * tensors.length) / shards),
      Math.floor(((shard + 1) * tensors.length) / shards),
    ),
  );
}

function fiveDigits(number: number): string {
  return String(number).padStart(5, "0");
}
