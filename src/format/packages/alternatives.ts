/** Other downloads of the same model in its repository, and what each is called. */
import type { ModelFile } from "../../contract/types.ts";
import { buildFile, type RepositoryFile } from "../../source/repository.ts";
import type { Config } from "../config.ts";
import { groupBy } from "../group-by.ts";
import { findOnnxVariants, ONNX_DTYPES } from "../onnx/sessions.ts";
import { listFiles, type PackageChoice } from "./package-choice.ts";
import type { PackageFormatName } from "./format-names.ts";

/** Weights that are downloaded instead of the package that is measured. */
export interface Alternative {
  readonly format: PackageFormatName;
  /** What sets it apart from others: a quantization, a dtype of transformers.js, a path. */
  readonly label: string;
  readonly bytes: number;
  readonly files: ModelFile[];
}

/** List the alternatives of a package: for transformers.js one per dtype with every graph, others as they are named. */
export function listAlternatives(choice: PackageChoice, config: Config | null): Alternative[] {
  const used = new Set(listFiles(choice).map(({ path }) => path));
  const variants = listOnnxVariants(choice, config).filter(({ files }) =>
    files.some(({ path }) => !used.has(path)),
  );
  const listed = new Set(variants.flatMap(({ files }) => files.map(({ path }) => path)));
  const others = choice.alternatives
    .filter(({ files }) => !files.some(({ path }) => used.has(path) || listed.has(path)))
    .map(({ format, label, path, bytes, files }) => ({
      format,
      label: format === "gguf" && label !== "" ? label : nameUnit(path, label),
      bytes,
      files: files.map(buildFile),
    }))
    .toSorted((a, b) => ((a.files[0]?.path ?? "") < (b.files[0]?.path ?? "") ? -1 : 1));
  return [...variants, ...others];
}

/**
 * List the published sizes of a model by scheme, `gguf:Q4_K_M` or `onnx:q4f16`: only of whole packages, of the one
 * family that is this model.
 */
export function listPublishedSizes(choice: PackageChoice, config: Config | null): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { format, label, bytes } of listOnnxVariants(choice, config))
    sizes.set(`${format}:${label}`, bytes);
  const own = { format: choice.format, label: choice.label, bytes: sumOf(listFiles(choice)) };
  for (const { format, label, bytes } of [...choice.alternatives, own])
    if (format === "gguf" && label !== "") sizes.set(`gguf:${label}`, bytes);
  return sizes;
}

/** Every dtype that has all graphs, also that which is measured. */
function listOnnxVariants(choice: PackageChoice, config: Config | null): Alternative[] {
  const own = choice.account.filter(({ is }) => is === "checkpoint" || is === "alternative");
  const units = new Map(
    [...choice.alternatives, ...choice.parts].flatMap(({ files }) =>
      files[0] ? [[files[0].path, files]] : [],
    ),
  );
  const variants = findOnnxVariants(own, config).map(({ dtype, files }): Alternative => {
    // A graph's data may go by other names than transformers.js knows: `model_q4.onnx.data`.
    const all = new Map(
      files.flatMap((file) => [file, ...(units.get(file.path) ?? [])]).map((file) => [file.path, file]),
    );
    return buildVariant(dtype, [...all.values()]);
  });
  const known = new Set<string>(variants.map(({ label }) => label));
  return [...variants, ...listLabelledGraphs(choice).filter(({ label }) => !known.has(label))];
}

/** Of a model of several graphs that no table has: each label that all of them come in. */
function listLabelledGraphs({ format, label: ownLabel, parts, alternatives }: PackageChoice): Alternative[] {
  if (format !== "onnx" || parts.length < 2) return [];
  const folder = parts[0]?.folder;
  const graphs = alternatives.filter((unit) => unit.format === "onnx" && unit.folder === folder);
  const labelled = [...groupBy(graphs, ({ label }) => label)].flatMap(([label, units]) => {
    const names = new Set(units.map(({ stem }) => stem));
    const files = units.flatMap((unit) => [...unit.files]);
    return parts.every(({ name }) => names.has(name)) ? [buildVariant(toDtype(label), files)] : [];
  });
  return [
    ...labelled,
    buildVariant(
      toDtype(ownLabel),
      parts.flatMap((part) => [...part.files]),
    ),
  ];
}

function buildVariant(label: string, files: readonly RepositoryFile[]): Alternative {
  return { format: "onnx", label, bytes: sumOf(files), files: files.map(buildFile) };
}

/** transformers.js calls the plain graph fp32 and `_quantized` q8. */
export function toDtype(label: string): string {
  if (label === "") return "fp32";
  if (label === "quantized") return "q8";
  return (ONNX_DTYPES as readonly string[]).includes(label) ? label : `onnx-${label}`;
}

function sumOf(files: readonly RepositoryFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** `onnx/model_O4`, `model (fp16)`, `pytorch_model` without the numbers of shards. */
function nameUnit(path: string, label: string): string {
  const name = path.replace(/(?:[-_]\d{5,6}-of-\d{5,6})?\.[^./]+$/, "");
  return label !== "" && name.endsWith(`.${label}`) ? `${name.slice(0, -label.length - 1)} (${label})` : name;
}
