/** Files that hold no weights, by their names: configs, tokenizers, texts, pictures, traces of training. */
import { nameOf } from "./unit.ts";

const KINDS: readonly (readonly [what: string, name: RegExp])[] = [
  [
    "tokenizer",
    /^(?:tokenizer|vocab|merges|spiece|sentencepiece|special_tokens_map|added_tokens|chat_template|tekken|bpe)[^/]*\.(?:json|txt|model|jinja|vocab|bpe|yaml)$|\.(?:tiktoken|spm|vocab|bpe|model)$/i,
  ],
  [
    "config",
    /\.(?:json|jsonl|ya?ml|toml|ini|cfg|conf|xml|params|mil|plist|jinja2?|template|lock|proto|pbtxt)$/i,
  ],
  [
    "training state",
    /tfevents|^(?:training_args|optimizer|scheduler|scaler|random_states|rng_state)|imatrix|\.(?:log|out)$/i,
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
  ["data", /\.(?:csv|tsv|parquet|arrow|feather)$/i],
];

/** Return what a file is that holds no weights; null where its name does not tell. */
export function classifyPlainFile(path: string): string | null {
  const name = nameOf(path);
  if (path.split("/").some((segment) => segment.startsWith("."))) return "hidden file";
  return KINDS.find(([, pattern]) => pattern.test(name))?.[0] ?? null;
}
