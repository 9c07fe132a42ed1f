/** Where llama.cpp puts the layers of a model: on which GPU, or in the memory of the host. */
import type { LayerBytes, WeightLayers } from "./weight-layers.ts";

export interface PlaceRequest {
  readonly weights: WeightLayers;
  /** The caches and states of each layer, in bytes. */
  readonly kvCacheBytes: readonly number[];
  /** What each device computes in; the one with the output also has the logits. */
  readonly overhead: { readonly layerBytes: number; readonly outputBytes: number };
  /** A draft model with its cache, which is spread over the GPUs in the same way. */
  readonly draftBytes: number;
  readonly gpuBytes: readonly number[];
  /** Null where nothing may stay on the host but what always does. */
  readonly ramBytes: number | null;
}

/** The bytes on one device. */
export interface Load {
  readonly layers: number;
  readonly weightsBytes: number;
  readonly kvCacheBytes: number;
  readonly overheadBytes: number;
}

export interface Placement {
  readonly weightLayers: readonly LayerBytes[];
  readonly gpus: readonly Load[];
  readonly ram: Load;
  /** As in `--n-gpu-layers`: the output counts as one. */
  readonly gpuLayers: number;
  /** Layers whose experts stay on the host. */
  readonly expertLayers: readonly number[];
  /** Layers per GPU, as in `--tensor-split`; null where llama.cpp's own split will do. */
  readonly split: readonly number[] | null;
  /** What exceeds the limits of the devices, in bytes. */
  readonly missingBytes: number;
}

export function countBytes({ weightsBytes, kvCacheBytes, overheadBytes }: Omit<Load, "layers">): number {
  return weightsBytes + kvCacheBytes + overheadBytes;
}

/**
 * Place a model with as much on the GPUs as fits: all of it; else without the experts of as few layers as will do; else
 * without the first layers. Where nothing fits, the placement that misses least is returned.
 */
export function placeLayers(request: PlaceRequest): Placement {
  const { weights, gpuBytes, ramBytes } = request;
  const all = weights.layers.length + 1;
  if (gpuBytes.length === 0) return build(request, { gpuLayers: 0, moved: new Set(), split: [] });
  const whole = placeWhole(request);
  if (whole.missingBytes === 0 || ramBytes === null) return whole;
  const experts = weights.layers.flatMap(({ expertBytes }, layer) => (expertBytes > 0 ? [layer] : []));
  let best = whole;
  if (experts.length > 0) {
    const moved = moveExperts(request, experts);
    if (moved.missingBytes === 0) return moved;
    if (moved.missingBytes < best.missingBytes) best = moved;
  }
  // Each layer less on a GPU is one more on the host, so the first that fits is the best.
  for (let gpuLayers = all - 1; gpuLayers >= 0; gpuLayers--) {
    const placed = build(request, {
      gpuLayers,
      moved: new Set(experts),
      split: splitByMemory(gpuLayers, gpuBytes),
    });
    if (placed.missingBytes === 0) return placed;
    if (placed.missingBytes < best.missingBytes) best = placed;
  }
  return best;
}

function placeWhole(request: PlaceRequest): Placement {
  const gpuLayers = request.weights.layers.length + 1;
  const plain = build(request, {
    gpuLayers,
    moved: new Set(),
    split: splitByMemory(gpuLayers, request.gpuBytes),
  });
  if (plain.missingBytes === 0 || request.gpuBytes.length === 1) return plain;
  const split = balance(request, gpuLayers);
  const balanced = build(request, { gpuLayers, moved: new Set(), split });
  return balanced.missingBytes < plain.missingBytes ? { ...balanced, split } : plain;
}

/** Move the experts of the first layers of each GPU until the rest fits there. */
function moveExperts(request: PlaceRequest, experts: readonly number[]): Placement {
  const gpuLayers = request.weights.layers.length + 1;
  const split = splitByMemory(gpuLayers, request.gpuBytes);
  const moved = new Set<number>();
  let first = 0;
  for (const [gpu, count] of split.entries()) {
    const own = experts.filter((layer) => layer >= first && layer < first + count);
    for (const layer of own) {
      const [load] = build(request, { gpuLayers, moved, split }).gpus.slice(gpu);
      if (!load || countBytes(load) <= (request.gpuBytes[gpu] ?? 0)) break;
      moved.add(layer);
    }
    first += count;
  }
  return build(request, { gpuLayers, moved, split });
}

interface Choice {
  readonly gpuLayers: number;
  readonly moved: ReadonlySet<number>;
  readonly split: readonly number[];
}

