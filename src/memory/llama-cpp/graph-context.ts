/** The parts that the graph of a decoder is built from. */
import type { Graph, GraphTensor } from "./graph-memory.ts";
import type { GraphTraits } from "./graph-traits.ts";

/** Widths of a model, in elements of one token; the widest layer counts. */
export interface ModelWidths {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  readonly values: number;
  /** Of the output of attention. */
  readonly attended: number;
  readonly feedForward: number;
  /** Of each layer, where they differ. */
  readonly feedForwards: readonly number[];
  readonly experts: Experts | null;
  /** Of a latent, its rotary key, and the values of all heads, where heads attend to latents. */
  readonly latent: { readonly rank: number; readonly rotary: number; readonly values: number } | null;
  /** Of a state's inputs; 0 for layers that are a network alone. */
  readonly state: number;
  readonly traits: GraphTraits;
}

interface Experts {
  readonly count: number;
  readonly used: number;
  readonly width: number;
  readonly shared: number;
  /** The first layers have none. */
  readonly hasDenseLayers: boolean;
}

/** One layer to compute: what it attends to, in cells of the cache; null without attention. */
export interface GraphLayer {
  readonly attention: {
    readonly kind: "full" | "mla" | "window" | "shared" | "unmasked";
    readonly cells: number;
  } | null;
  readonly feedForward: number;
  /** Without experts, in a model that has some. */
  readonly isDense: boolean;
}

export interface DecoderGraphRequest {
  readonly tokens: number;
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
