import { readJsonLines } from "../json-lines.ts";
import type { Repository } from "./repository.ts";
import { type Cut, type TensorSpec, splitSafetensors } from "./safetensors-file.ts";
import type { FileSource } from "./stored-file.ts";

/** A line of `fixtures/models/models.jsonl.gz`; what its fields mean is in the README beside it. */
export interface RealModel {
  readonly id: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: readonly TensorSpec[];
  readonly parameters: number;
  readonly storedElements: number;
  readonly publishedTotals: readonly number[];
  readonly verifiedBy: string | null;
  readonly realFileBytes: Readonly<Record<string, number>> | null;
}

let models: readonly RealModel[] | undefined;

/** All of them, read once. */
export function readRealModels(): readonly RealModel[] {
  models ??= [...readJsonLines<RealModel>("models/models.jsonl.gz")];
  return models;
}

export function realModel(id: string): RealModel {
  const model = readRealModels().find((one) => one.id === id);
  if (model === undefined) throw new Error(`${id} is not among the real models`);
  return model;
}

/** Visit the models of `fixtures/models/models.more.jsonl.gz` one by one; together they would take a gigabyte. */
export function visitMoreModels(visit: (model: RealModel) => void): void {
  for (const model of readJsonLines<RealModel>("models/models.more.jsonl.gz")) visit(model);
}

export interface ServeOptions {
  /** Cut in so many files; otherwise below 5 GB, as transformers did when most of these were saved. */
  readonly shards?: number;
  /** Add the model's other real files (`.bin`, `onnx/…`, `.h5`) as zeros of their true size. */
  readonly otherFiles?: boolean;
}

/** A real model as a repository: its config, the headers its tensors make, the Hub's summary and the usual small files. */
export function serveRealModel(model: RealModel, options: ServeOptions = {}): Repository {
  const cut: Cut = options.shards ? { shards: options.shards } : { maxShardBytes: 5e9 };
  return {
    id: model.id,
    info: {
      library_name: "transformers",
      tags: ["transformers", "safetensors"],
      config: pick(model.config, ["architectures", "model_type"]),
      safetensors: summarize(model),
    },
    files: {
      ...(options.otherFiles && otherFiles(model)),
      ...splitSafetensors(model.tensors, cut),
      ".gitattributes": { content: "*.safetensors filter=lfs diff=lfs merge=lfs -text\n" },
      "README.md": { content: `# ${model.id}\n` },
      "config.json": { content: `${JSON.stringify(model.config, null, 2)}\n` },
      "generation_config.json": { content: '{\n  "transformers_version": "5.17.0"\n}\n' },
      "tokenizer.json": { head: new TextEncoder().encode('{"version":"1.0"'), size: 9_085_657 },
      "tokenizer_config.json": { content: '{\n  "model_max_length": 2048\n}\n' },
    },
  };
}

/** What the Hub says: stored elements by dtype, where a published total differs with the most common dtype taking the difference (gpt-oss counts its packed U8 twice). */
function summarize({ tensors, storedElements, publishedTotals }: RealModel): object {
  const byDtype = new Map<string, number>();
  for (const [, shape, dtype] of tensors) {
    const elements = shape.reduce((product, dimension) => product * dimension, 1);
    byDtype.set(dtype, (byDtype.get(dtype) ?? 0) + elements);
  }
  const total = publishedTotals[0] ?? storedElements;
  const [[common, elements] = ["", 0]] = [...byDtype].toSorted(([, a], [, b]) => b - a);
  byDtype.set(common, elements + total - storedElements);
  return { parameters: Object.fromEntries(byDtype), total };
}

function otherFiles({ realFileBytes }: RealModel): Record<string, FileSource> {
  const others = Object.entries(realFileBytes ?? {}).filter(([path]) => !path.endsWith(".safetensors"));
  return Object.fromEntries(others.map(([path, size]) => [path, { head: new Uint8Array(), size }]));
}

function pick(config: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => key in config).map((key) => [key, config[key]]));
}
