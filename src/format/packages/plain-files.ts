/** Files that hold no weights, by their names: configs, tokenizers, texts, pictures, traces of training. */
import type { RepositoryFile } from "../../source/repository.ts";
import { nameOf } from "./unit.ts";

const KINDS: readonly (readonly [what: string, name: RegExp])[] = [
  [
    "tokenizer",
    /^(?:tokenizer|vocab|merges|spiece|sentencepiece|special_tokens_map|added_tokens|chat_template|tekken|bpe)[^/]*\.(?:json|txt|model|jinja|vocab|bpe|yaml)$|\.(?:tiktoken|spm|vocab|bpe|model)$/i,
  ],
  ["config", /\.(?:json|ya?ml|toml|ini|cfg|conf|xml|params|mil|plist|jinja2?|template|lock|proto|pbtxt)$/i],
  [
    "training state",
    /tfevents|^(?:training_args|optimizer|scheduler|scaler|random_states|rng_state)[^/]*\.(?:bin|pt|pth|pkl|npy|npz)$|imatrix|\.log$/i,
  ],
  [
    "text",
    /\.(?:md|txt|rst|pdf|html?|css|tex|bib|docx?)$|^(?:README|LICEN[CS]E|NOTICE|USE_POLICY|COPYING|AUTHORS|CHANGELOG|Modelfile|Dockerfile|Makefile)/i,
  ],
  [
    "code",
    /\.(?:py|pyi|ipynb|js|mjs|ts|sh|bat|ps1|c|cc|cpp|h|hpp|swift|kt|java|rs|go|lua|wasm|diff|patch)$/i,
  ],
  [
    "media",
    /\.(?:png|jpe?g|gif|webp|svg|ico|bmp|tiff?|wav|mp3|flac|ogg|opus|m4a|mp4|webm|mov|avi|mkv|ttf|otf|woff2?)$/i,
  ],
  ["data", /\.(?:csv|tsv|jsonl|parquet|arrow|feather)$/i],
];

/** Larger than any tokenizer, config or text: tokenizer.json of google/gemma-3-4b-it has 33 MB. A `.params` of MXNet holds weights. */
const MAX_BYTES = 50_000_000;
/** Recordings, pictures and tables can have any size. */
const LARGE_KINDS: ReadonlySet<string> = new Set(["media", "data", "training state"]);

/** Return what a file is that holds no weights; null where its name does not tell, or its size speaks against it. */
export function classifyPlainFile({ path, bytes }: RepositoryFile): string | null {
  if (path.split("/").some((segment) => segment.startsWith("."))) return "hidden file";
  const kind = KINDS.find(([, pattern]) => pattern.test(nameOf(path)))?.[0] ?? null;
  return kind === null || LARGE_KINDS.has(kind) || bytes <= MAX_BYTES ? kind : null;
}
