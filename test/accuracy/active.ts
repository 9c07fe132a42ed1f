import { readBases } from "../quant/fixtures.ts";
import { countModel, countRealModels } from "./real-counts.ts";

/** Active parameters in billions, as their authors publish them: model cards, and the papers named. */
const PUBLISHED: Readonly<Record<string, number>> = {
  "ibm-granite/granite-3.1-1b-a400m-instruct": 0.4,
  "allenai/OLMoE-1B-7B-0924": 1.3,
  "ibm-granite/granite-4.0-h-tiny": 1,
  "microsoft/Phi-mini-MoE-instruct": 2.4,
  "deepseek-ai/DeepSeek-V2-Lite": 2.4, // arXiv:2405.04434
  "Qwen/Qwen3.5-35B-A3B": 3,
  "Qwen/Qwen3-30B-A3B": 3.3,
  "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16": 3.23,
  "openai/gpt-oss-20b": 3.61,
  "google/gemma-4-26B-A4B": 3.8,
  "openai/gpt-oss-120b": 5.13,
  "ibm-granite/granite-4.0-h-small": 9,
  "ai21labs/Jamba-v0.1": 12, // arXiv:2403.19887
  "zai-org/GLM-4.5-Air": 12, // arXiv:2508.06471
  "mistralai/Mixtral-8x7B-v0.1": 12.9,
  "meta-llama/Llama-4-Scout-17B-16E-Instruct": 17,
  "Qwen/Qwen3-235B-A22B": 22,
  "moonshotai/Kimi-K2-Instruct": 32,
  "zai-org/GLM-4.5": 32, // arXiv:2508.06471
  "Qwen/Qwen3-Coder-480B-A35B-Instruct": 35,
  "deepseek-ai/DeepSeek-V3": 37, // arXiv:2412.19437
  "mistralai/Mixtral-8x22B-v0.1": 39,
  "zai-org/GLM-5": 40,
  "MiniMaxAI/MiniMax-Text-01-hf": 45.9, // arXiv:2501.08313
};

export interface ActiveCount {
  readonly id: string;
  readonly active: number | null;
  readonly activeNonEmbedding: number | null;
  readonly published: number;
  /** How far the nearer of both counts is off, relative. */
  readonly error: number;
}

/** Both counts of every model with a published figure, the smallest first. */
export function countPublishedActive(): readonly ActiveCount[] {
  const { wellKnown, more } = countRealModels();
  const bases = readBases().filter(({ id }) => Object.hasOwn(PUBLISHED, id));
  const counts = [...wellKnown, ...bases.map(countModel), ...more];
  return Object.entries(PUBLISHED).flatMap(([id, billions]) => {
    const count = counts.find((one) => one.id === id);
    if (!count) return [];
    const { active, activeNonEmbedding } = count;
    const published = billions * 1e9;
    const errors = [active, activeNonEmbedding].map((one) => (one ?? 0) / published - 1);
    const error = errors.toSorted((a, b) => Math.abs(a) - Math.abs(b))[0] ?? -1;
    return [{ id, active, activeNonEmbedding, published, error }];
  });
}

/** Both counts of active parameters and the published one, which is rounded. */
export function renderActive(): string {
  return [
    "| model | active | non-embedding | published | nearer one off by |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...countPublishedActive().map(({ id, active, activeNonEmbedding, published, error }) => {
      const cells = [
        id,
        format(active),
        format(activeNonEmbedding),
        `${published / 1e9} B`,
        `${(100 * error).toFixed(1)} %`,
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ].join("\n");
}

function format(count: number | null): string {
  return count === null ? "unknown" : `${(count / 1e9).toFixed(3)} B`;
}
