/** paths → every model that their code names → what the code downloads, measured. */
import type { BudgetConfig } from "../budget/budget.ts";
import { matchesPath } from "../budget/pattern.ts";
import type { CodeDownload, CodeFind, ModelReport, ScanReport } from "../contract/types.ts";
import { LlmSizeError } from "../errors.ts";
import { listCodeFiles, readCodeFile, type CodeFile } from "../files/code-tree.ts";
import { chooseLanguage } from "../scan/languages.ts";
import { placeFinds } from "../scan/place.ts";
import { scanText } from "../scan/scan-text.ts";
import { parseQuantization } from "../quant/registry.ts";
import { parseListed } from "../source/reference.ts";
import type { Sources } from "../source/sources.ts";
import type { CheckedCode } from "./check.ts";
import type { MeasureOptions } from "./measure-options.ts";
import { measureReport } from "./documents.ts";
import { startReport } from "./measure.ts";

/** The models that the code of some paths names, before anything is measured. */
export type CodeScan = Pick<ScanReport, "files" | "skipped" | "finds">;

/** Larger files are data. A notebook has its pictures with it. */
const MAX_BYTES = { notebook: 30_000_000, other: 1_000_000 } as const;

/** A file that takes longer to parse was made to. */
const MAX_FILE_MS = 5_000;
/** Hostile files take no longer than this together. */
const MAX_LATE_MS = 30_000;

/** Find the models that code names. Nothing is run and nothing is fetched. Throws USAGE for a path that does not exist. */
export async function scanCode(paths: readonly string[], cwd: string): Promise<CodeScan> {
  const files: CodeFile[] = [];
  for await (const file of listCodeFiles(paths, cwd, isCode)) files.push(file);
  const clock = startClock();
  const scans = files.map((file) => scanFile(file, clock));
  return {
    files: scans.filter(({ isRead }) => isRead).length,
    skipped: scans.flatMap(({ skipped }) => skipped ?? []),
    finds: scans.flatMap(({ finds }) => finds),
  };
}

function isCode(path: string): boolean {
  return chooseLanguage(path) !== null;
}

interface ScannedFile {
  readonly isRead: boolean;
  readonly finds: readonly CodeFind[];
  readonly skipped: { readonly path: string; readonly reason: string } | null;
}

type Clock = ReturnType<typeof startClock>;

function scanFile(file: CodeFile, clock: Clock): ScannedFile {
  const { path } = file;
  const language = chooseLanguage(path);
  const read = readCodeFile(file, MAX_BYTES[language === "notebook" ? "notebook" : "other"]);
  if ("skipped" in read) {
    const { skipped: reason } = read;
    return { isRead: false, finds: [], skipped: reason === null ? null : { path, reason } };
  }
  const { finds, skipped } = scanText(path, read.text, clock.startFile());
  return {
    isRead: skipped === null,
    finds: placeFinds(path, read.text, finds),
    skipped: skipped === null ? null : { path, reason: skipped },
  };
}

function startClock() {
  let lateMs = 0;
  return {
    /** Return a function that is true once the file has taken too long. */
    startFile() {
      const start = performance.now();
      const limit = Math.min(MAX_FILE_MS, MAX_LATE_MS - lateMs);
      return () => {
        const spent = performance.now() - start;
        if (spent <= limit) return false;
        lateMs += spent;
        return true;
      };
    },
  };
}

/** A download whose size is not known yet. */
type NamedDownload = Omit<CodeDownload, keyof DownloadSize>;

type DownloadSize = Pick<CodeDownload, "bytes" | "basis" | "reason" | "files">;

export interface ScanOptions {
  /** Also measure what is doubtful. */
  readonly all?: boolean | undefined;
}