function build(request: PlaceRequest, { gpuLayers, moved, split }: Choice): Placement {
  const { weights, kvCacheBytes, overhead, draftBytes, gpuBytes, ramBytes } = request;
  const { layers } = weights;
  const onHost = layers.length + 1 - gpuLayers;
  const sum = (from: number, to: number) => {
    const load = { layers: to - from, weightsBytes: 0, kvCacheBytes: 0, overheadBytes: 0 };
    for (let layer = from; layer < to; layer++) {
      const { bytes, expertBytes } = layers[layer] ?? { bytes: weights.outputBytes, expertBytes: 0 };
      load.weightsBytes += bytes;
      if (moved.has(layer) && layer >= onHost) load.weightsBytes -= expertBytes;
      load.kvCacheBytes += kvCacheBytes[layer] ?? 0;
    }
    return load;
  };
  const movedLayers = [...moved].filter((layer) => layer >= onHost);
  const largestOnHost = Math.max(
    0,
    ...layers.map(({ largestBytes }, layer) => (layer < onHost || moved.has(layer) ? largestBytes : 0)),
  );
  const allGpuBytes = gpuBytes.reduce((total, bytes) => total + bytes, 0);
  let first = onHost;
  const gpus = split.map((count, gpu) => {
    const load = sum(first, first + count);
    first += count;
    const isLast = first === layers.length + 1 && count > 0;
    const computing = count === 0 ? 0 : isLast ? overhead.outputBytes : overhead.layerBytes;
    const copies = gpu === 0 && count > 0 ? largestOnHost : 0;
    const draft = Math.ceil((draftBytes * (gpuBytes[gpu] ?? 0)) / allGpuBytes);
    return { ...load, overheadBytes: computing + copies + draft };
  });
  const host = sum(0, onHost);
  const ram = {
    layers: onHost,
    weightsBytes:
      weights.inputBytes +
      host.weightsBytes +
      movedLayers.reduce((total, layer) => total + (layers[layer]?.expertBytes ?? 0), 0),
    kvCacheBytes: host.kvCacheBytes,
    overheadBytes:
      (gpuLayers === 0 ? overhead.outputBytes : onHost > 0 || moved.size > 0 ? overhead.layerBytes : 0) +
      (gpuBytes.length === 0 ? draftBytes : 0),
  };
  const missing = gpus.map((load, gpu) => countBytes(load) - (gpuBytes[gpu] ?? 0));
  if (ramBytes !== null) missing.push(countBytes(ram) - ramBytes);
  return {
    weightLayers: layers,
    gpus,
    ram,
    gpuLayers,
    expertLayers: movedLayers.toSorted((a, b) => a - b),
    split: null,
    missingBytes: missing.reduce((total, bytes) => total + Math.max(0, bytes), 0),
  };
}

/** Split layers as llama.cpp does: by the memory of each GPU (`load_tensors` of src/llama-model.cpp). */
export function splitByMemory(count: number, gpuBytes: readonly number[]): number[] {
  const total = gpuBytes.reduce((sum, bytes) => sum + bytes, 0);
  let sum = 0;
  const ends = gpuBytes.map((bytes) => (sum += bytes) / total);
  const split = gpuBytes.map(() => 0);
  for (let layer = 0; layer < count; layer++) {
    const found = ends.findIndex((end) => end > layer / count);
    const gpu = found === -1 ? gpuBytes.length - 1 : found;
    split[gpu] = (split[gpu] ?? 0) + 1;
  }
  return split;
}

const STEPS = 24;

/** Split layers so that each GPU is filled to the same share, as far as whole layers allow. */
function balance(request: PlaceRequest, count: number): number[] {
  const { gpuBytes } = request;
  let least = 0;
  let most = 2;
  let best = fill(request, count, most);
  for (let step = 0; step < STEPS; step++) {
    const share = (least + most) / 2;
    const split = fill(request, count, share);
    if (split.length === gpuBytes.length) {
      best = split;
      most = share;
    } else least = share;
  }
  return best.length === gpuBytes.length ? best : splitByMemory(count, gpuBytes);
}

/** Fill one GPU after the other up to a share of its memory; a longer list where layers are left. */
function fill({ weights, kvCacheBytes, overhead, gpuBytes }: PlaceRequest, count: number, share: number) {
  const split = gpuBytes.map(() => 0);
  let gpu = 0;
  let used = 0;
  for (let layer = 0; layer < count; layer++) {
    const isOutput = layer === count - 1;
    const own =
      (isOutput
        ? weights.outputBytes + overhead.outputBytes - overhead.layerBytes
        : (weights.layers[layer]?.bytes ?? 0)) + (kvCacheBytes[layer] ?? 0);
    while (gpu < gpuBytes.length && overhead.layerBytes + used + own > share * (gpuBytes[gpu] ?? 0)) {
      gpu++;
      used = 0;
    }
    if (gpu >= gpuBytes.length) return [...split, count - layer];
    used += own;
    split[gpu] = (split[gpu] ?? 0) + 1;
  }
  return split;
}
