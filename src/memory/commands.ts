/** The command lines that run a model as it was planned. */
import type { KvDtype } from "../contract/terms.ts";
import type { Placement } from "./llama-cpp/place.ts";
import type { MemoryOptions } from "./memory-options.ts";

/** Where an engine finds the weights: a repository of the Hub with the label of a GGUF file, a path, or Ollama's registry. */
export type WeightsPlace =
  | { readonly ollama: string }
  | { readonly hub: string; readonly revision: string | null; readonly label: string | null }
  | { readonly path: string };

export interface CommandRequest extends Pick<MemoryOptions, "context" | "batch" | "kvDtype"> {
  readonly place: WeightsPlace;
  readonly draft: Exclude<WeightsPlace, { readonly ollama: string }> | null;
}

/** `--cache-type-k` and `--cache-type-v`; null for its default, and for types of the same size. */
const CACHE_TYPES: Readonly<Record<KvDtype, string | null>> = {
  bf16: null,
  fp16: null,
  fp32: "f32",
  fp8: null,
  q8_0: "q8_0",
  q5_1: "q5_1",
  q5_0: "q5_0",
  q4_1: "q4_1",
  q4_0: "q4_0",
  iq4_nl: "iq4_nl",
};

/** Build the commands for a GGUF file: llama.cpp's, and Ollama's where it needs no more than the model. */
export function buildGgufCommands(request: CommandRequest, placement: Placement | null): string[] {
  const { context, batch, kvDtype, place, draft } = request;
  if ("ollama" in place) return draft === null ? [joinWords(["ollama", "run", place.ollama])] : [];
  const type = CACHE_TYPES[kvDtype];
  const server = joinWords([
    "llama-server",
    ...("path" in place ? ["-m", place.path] : ["-hf", nameLabelled(place)]),
    ...(draft === null ? [] : "path" in draft ? ["-md", draft.path] : ["-hfd", nameLabelled(draft)]),
    "--ctx-size",
    String(context * batch),
    "--parallel",
    String(batch),
    ...(placement ? placeWords(placement) : []),
    ...(type === null ? [] : ["--cache-type-k", type, "--cache-type-v", type, "--flash-attn", "on"]),
  ]);
  const isSimple = placement === null || (placement.split === null && placement.expertLayers.length === 0);
  if ("path" in place || draft !== null || !isSimple) return [server];
  return [server, joinWords(["ollama", "run", `hf.co/${nameLabelled(place)}`])];
}

function placeWords({ gpuLayers, split, expertLayers, gpus, weightLayers }: Placement): string[] {
  const words = ["--n-gpu-layers", String(gpuLayers)];
  if (split !== null) words.push("--tensor-split", split.join(","));
  if (expertLayers.length === 0) return words;
  const last = Math.max(...expertLayers);
  const withExperts = weightLayers.flatMap(({ expertBytes }, layer) => (expertBytes > 0 ? [layer] : []));
  const moved = new Set(expertLayers);
  const isMoved = (layer: number) => moved.has(layer) || layer <= weightLayers.length - gpuLayers;
  if (withExperts.every(isMoved)) return [...words, "--cpu-moe"];
  if (gpus.length === 1) return [...words, "--n-cpu-moe", String(last + 1)];
  return [...words, "-ot", `blk\\.(${expertLayers.join("|")})\\.ffn_(up|down|gate|gate_up)_(ch|)exps=CPU`];
}

export function buildVllmCommand(
  request: CommandRequest,
  { gpus, gpuMemoryUtilization }: { readonly gpus: number; readonly gpuMemoryUtilization: number },
): string {
  const { place, draft, context, batch, kvDtype } = request;
  const speculative = draft && {
    model: nameWhole(draft),
    num_speculative_tokens: 5,
  };
  const revision = "hub" in place ? place.revision : null;
  return joinWords([
    "vllm",
    "serve",
    nameWhole(place),
    ...(revision === null ? [] : ["--revision", revision]),
    ...(gpus === 1 ? [] : ["--tensor-parallel-size", String(gpus)]),
    "--gpu-memory-utilization",
    String(gpuMemoryUtilization),
    "--max-model-len",
    String(context),
    ...(batch === 1 ? [] : ["--max-num-seqs", String(batch)]),
    ...(kvDtype === "fp8" ? ["--kv-cache-dtype", "fp8"] : []),
    ...(speculative ? ["--speculative-config", JSON.stringify(speculative)] : []),
  ]);
}

function nameWhole(place: WeightsPlace): string {
  if ("hub" in place) return place.hub;
  return "path" in place ? place.path : place.ollama;
}

function nameLabelled({ hub, label }: { readonly hub: string; readonly label: string | null }): string {
  return label === null ? hub : `${hub}:${label}`;
}

/** Join words for a POSIX shell; a word with other characters than plain ones is quoted. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}
