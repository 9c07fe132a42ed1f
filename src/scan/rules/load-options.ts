/** The options of a call that loads a model: a revision, files, a quantization. */
import type { LoadedPart } from "../../contract/terms.ts";
import type { TextSource } from "../resolve.ts";
import type { CodeLanguage, Entry, Value } from "../syntax/program.ts";
import { isWeightFile } from "./model-name.ts";

interface LoadOptions {
  readonly revision: string | null;
  readonly files: readonly { readonly file: string | null; readonly label: string | null }[];
  readonly quantization: string | null;
  readonly loads: LoadedPart;
  /** A data set or a space. */
  readonly isOther: boolean;
  /** What is not taken into account. */
  readonly note: string | null;
}

/** The dtypes of transformers.js. */
const DTYPES: ReadonlySet<string> = new Set(["fp32", "fp16", "q8", "int8", "uint8", "q4", "q4f16", "bnb4"]);

/** `*q8_0.gguf`, `model-Q4_K_M*`: the quantization in the name of a GGUF file. */
const GGUF_LABEL =
  /(?:^|[-_.*/])((?:UD-)?(?:I?Q\d(?:_[A-Z\d]+)*|BF16|F16|F32|MXFP4\w*|TQ\d_\d))(?=$|[-_.*])/i;

export function readLoadOptions(
  options: readonly Entry[],
  resolver: TextSource,
  language: CodeLanguage | null,
): LoadOptions {
  const find = (names: RegExp): Value | undefined => options.find(({ key }) => names.test(key))?.value;
  const read = (names: RegExp): string | null => {
    const [only, ...more] = resolver.listTexts(find(names));
    return only && more.length === 0 ? only.text : null;
  };
  const type = read(/^(?:repo_type|repoType)$/);
  const written = read(/^(?:filename|model_file|modelFile|gguf_file|weight_name|file_name|hf_file)$/);
  const files = written === null ? [] : [readFile(written)];
  const variant = read(/^variant$/);
  const onnx = language === "javascript" ? readDtype(options, resolver) : { quantization: null, note: null };
  return {
    revision: read(/^(?:revision|branch|commit_hash)$/),
    files: files
      .flatMap((file) => file.choice ?? [])
      .concat(
        files.length === 0 && variant !== null && DTYPES.has(variant) ? [{ file: null, label: variant }] : [],
      ),
    quantization: onnx.quantization,
    loads: files.some(({ isWeights }) => !isWeights) ? "tokenizer" : "weights",
    isOther: type !== null && /^(?:dataset|space)s?$/.test(type),
    note: onnx.note,
  };
}

/** The file of `filename=`: one of weights, a pattern of them, or one of something else. */
function readFile(written: string) {
  if (!/[*?[\]]/.test(written)) {
    const isWeights = isWeightFile(written);
    return { isWeights, choice: isWeights ? { file: written, label: null } : null };
  }
  const [, label] = GGUF_LABEL.exec(written) ?? [];
  return { isWeights: true, choice: label === undefined ? null : { file: null, label: label.toUpperCase() } };
}

/** Return the quantization in the name of a GGUF file; null where there is none. */
export function readGgufLabel(file: string): string | null {
  return GGUF_LABEL.exec(file)?.[1]?.toUpperCase() ?? null;
}

/**
 * transformers.js loads `dtype`, in version 2 `quantized`; without either fp32 on WebGPU and q8 on WASM, and elsewhere
 * what its config says (src/utils/dtypes.js).
 */
function readDtype(
  options: readonly Entry[],
  resolver: TextSource,
): { quantization: string | null; note: string | null } {
  const get = (name: string) => options.find(({ key }) => key === name)?.value;
  const dtype = get("dtype");
  if (dtype?.kind === "record") {
    const names = new Set(
      dtype.entries.flatMap(({ value }) => resolver.listTexts(value).map(({ text }) => text)),
    );
    const [only] = names;
    if (only !== undefined && names.size === 1 && DTYPES.has(only))
      return { quantization: `onnx:${only}`, note: null };
    return {
      quantization: null,
      note: `its parts are loaded as ${[...names].join(", ") || "different dtypes"}; measured as published`,
    };
  }
  const [text, ...more] = resolver.listTexts(dtype);
  if (text && more.length === 0)
    return { quantization: DTYPES.has(text.text) ? `onnx:${text.text}` : null, note: null };
  const quantized = get("quantized");
  if (quantized?.kind === "other" && /^(?:true|false)/.test(quantized.code))
    return { quantization: quantized.code.startsWith("true") ? "onnx:q8" : "onnx:fp32", note: null };
  const [device] = dtype ? [] : resolver.listTexts(get("device"));
  if (device?.text === "webgpu") return { quantization: "onnx:fp32", note: null };
  return { quantization: device?.text === "wasm" ? "onnx:q8" : null, note: null };
}
