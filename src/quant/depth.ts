/** Where errors hurt most, as llama.cpp found and others copied. Source: ggml-org/llama.cpp, src/llama-quant.cpp (use_more_bits). */

/** True for the first and the last eighth of the layers, and for every third between. */
export function deservesMoreBits(depth: number, layers: number): boolean {
  const start = eighth(layers);
  return depth < start || depth >= Math.floor((7 * layers) / 8) || (depth - start) % 3 === 2;
}

export function eighth(layers: number): number {
  return Math.floor(layers / 8);
}
