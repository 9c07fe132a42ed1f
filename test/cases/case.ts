/** A case: one input of fixtures/cases and what has to be true of the answer. See the README there. */
import {
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  closeSync,
  ftruncateSync,
  writeSync,
} from "node:fs";
import { dirname, join, sep } from "node:path";
import { type Chunk, lengthOf, totalOf } from "./bytes.ts";
import {
  beginningWith,
  ggufFile,
  type GgufSpec,
  lfsPointer,
  onnxFile,
  safetensorsFile,
  type TensorRow,
  torchFile,
  type TorchSpec,
} from "./made-files.ts";

export type Run = "folder" | "hub";

export interface Case {
  readonly id: string;
  readonly kind: string;
  readonly what: string;
  readonly why: string;
  readonly files?: Readonly<Record<string, FileSpec>>;
  /** Real files beside case.json, in place of `files` or with them. */
  readonly folder?: string;
  /** What the folder and the repository are called, where it matters. */
  readonly name?: string;
  readonly runs?: readonly Run[];
  readonly args: readonly string[];
  readonly expect: Expected;
}

export type Expected = Readonly<Record<string, unknown>>;

type FileSpec =
  | number
  | { readonly json: unknown }
  | { readonly text: string; readonly size?: number }
  | { readonly pointer: number }
  | { readonly from: string }
  | { readonly safetensors: readonly TensorRow[]; readonly metadata?: unknown }
  | { readonly gguf: GgufSpec }
  | { readonly onnx: readonly TensorRow[] }
  | { readonly torch: TorchSpec }
  | { readonly hex: string; readonly size: number }
  | { readonly ascii: string; readonly size: number };

export interface MadeFile {
  readonly chunks: readonly Chunk[];
  readonly isText: boolean;
}

export const CASES_FOLDER = join(import.meta.dirname, "../../fixtures/cases");

export function readCases(): Case[] {
  return readdirSync(CASES_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => JSON.parse(readFileSync(join(CASES_FOLDER, name, "case.json"), "utf8")) as Case);
}

/** Build the files of a case, by path. */
export function buildFiles({ id, files = {}, folder }: Case): Map<string, MadeFile> {
  const home = join(CASES_FOLDER, id);
  const made = new Map(
    expandNames(Object.entries(files)).map(([path, spec]) => [path, buildFile(spec, home)] as const),
  );
  if (folder === undefined) return made;
  const root = join(home, folder);
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" }))
    if (statSync(join(root, name)).isFile())
      made.set(name.split(sep).join("/"), { chunks: [readFileSync(join(root, name))], isText: false });
  return made;
}

function buildFile(spec: FileSpec, home: string): MadeFile {
  if (typeof spec === "number") return { chunks: [spec], isText: false };
  if ("json" in spec) return { chunks: [Buffer.from(JSON.stringify(spec.json))], isText: true };
  if ("text" in spec) return { chunks: [Buffer.from(spec.text.padEnd(spec.size ?? 0))], isText: true };
  if ("pointer" in spec) return { chunks: lfsPointer(spec.pointer), isText: true };
  return { chunks: buildWeights(spec, home), isText: false };
}

function buildWeights(
  spec: Exclude<FileSpec, number | { json: unknown } | { text: string } | { pointer: number }>,
  home: string,
): Chunk[] {
  if ("from" in spec) return [readFileSync(join(home, spec.from))];
  if ("safetensors" in spec)
    return safetensorsFile(
      expandNames(spec.safetensors),
      "metadata" in spec ? spec.metadata : { format: "pt" },
    );
  if ("gguf" in spec) return ggufFile({ ...spec.gguf, tensors: expandNames(spec.gguf.tensors) });
  if ("onnx" in spec) return onnxFile(expandNames(spec.onnx));
  if ("torch" in spec) return torchFile(spec.torch);
  return beginningWith("hex" in spec ? Buffer.from(spec.hex, "hex") : Buffer.from(spec.ascii), spec.size);
}

/** `layers.{0-2}.w` stands for layers.0.w, layers.1.w and layers.2.w. */
function expandNames<Row extends readonly [string, ...unknown[]]>(rows: readonly Row[]): Row[] {
  return rows.flatMap((row) => {
    const [name, ...rest] = row;
    const range = /\{(\d+)-(\d+)\}/.exec(name);
    if (!range) return [row];
    const [first, last] = [Number(range[1]), Number(range[2])];
    return expandNames(
      Array.from({ length: last - first + 1 }, (_, index) => {
        const one = [name.replace(range[0], String(first + index)), ...rest];
        return one as unknown as Row;
      }),
    );
  });
}

/** Write the files of a case below a folder; holes take no room on the disk. */
export function writeFolder(files: ReadonlyMap<string, MadeFile>, target: string): void {
  const folders = new Set([...files.keys()].map((name) => dirname(join(target, name))));
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  for (const [name, { chunks }] of files) {
    const handle = openSync(join(target, name), "w");
    let at = 0;
    for (const chunk of chunks) {
      if (typeof chunk !== "number") writeSync(handle, chunk, 0, chunk.length, at);
      at += lengthOf(chunk);
    }
    if (chunks.some((chunk) => typeof chunk === "number")) ftruncateSync(handle, totalOf(chunks));
    closeSync(handle);
  }
}
