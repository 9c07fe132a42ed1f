/** The text of one file → the models that it names. */
import { keepBest, scanProgram } from "./scan-program.ts";
import type { Find } from "./find.ts";
import { findRefusal } from "./rules/look-alikes.ts";
import { looksLikeModel } from "./rules/name-evidence.ts";
import { chooseLanguage, type Language } from "./languages.ts";
import { scanShell } from "./scan-commands.ts";
import { scanData } from "./scan-data.ts";
import { scanDockerfile, scanEnv, scanMakefile, scanModelfile, scanQuoted } from "./scan-lines.ts";
import { scanMarkup } from "./scan-markup.ts";
import { scanNotebook } from "./scan-notebook.ts";
import { parseToml, parseYaml } from "./syntax/data.ts";
import { parseJavascript, parseJson } from "./syntax/javascript.ts";
import { parsePython } from "./syntax/python.ts";
import { SkipError, type IsLate } from "./syntax/read-tree.ts";

/** Any file that names a model has one of these words: most files of a codebase are not parsed at all. */
const MARKER =
  /model|pretrained|pipeline|hugging_?face|hf[-_.:/]|"hf|transformer|checkpoint|repo_?id|gguf|ollama|llama|lora|embed|whisper|mlc|webllm|MLCEngine|\.tflite|\.task\b|\.onnx|\.litertlm|safetensors|rerank|CrossEncoder|diffus|flagmodel|vllm|sglang|lmdeploy|mlx|(?:^|[\s;&|!"'])hf\s|FROM\s/i;

/** A quoted text of two parts, as most names of models are. */
const QUOTED_NAME = /["'`]([A-Za-z\d][\w.-]*\/[A-Za-z\d][\w.-]*)[:@]?[\w.-]*["'`]/g;

/** Other ways in which code names models: an address, or a call that completes a name of one part. */
const OTHER_NAME =
  /["'`](?:distil)?(?:gpt2|bert|roberta|xlm|t5|albert|xlnet)[\w-]*["'`]|hf[-_]hub:|["'`]hf:|hf:\/\/|hf\.co|huggingface\.co|huggingface:\/\/|ollama|-hf\s|vllm|sglang|huggingface-cli|\bhf\s|mlx_|--model|from_?pretrained|pipeline\(|SentenceTransformer\(|CrossEncoder\(|MLCEngine|WhisperModel|KeyBERT|HuggingFaceEmbedding|https?:[^"'`\s]+\.(?:task|tflite|onnx|gguf|litertlm|safetensors)/i;

/** Code without any text that may be a name needs no parser: it is what takes long. */
function mayNameModels(text: string): boolean {
  if (OTHER_NAME.test(text)) return true;
  for (const { 1: id = "", index } of text.matchAll(QUOTED_NAME)) {
    const before = text.slice(Math.max(0, index - LEAD_CHARACTERS), index);
    if (IMPORT.test(before.slice(-IMPORT_CHARACTERS)) || findRefusal(id) !== null) continue;
    if (looksLikeModel(id) || LEAD.test(before)) return true;
  }
  return false;
}

/** The words before the name of a module: `from "express/router"`, `require("express/router")`. */
const IMPORT = /(?:\bfrom|\bimport|\brequire)\s?\(?$/;
const IMPORT_CHARACTERS = 12;

/** Words in front of a name that is not known as one of a model. */
const LEAD =
  /model|check|ckpt|repo|lora|adapter|embed|rank|pretrained|coder|hub|hf|token|llm|teacher|student|load|serve|vllm|peft|vae/i;
const LEAD_CHARACTERS = 300;

/** Longer lines are written by tools. */
const MAX_LINE_CHARACTERS = 20_000;

export interface FileScan {
  readonly finds: readonly Find[];
  /** Why the file was not read; null where it was. */
  readonly skipped: string | null;
}

/** Languages whose names of models are quoted. A notebook quotes with escapes. */
const CODE: ReadonlySet<Language> = new Set(["javascript", "python", "markup", "json", "quoted"]);

const NOTHING: FileScan = { finds: [], skipped: null };

/** Scan the text of a file. `isLate` ends a parser that takes too long. */
export function scanText(path: string, text: string, isLate: IsLate): FileScan {
  const language = chooseLanguage(path);
  if (language === null || !MARKER.test(text) || (CODE.has(language) && !mayNameModels(text))) return NOTHING;
  try {
    const finds = keepBest(SCANNERS[language](text, isLate));
    return { finds: finds.toSorted((a, b) => a.at - b.at), skipped: null };
  } catch (error) {
    if (error instanceof SkipError) return { finds: [], skipped: error.message };
    // Values of a hostile file can be nested more deeply than the stack.
    if (error instanceof RangeError) return { finds: [], skipped: "it is nested too deeply" };
    throw error;
  }
}

const SCANNERS: Readonly<Record<Language, (text: string, isLate: IsLate) => Find[]>> = {
  javascript(text, isLate) {
    refuseMinified(text);
    return scanProgram(parseJavascript(text, isLate), "javascript");
  },
  markup: (text, isLate) => scanMarkup(text, isLate),
  python(text, isLate) {
    refuseMinified(text);
    return scanProgram(parsePython(text, isLate), "python");
  },
  notebook: (text, isLate) => scanNotebook(text, isLate),
  json: (text, isLate) => scanData([parseJson(text, isLate)]),
  yaml: (text) => scanData(parseYaml(text)),
  toml: (text) => scanData([parseToml(text)]),
  env: (text) => scanEnv(text),
  shell: (text) => scanShell(text),
  makefile: (text) => scanMakefile(text),
  dockerfile: (text) => scanDockerfile(text),
  modelfile: (text) => scanModelfile(text),
  quoted: (text) => scanQuoted(text),
};

/** Throws SkipError for code that a tool wrote on one line. */
function refuseMinified(text: string): void {
  let from = 0;
  while (text.length - from > MAX_LINE_CHARACTERS) {
    const to = text.lastIndexOf("\n", from + MAX_LINE_CHARACTERS);
    if (to < from) throw new SkipError(`it has a line of more than ${MAX_LINE_CHARACTERS} characters`);
    from = to + 1;
  }
}
