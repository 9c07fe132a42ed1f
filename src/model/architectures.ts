/** One table of architectures: a model type is one row, and a misspelt model type does not compile. */
import { readString, type Config } from "../format/config.ts";
import type { ArchitectureRow, Words } from "./architectures/architecture.ts";
import { CAUSAL } from "./architectures/causal.ts";
import { ENCODER_DECODERS } from "./architectures/encoder-decoders.ts";
import { ENCODERS } from "./architectures/encoders.ts";
import { OTHERS } from "./architectures/others.ts";

/** How a model reads and writes; null where its attention has not been checked. */
type ArchitectureRole = "causal" | "encoder" | "encoder-decoder" | null;

export interface Architecture extends ArchitectureRow {
  readonly role: ArchitectureRole;
}

const ARCHITECTURES = {
  ...withRole("causal", CAUSAL),
  ...withRole("encoder", ENCODERS),
  ...withRole("encoder-decoder", ENCODER_DECODERS),
  ...withRole(null, OTHERS),
};

export type ModelType = keyof typeof ARCHITECTURES;

const byModelType: ReadonlyMap<string, Architecture> = new Map(Object.entries(ARCHITECTURES));
const byGgufName: ReadonlyMap<string, Architecture> = new Map([
  ...[...byModelType.values()].flatMap((row) => (row.gguf === undefined ? [] : [[row.gguf, row] as const])),
  ...[...byModelType].filter(([, { gguf }]) => gguf === undefined),
]);

/** Return the row of a model type; null where the table does not have it. */
export function findArchitecture(modelType: string | null | undefined): Architecture | null {
  return byModelType.get(modelType ?? "") ?? null;
}

/** Return the row for `general.architecture` of a GGUF file. */
export function findGgufArchitecture(name: string): Architecture | null {
  return byGgufName.get(name) ?? null;
}

/** List the rows of a config: of the model, and of its language model. */
export function listArchitectures(config: Config | null): readonly Architecture[] {
  const types = [config?.modelType, config && readString(config.text, "model_type")];
  return [...new Set(types)].flatMap((type) => {
    const row = findArchitecture(type) ?? findGgufArchitecture(type ?? "");
    return row ? [row] : [];
  });
}

/**
 * Return a lookup of facts that only one file needs, by the model type of a config.
 * @example const TOKENIZER_BYTES = tabulateModelTypes({ gemma: 4_241_003 });
 */
export function tabulateModelTypes<Fact>(
  rows: Readonly<Partial<Record<ModelType, Fact>>>,
): (config: Config | null) => Fact | null {
  const facts: ReadonlyMap<string, Fact> = new Map(Object.entries(rows));
  return (config) => facts.get(config?.modelType ?? "") ?? null;
}

/** True for a config of this model type. */
export function isModelType(config: Config | null, modelType: ModelType): boolean {
  return config?.modelType === modelType;
}

/**
 * Return a test for the model type of a config. The names are separated by spaces, and the compiler checks them.
 * @example const isGemma = modelTypes("gemma gemma2", "gemma3 gemma3_text");
 */
export function modelTypes<const Lines extends readonly string[]>(
  ...lines: {
    [Index in keyof Lines]: Words<Lines[Index]> extends ModelType
      ? Lines[Index]
      : `unknown model type ${Exclude<Words<Lines[Index]>, ModelType>}`;
  }
): (config: Config | null) => boolean {
  const types = new Set(lines.flatMap((line) => line.split(" ")));
  return (config) => types.has(config?.modelType ?? "");
}

function withRole<Type extends string>(
  role: ArchitectureRole,
  rows: Readonly<Record<Type, ArchitectureRow>>,
): Readonly<Record<Type, Architecture>> {
  const entries = Object.entries<ArchitectureRow>(rows).map(([type, row]) => [type, { ...row, role }]);
  return Object.fromEntries(entries) as Record<Type, Architecture>;
}
