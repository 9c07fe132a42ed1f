import { isObject, readCount } from "../../format/config.ts";
import type { PackingFormat } from "./packing-format.ts";

/**
 * AQLM: groups of weights as sums of codebook entries: codes [out / a, in / b, books], codebooks [books, entries, a, b]
 * (ISTA-DASLab/Llama-2-7b-AQLM-2Bit-1x16-hf). Source: Vahe1994/AQLM, inference_lib/src/aqlm/inference.py.
 */
export const AQLM: PackingFormat = {
  name: "aqlm",
  leaf: "codes",
  auxiliary: { codebook: "codebooks", scale: "scales" },
  inferShape(codes, { tensors }) {
    const [outputGroups, inputGroups, books, ...otherCodes] = codes.shape;
    const [bookCount, , outputGroup, inputGroup, ...otherBooks] = tensors.get("codebooks")?.shape ?? [];
    if (outputGroups === undefined || inputGroups === undefined || books === undefined || books !== bookCount)
      return null;
    if (outputGroup === undefined || inputGroup === undefined || otherCodes.length + otherBooks.length > 0)
      return null;
    if (tensors.get("scales")?.shape[0] !== outputGroups) return null;
    return [outputGroups * outputGroup, inputGroups * inputGroup];
  },
};

/**
 * VPTQ: indices of vectors of outputs; the config names the dimensions of every module
 * (VPTQ-community/Meta-Llama-3.1-8B-Instruct-v8-k65536-256-woft). Source: microsoft/VPTQ, vptq/layers/vqlinear.py.
 */
export const VPTQ: PackingFormat = {
  name: "vptq",
  leaf: "indices",
  auxiliary: {
    codebook: "centroids.weight res_centroids.weight outlier_centroids.weight",
    index: "res_indices outlier_indices perm",
    scale: "weight_scale",
    "zero-point": "weight_bias",
  },
  inferShape(indices, { name, tensors }, { quantization }) {
    const layers = quantization?.["config_for_layers"];
    const layer = isObject(layers) && Object.hasOwn(layers, name) ? layers[name] : null;
    if (!isObject(layer) || !tensors.has("centroids.weight")) return null;
    const inputs = readCount(layer, "in_features");
    const outputs = readCount(layer, "out_features");
    const lengths = layer["vector_lens"];
    const vectorLength: unknown = Array.isArray(lengths) ? lengths[1] : null;
    if (inputs === null || outputs === null || typeof vectorLength !== "number") return null;
    return indices.shape[1] === Math.ceil(outputs / vectorLength) ? [outputs, inputs] : null;
  },
};
