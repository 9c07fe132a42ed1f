import { tabulateModelTypes } from "../model/architectures.ts";
import { findTokenEmbedding } from "./layers.ts";
import type { LogicalModel } from "./scheme.ts";

/** Rows of the embeddings with the tokenizers of Llama 2 and Mistral, whose fine-tunes added a few. */
const ROWS = { from: 32_000, to: 32_100 };
const MISTRAL_ROWS = { from: 32_000, to: 32_003 };

const findRows = tabulateModelTypes({
  llama: ROWS,
  llava: ROWS,
  mistral: MISTRAL_ROWS,
  mixtral: MISTRAL_ROWS,
});

/**
 * True for Llama 1 and 2, CodeLlama, Mistral up to v0.2 and Mixtral-8x7B: the quantized files that people have are those
 * that TheBloke made with the tools of 2023.
 */
export function isOf2023({ weights, config }: LogicalModel): boolean {
  const range = findRows(config);
  const rows = findTokenEmbedding(weights)?.shape[0] ?? 0;
  return range !== null && rows >= range.from && rows <= range.to;
}
