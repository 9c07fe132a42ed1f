/** The shapes in which families are published, smallest first: what a student of the next class down looks like. */

import type { ModelType } from "../model/architectures.ts";
import type { LayerWidths } from "./projections.ts";

export interface StudentShape extends LayerWidths {
  /** The model that has it. */
  readonly name: string;
  readonly layers: number;
  readonly intermediate: number;
  readonly isTied: boolean;
}

interface Series {
  readonly modelType: ModelType;
  readonly vocabulary: number;
  readonly shapes: readonly StudentShape[];
}

/** Each row is num_hidden_layers, hidden_size, intermediate_size, heads, key-value heads and head size of that model's config.json. */
const SERIES: readonly Series[] = [
  buildSeries("bert", { vocabulary: 30522 }, [
    ["google/bert_uncased_L-2_H-128_A-2", 2, 128, 512, 2],
    ["google/bert_uncased_L-4_H-256_A-4", 4, 256, 1024, 4],
    ["google/bert_uncased_L-4_H-512_A-8", 4, 512, 2048, 8],
    ["google/bert_uncased_L-8_H-512_A-8", 8, 512, 2048, 8],
    ["google-bert/bert-base-uncased", 12, 768, 3072, 12],
    ["google-bert/bert-large-uncased", 24, 1024, 4096, 16],
  ]),
  buildSeries("gpt2", { vocabulary: 50257 }, [
    ["openai-community/gpt2", 12, 768, 3072, 12],
    ["openai-community/gpt2-medium", 24, 1024, 4096, 16],
    ["openai-community/gpt2-large", 36, 1280, 5120, 20],
    ["openai-community/gpt2-xl", 48, 1600, 6400, 25],
  ]),
  buildSeries("t5", { vocabulary: 32128 }, [
    ["google-t5/t5-small", 6, 512, 2048, 8],
    ["google-t5/t5-base", 12, 768, 3072, 12],
    ["google-t5/t5-large", 24, 1024, 4096, 16],
  ]),
  buildSeries("bloom", { vocabulary: 250880 }, [
    ["bigscience/bloom-560m", 24, 1024, 4096, 16],
    ["bigscience/bloom-1b1", 24, 1536, 6144, 16],
    ["bigscience/bloom-1b7", 24, 2048, 8192, 16],
    ["bigscience/bloom-3b", 30, 2560, 10240, 32],
    ["bigscience/bloom-7b1", 30, 4096, 16384, 32],
    ["bigscience/bloom", 70, 14336, 57344, 112],
  ]),
  buildSeries("whisper", { vocabulary: 51865 }, [
    ["openai/whisper-tiny", 4, 384, 1536, 6],
    ["openai/whisper-base", 6, 512, 2048, 8],
    ["openai/whisper-small", 12, 768, 3072, 12],
    ["openai/whisper-medium", 24, 1024, 4096, 16],
    ["openai/whisper-large", 32, 1280, 5120, 20],
  ]),
  buildSeries("llama", { vocabulary: 32000 }, [
    ["TinyLlama/TinyLlama-1.1B-Chat-v1.0", 22, 2048, 5632, 32, 4],
    ["meta-llama/Llama-2-7b-hf", 32, 4096, 11008, 32],
    ["meta-llama/Llama-2-13b-hf", 40, 5120, 13824, 40],
    ["meta-llama/Llama-2-70b-hf", 80, 8192, 28672, 64, 8],
  ]),
  buildSeries("llama", { vocabulary: 128256, tied: 2 }, [
    ["meta-llama/Llama-3.2-1B", 16, 2048, 8192, 32, 8],
    ["meta-llama/Llama-3.2-3B", 28, 3072, 8192, 24, 8],
    ["meta-llama/Llama-3.1-8B", 32, 4096, 14336, 32, 8],
    ["meta-llama/Llama-3.1-70B", 80, 8192, 28672, 64, 8],
    ["meta-llama/Llama-3.1-405B", 126, 16384, 53248, 128, 8],
  ]),
  buildSeries("llama", { vocabulary: 49152 }, [
    ["HuggingFaceTB/SmolLM-135M", 30, 576, 1536, 9, 3],
    ["HuggingFaceTB/SmolLM-360M", 32, 960, 2560, 15, 5],
    ["HuggingFaceTB/SmolLM-1.7B", 24, 2048, 8192, 32],
  ]),
  buildSeries("mistral", { vocabulary: 32000 }, [
    ["mistralai/Mistral-7B-v0.1", 32, 4096, 14336, 32, 8],
    ["mistralai/Mistral-Nemo-Base-2407", 40, 5120, 14336, 32, 8, 128],
  ]),
  buildSeries("qwen2", { vocabulary: 151936, tied: 3 }, [
    ["Qwen/Qwen2.5-0.5B", 24, 896, 4864, 14, 2],
    ["Qwen/Qwen2.5-1.5B", 28, 1536, 8960, 12, 2],
    ["Qwen/Qwen2.5-3B", 36, 2048, 11008, 16, 2],
    ["Qwen/Qwen2.5-7B", 28, 3584, 18944, 28, 4],
    ["Qwen/Qwen2.5-14B", 48, 5120, 13824, 40, 8],
    ["Qwen/Qwen2.5-32B", 64, 5120, 27648, 40, 8],
    ["Qwen/Qwen2.5-72B", 80, 8192, 29568, 64, 8],
  ]),
  buildSeries("qwen3", { vocabulary: 151936, tied: 3 }, [
    ["Qwen/Qwen3-0.6B", 28, 1024, 3072, 16, 8, 128],
    ["Qwen/Qwen3-1.7B", 28, 2048, 6144, 16, 8, 128],
    ["Qwen/Qwen3-4B", 36, 2560, 9728, 32, 8, 128],
    ["Qwen/Qwen3-8B", 36, 4096, 12288, 32, 8, 128],
    ["Qwen/Qwen3-14B", 40, 5120, 17408, 40, 8, 128],
    ["Qwen/Qwen3-32B", 64, 5120, 25600, 64, 8, 128],
  ]),
  buildSeries("gemma", { vocabulary: 256000 }, [
    ["google/gemma-2b", 18, 2048, 16384, 8, 1, 256],
    ["google/gemma-7b", 28, 3072, 24576, 16, 16, 256],
  ]),
  buildSeries("gemma2", { vocabulary: 256000 }, [
    ["google/gemma-2-2b", 26, 2304, 9216, 8, 4, 256],
    ["google/gemma-2-9b", 42, 3584, 14336, 16, 8, 256],
    ["google/gemma-2-27b", 46, 4608, 36864, 32, 16, 128],
  ]),
  buildSeries("gemma3_text", { vocabulary: 262144 }, [
    ["google/gemma-3-270m", 18, 640, 2048, 4, 1, 256],
    ["google/gemma-3-1b-pt", 26, 1152, 6912, 4, 1, 256],
  ]),
];

