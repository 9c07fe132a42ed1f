import { isObject, type Config } from "../config.ts";
import type { RepositoryFile } from "../../source/repository.ts";
import { listGraphSets } from "./graphs.ts";

export const ONNX_DTYPES = [
  "fp32",
  "fp16",
  "q8",
  "int8",
  "uint8",
  "q4",
  "q4f16",
  "bnb4",
  "q2",
  "q2f16",
  "q1",
  "q1f16",
] as const;
type OnnxDtype = (typeof ONNX_DTYPES)[number];

/** The end of the file name of each dtype: src/utils/dtypes.js (huggingface/transformers.js). */
const SUFFIXES = {
  fp32: "",
  fp16: "_fp16",
  q8: "_quantized",
  int8: "_int8",
  uint8: "_uint8",
  q4: "_q4",
  q4f16: "_q4f16",
  bnb4: "_bnb4",
  q2: "_q2",
  q2f16: "_q2f16",
  q1: "_q1",
  q1f16: "_q1f16",
} satisfies Record<OnnxDtype, string>;

/** A model as transformers.js downloads it in one dtype. */
export interface OnnxVariant {
  readonly dtype: OnnxDtype;
  readonly files: readonly RepositoryFile[];
  readonly bytes: number;
}

/** The limit of transformers.js (MAX_EXTERNAL_DATA_CHUNKS). */
const MAX_DATA_FILES = 100;

/** List the dtypes in which a repository has every graph of its model, each with exactly the files to fetch. */
export function findOnnxVariants(files: readonly RepositoryFile[], config: Config | null): OnnxVariant[] {
  const listed = new Map(files.map((file) => [file.path, file]));
  for (const graphs of listGraphSets(config)) {
    const variants = ONNX_DTYPES.flatMap((dtype) => {
      const parts = graphs.map((graph) => listGraphFiles(graph, dtype, config, listed));
      return parts.some((part) => part.length === 0) ? [] : [describeVariant(dtype, parts.flat())];
    });
    if (variants.length > 0) return variants;
  }
  return [];
}

function describeVariant(dtype: OnnxDtype, files: readonly RepositoryFile[]): OnnxVariant {
  return { dtype, files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** List a graph's file and the files of its external weights; empty if one of them is missing. */
function listGraphFiles(
  graph: string,
  dtype: OnnxDtype,
  config: Config | null,
  listed: ReadonlyMap<string, RepositoryFile>,
): RepositoryFile[] {
  const name = `${graph}${SUFFIXES[dtype]}.onnx`;
  const files: RepositoryFile[] = [];
  for (const path of listPaths(name)) {
    const file = listed.get(path);
    if (!file) break;
    files.push(file);
  }
  // Existing data files are needed, whether the config declares them or leaves it to the caller of transformers.js.
  return files.length > countDataFiles(config, name, graph) ? files : [];
}

/** The paths of a graph and of all the data files that it may have, in order. */
function* listPaths(name: string): Generator<string> {
  const path = `onnx/${name}`;
  yield path;
  yield `${path}_data`;
  for (let index = 1; index < MAX_DATA_FILES; index++) yield `${path}_data_${index}`;
}

/** Count data files by `use_external_data_format`: true, a count, or one of these per file or graph. */
function countDataFiles(config: Config | null, name: string, graph: string): number {
  const custom = config?.root["transformers.js_config"];
  const format = isObject(custom) ? custom["use_external_data_format"] : null;
  const count = Number((isObject(format) ? (format[name] ?? format[graph]) : format) ?? 0);
  return Number.isSafeInteger(count) ? count : 0;
}