/** Group finds by what is downloaded: a model in one form, from all its places. */
function listDownloads(finds: readonly CodeFind[], { all = false }: ScanOptions): NamedDownload[] {
  const counted = finds.filter(
    ({ confidence, ignored }) => ignored === null && (all || confidence === "sure"),
  );
  const loaded = new Set(counted.flatMap(({ loads, reference }) => (loads === "weights" ? [reference] : [])));
  const groups = new Map<string, NamedDownload>();
  // A tokenizer comes with the weights of its model.
  for (const find of counted) {
    const { reference, registry, id, revision, file, label, quantization, loads, path, line, column } = find;
    if (loads === "tokenizer" && loaded.has(reference)) continue;
    const key = JSON.stringify([reference, quantization]);
    const group = groups.get(key) ?? {
      reference,
      registry,
      id,
      revision,
      file,
      label,
      quantization,
      loads,
      places: [],
    };
    group.places.push({ path, line, column });
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** List the models to check in code: how each is loaded, and what is left out. */
export function listChecked(
  scan: CodeScan,
  { paths }: Pick<BudgetConfig, "paths">,
  { all = false }: ScanOptions,
): CheckedCode {
  const finds = scan.finds.map((find) => {
    const rule = paths.findLast(({ path, ignore }) => ignore !== null && matchesPath(path, find.path));
    return { ...find, ignored: find.ignored ?? rule?.ignore ?? null };
  });
  return {
    // A tokenizer is not what budgets limit.
    loads: listDownloads(finds, { all }).filter(({ loads }) => loads === "weights"),
    found: {
      files: scan.files,
      skipped: scan.skipped,
      doubtful: all
        ? []
        : finds.filter(({ ignored, confidence }) => ignored === null && confidence === "doubtful"),
      ignored: finds.filter(({ ignored }) => ignored !== null),
    },
  };
}

/** Measure what code downloads. What cannot be measured is an entry of `failures`. */
export async function measureScan(
  scan: CodeScan,
  { all }: ScanOptions,
  options: Omit<MeasureOptions, "quantizations" | "memory" | "withBase">,
): Promise<ScanReport> {
  const groups = listDownloads(scan.finds, { all });
  const references = [...new Set(groups.map(({ reference }) => reference))];
  const names = [...new Set(groups.flatMap(({ quantization }) => quantization ?? []))];
  const { models, failures } = await measureReport(
    references.map((text) => parseNamed(text, options.sources)),
    { ...options, quantizations: names.map((name) => parseQuantization(name)) },
  );
  const byReference = new Map(models.map((model) => [model.reference, model]));
  const reasons = new Map(failures.map(({ reference, message }) => [reference, message]));
  return {
    ...startReport(),
    ...scan,
    downloads: groups.map((group) => {
      const model = byReference.get(group.reference);
      const size = model ? sizeDownload(group, model) : UNKNOWN_SIZE;
      return { ...group, ...size, reason: reasons.get(group.reference) ?? size.reason };
    }),
    models,
    failures,
  };
}

/** Parse a reference that code named. It must not make us read a path of this disk. */
export function parseNamed(text: string, sources: Sources): ReturnType<typeof parseListed> {
  const reference = parseListed(text, sources.hub.settings.endpoint);
  if (reference.kind !== "path") return reference;
  const error = new LlmSizeError("INVALID_REFERENCE", { reference: text, reason: "it is a path" });
  return { kind: "invalid", text, error };
}

const UNKNOWN_SIZE = { bytes: null, basis: null, reason: null, files: [] };

/** Return the size of what the code loads of a model. */
function sizeDownload(
  { quantization, loads }: Pick<CodeDownload, "quantization" | "loads">,
  { published, sizes, companions }: ModelReport,
): DownloadSize {
  const unknown = { ...UNKNOWN_SIZE, reason: "its files are not known" };
  if (loads === "tokenizer") {
    if (!companions) return unknown;
    const { tokenizer, config } = companions;
    const files = [...tokenizer.files, ...config.files];
    return { bytes: tokenizer.bytes + config.bytes, basis: "published", reason: null, files };
  }
  if (quantization === null) {
    if (!published) return unknown;
    const { bytes, basis, doubt, files } = published;
    return { bytes, basis, reason: doubt?.message ?? null, files };
  }
  const size = sizes.find((one) => one.quantization === quantization);
  if (!size) return UNKNOWN_SIZE;
  const { bytes, basis, reason } = size;
  // A published size is the sum of the files that have it.
  const listed = basis === "published" && published ? [published, ...published.alternatives] : [];
  return { bytes, basis, reason, files: listed.find((one) => one.bytes === bytes)?.files ?? [] };
}
