/** Real models of the built-in catalog, measured; and verdicts made of them. */
import { measure } from "../../src/index.ts";
import type { Note, NoteCode } from "../../src/notes.ts";
import { DEFAULT_RUN_OPTIONS, type Budget } from "../../src/budget/budget.ts";
import type { ModelReport } from "../../src/contract/types.ts";
import type { RuleName } from "../../src/contract/terms.ts";

const REFERENCES = [
  "google/gemma-2b",
  "google/gemma-7b",
  "mistralai/Mixtral-8x7B-v0.1",
  "Qwen/Qwen2.5-0.5B-Instruct",
];

const { models } = await measure(REFERENCES, { offline: true });
const [first, second, third, fourth] = models;
if (!first || !second || !third || !fourth) throw new Error("the catalog lacks a model");

export const GEMMA_2B: ModelReport = first;
export const GEMMA_7B: ModelReport = second;
export const MIXTRAL: ModelReport = third;
export const QWEN: ModelReport = fourth;

export const GEMMA_2B_PARAMETERS = 2_506_172_416;
export const GEMMA_2B_INT4_BYTES = 1_409_830_912;

export function withNote(model: ModelReport, code: NoteCode): ModelReport {
  const note: Note = { code, message: `for the reason of ${code}` };
  return { ...model, notes: [...model.notes, note] };
}

export function budget(rule: RuleName, limit: number, quantization: string | null = null): Budget {
  return {
    model: GEMMA_2B.reference,
    quantization,
    limits: [{ rule, limit, why: null, device: null, recommendedBytes: null, place: null }],
    options: DEFAULT_RUN_OPTIONS,
  };
}