type Row = readonly [
  name: string,
  layers: number,
  hidden: number,
  intermediate: number,
  heads: number,
  keyValueHeads?: number,
  headSize?: number,
];

/** Build a series. In its first `tied` models the head is the embedding; larger ones have a head of their own. */
function buildSeries(
  modelType: ModelType,
  { vocabulary, tied = 0 }: { readonly vocabulary: number; readonly tied?: number },
  rows: readonly Row[],
): Series {
  const shapes = rows.map((row, index): StudentShape => {
    const [name, layers, hidden, intermediate, heads, keyValueHeads = heads, headSize = hidden / heads] = row;
    const widths = { hidden, query: heads * headSize, keyValue: keyValueHeads * headSize };
    return { name, layers, ...widths, intermediate, heads, keyValueHeads, headSize, isTied: index < tied };
  });
  return { modelType, vocabulary, shapes };
}

/**
 * The next smaller shape of the series that has a model's own; null where none is known. The 70B of Llama 2 and of
 * Llama 3 have one shape: the vocabulary decides.
 */
export function findNextSmaller(
  modelType: string,
  teacher: Pick<StudentShape, "layers" | "hidden" | "intermediate" | "heads">,
  vocabulary: number,
): StudentShape | null {
  const isTeacher = ({ layers, hidden, intermediate, heads }: StudentShape) =>
    layers === teacher.layers &&
    hidden === teacher.hidden &&
    intermediate === teacher.intermediate &&
    heads === teacher.heads;
  const distanceOf = (series: Series) => Math.abs(series.vocabulary - vocabulary);
  const [nearest] = SERIES.filter(
    (series) => series.modelType === modelType && series.shapes.some(isTeacher),
  ).toSorted((a, b) => distanceOf(a) - distanceOf(b));
  return nearest?.shapes[nearest.shapes.findIndex(isTeacher) - 1] ?? null;
}
