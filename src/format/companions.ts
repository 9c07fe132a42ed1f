import type { ModelFile } from "../contract/types.ts";
import { buildFile, type RepositoryFile } from "../source/repository.ts";

/** Files that a runtime downloads in addition to the weights. */
const COMPANIONS = ["tokenizer", "config"] as const;
export type Companion = (typeof COMPANIONS)[number];

export interface CompanionFiles {
  readonly bytes: number;
  readonly files: ModelFile[];
}

/** A tokenizer.json holds all that the files of the slower tokenizers hold. */
const SUPERSEDED: ReadonlySet<string> = new Set([
  "tokenizer.model",
  "spiece.model",
  "sentencepiece.bpe.model",
  "vocab.json",
  "vocab.txt",
  "merges.txt",
  "added_tokens.json",
]);

/** Names at the root that transformers and transformers.js ask for. */
const NAMES = {
  tokenizer: new Set([
    ...SUPERSEDED,
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "chat_template.json",
    "tekken.json",
  ]),
  config: new Set([
    "config.json",
    "generation_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "quantize_config.json",
    "model.safetensors.index.json",
  ]),
} satisfies Record<Companion, ReadonlySet<string>>;

/** List the support files of the weights, by real sizes. */
export function listCompanions(files: readonly RepositoryFile[]): Record<Companion, CompanionFiles> {
  const isFast = files.some(({ path }) => path === "tokenizer.json");
  const collect = (companion: Companion): CompanionFiles => {
    const own = files
      .filter(({ path }) => NAMES[companion].has(path) && !(isFast && SUPERSEDED.has(path)))
      .map(buildFile);
    return { bytes: own.reduce((sum, { bytes }) => sum + bytes, 0), files: own };
  };
  return { tokenizer: collect("tokenizer"), config: collect("config") };
}
