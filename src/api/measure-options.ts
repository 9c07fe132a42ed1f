import type { MemoryReport } from "../contract/types.ts";
import type { MemoryOptions } from "../memory/memory-options.ts";
import type { MemoryInput } from "../memory/memory-plan.ts";
import type { Quantization } from "../quant/quantization.ts";
import type { Reference } from "../source/reference.ts";
import type { Sources } from "../source/sources.ts";
import type { OnFile } from "./read-model.ts";

export interface MeasureOptions {
  readonly sources: Sources;
  readonly quantizations: readonly Quantization[];
  /** Plan memory under these conditions. */
  readonly memory?: MemoryOptions | undefined;
  /** Plan memory otherwise: on devices. */
  readonly planMemory?: (input: MemoryInput) => MemoryReport;
  /** Also measure the base model of an adapter. */
  readonly withBase?: boolean;
  readonly onFile?: OnFile;
  /** Stops measuring when aborted; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Called with an error that is not an LlmSizeError: a bug. The other models are still measured. */
  readonly onBug?: (error: unknown) => void;
}

/** How a model is read: what to call meanwhile. */
export interface Reading {
  readonly onFile: OnFile;
  /** Throws MODEL_TIMED_OUT when the time of the model is over. */
  readonly checkTime: () => void;
}

/** Work on one model, in the places that its reference may lead to, within the time that a model has. */
export async function inTime<Result>(
  { text, kind }: Reference,
  { sources, onFile = () => {} }: MeasureOptions,
  work: (places: Sources, reading: Reading) => Promise<Result>,
): Promise<Result> {
  const places = kind === "ollama" ? { ...sources, ...(await sources.connectRegistry()) } : sources;
  return places.hub.withDeadline((hub) =>
    work({ ...places, hub }, { onFile, checkTime: () => hub.checkTime(text) }),
  );
}
