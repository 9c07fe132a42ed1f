/** Models that a file names: what the scan finds. */
import type { Confidence, LoadedPart, Registry } from "../contract/terms.ts";

/** A model by its name, as code writes it. */
export interface ModelName {
  readonly registry: Registry;
  /** `org/name`, Ollama's `name:tag`, or the address of a file. */
  readonly id: string;
  readonly revision: string | null;
  readonly file: string | null;
  /** The tag or the GGUF quantization after a colon. */
  readonly label: string | null;
}

export interface Find {
  readonly model: ModelName;
  /** The quantization that the code asks for, such as `onnx:q8`; null for what the repository publishes. */
  readonly quantization: string | null;
  readonly loads: LoadedPart;
  readonly confidence: Confidence;
  /** How it was recognized, such as `from_pretrained` or `env MODEL_ID`. */
  readonly rule: string;
  /** Why it is doubtful, or what is not taken into account; null for neither. */
  readonly doubt: string | null;
  /** The offset in the text of the file. */
  readonly at: number;
}

/** Return the reference that measures a model. */
export function formatReference({ registry, id, revision, file, label }: ModelName): string {
  if (registry === "web") return id;
  if (registry !== "hub") return `${registry}:${id}`;
  if (file !== null) return `https://huggingface.co/${id}/blob/${revision ?? "main"}/${file}`;
  return `${id}${label === null ? "" : `:${label}`}${revision === null ? "" : `@${revision}`}`;
}
