/** The parts that the graph of a decoder is built from. */
import type { Graph, GraphTensor } from "./graph-memory.ts";
import type { GraphTraits } from "./graph-traits.ts";

export const FLOAT_BYTES = 4;

/** Widths of a model, in elements of one token; the widest layer counts. */
export interface ModelWidths {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly heads: number;
  /** Of the keys and queries of one head, and of its values. */
  readonly keySize: number;
  readonly valueSize: number;
  /** The same in windows: 256 in google/gemma-4-31B-it, and 512 elsewhere. */
  readonly window: { readonly keySize: number; readonly valueSize: number };
  readonly kvHeads: number;
  readonly feedForward: number;
  /** Of each layer, where they differ. */
  readonly feedForwards: readonly number[];
  readonly experts: Experts | null;
  /** Of a latent, its rotary key, the plain queries, and the values of all heads, where heads attend to latents. */
  readonly latent: {
    readonly rank: number;
    readonly rotary: number;
    readonly queries: number;
    readonly values: number;
  } | null;
  /** Null for layers that are a network alone. */
  readonly scan: ScanWidths | null;
  /** What each layer gets of its own embedding: google/gemma-4-E2B-it; 0 without. */
  readonly layerInput: number;
  readonly traits: GraphTraits;
}

export interface ScanWidths {
  /** Of the scan's output. */
  readonly inner: number;
  /** Of all that passes through the convolution, which also reads the last `kernel - 1` tokens. */
  readonly convolved: number;
  readonly kernel: number;
  readonly heads: number;
  /** Of the state, for each sequence. */
  readonly state: number;
}

interface Experts {
  readonly count: number;
  readonly used: number;
  readonly width: number;
  readonly shared: number;
  /** The first layers have none. */
  readonly hasDenseLayers: boolean;
}

/** Attention of a layer, to cells of the cache, with the widths of all its heads. */
export interface GraphAttention {
  readonly kind: "full" | "mla" | "window" | "unmasked";
  readonly cells: number;
  readonly queries: number;
  /** Null where it reads the cache of an earlier layer. */
  readonly written: { readonly keys: number; readonly values: number } | null;
  readonly attended: number;
}

/** One layer to compute. */
export interface GraphLayer {
  readonly attention: GraphAttention | null;
  readonly hasScan: boolean;
  /** Null for a layer without a network. */
  readonly feedForward: number | null;
  /** Without experts, in a model that has some. */
  readonly isDense: boolean;
}

export interface DecoderGraphRequest {
  readonly tokens: number;
  readonly sequences: number;
  /** Of the whole model. */
  readonly layerCount: number;
  readonly flashAttention: boolean;
  /** Keys, values and queries are rotated for a quantized cache. */
  readonly isQuantized: boolean;
}

export interface GraphContext extends DecoderGraphRequest {
  readonly graph: Graph;
  readonly widths: ModelWidths;
  /** Bytes of one element of all tokens. */
  readonly row: number;
  readonly inputs: {
    readonly positions: GraphTensor;
    readonly outputs: GraphTensor;
    /** Matrices that spread outliers, for a quantized cache. */
    readonly keyRotation: GraphTensor | null;
    readonly valueRotation: GraphTensor | null;
    readonly keyRows: GraphTensor;
    readonly valueRows: GraphTensor;
    readonly masks: ReadonlyMap<string, GraphTensor>;
  };
}

/** Name the mask of an attention; null without. */
export function nameMask(kind: string): string | null {
  return kind === "unmasked" ? null : kind === "window" ? "window" : "full";
}

/** A norm and the product with its weight, in one place; a layer norm does not take the place of what it reads. */
export function addNorm({ graph, widths, row }: GraphContext, tensor: GraphTensor): GraphTensor {
  const hidden = widths.hidden * row;
  const norm = widths.traits.hasLayerNorms ? graph.add(hidden, tensor) : graph.replace(hidden, tensor);
  return graph.replace(hidden, norm);
}
