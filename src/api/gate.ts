/** Models without readable files: from the built-in catalog, or from the Hub's totals. */
import { LlmSizeError } from "../errors.ts";
import { buildConfig } from "../format/config.ts";
import { listFiles, type PackageChoice } from "../format/packages/package-choice.ts";
import type { Note } from "../notes.ts";
import { sumBytes, type CatalogModel, type HubSummary, type Repository } from "../source/repository.ts";
import { buildPackageNotes, readCheckpoint, type ModelContents } from "./read-model.ts";

/** Read a gated model. A gate hides the bytes of files, but neither their list nor the Hub's totals. Throws `gate`. */
export async function readGatedModel(
  repository: Repository,
  gate: LlmSizeError<"MODEL_GATED">,
): Promise<ModelContents> {
  const { source, summary } = repository;
  const catalog = await repository.findInCatalog();
  const reason = `${gate.message}; ${gate.hint}`;
  // An index may be behind the gate too; the sizes of files are not.
  const checkpoint = await readCheckpoint(repository).catch(() => null);
  if (catalog && (summary === null || agrees(catalog, summary)) && fits(catalog, checkpoint)) {
    const message = `${reason}; shapes are from the built-in catalog`;
    return readCatalogModel(repository, [{ code: "GATED_CATALOG", message }]);
  }
  if (summary === null) {
    // Of safetensors the Hub has a summary, unless it is refused: then the gate is the answer.
    if (!checkpoint || checkpoint.format === "safetensors") throw gate;
    const message = `${reason}; sizes of files alone`;
    const found: Note[] = [
      { code: "FILES_ONLY", message },
      ...buildPackageNotes(checkpoint, repository, null),
    ];
    return { evidence: "files", source, adapter: null, config: null, checkpoint, parts: [], notes: found };
  }
  const notes: Note[] = [{ code: "GATED_SUMMARY", message: `${reason}; figures are from the Hub's summary` }];
  if (catalog)
    notes.push({
      code: "CATALOG_DIFFERS",
      message: "the built-in catalog knows another version of this model",
    });
  if (checkpoint) notes.push(...buildPackageNotes(checkpoint, repository, null));
  return { evidence: "summary", source, adapter: null, config: null, checkpoint, parts: [], notes };
}

/** The Hub's total counts what is stored, or what it unpacks (openai/gpt-oss-20b), or what it once published. */
function agrees(catalog: CatalogModel, summary: HubSummary): boolean {
  const stored = catalog.tensors.reduce((sum, { shape }) => sum + shape.reduce((all, n) => all * n, 1), 0);
  return [catalog.publishedTotal, catalog.parameters, stored].includes(summary.total);
}

/** Headers, and the names of tensors. */
const MAX_OTHER_SHARE = 0.01;

/** True where the files are as large as the catalog's tensors; also where no checkpoint is known to compare with. */
function fits({ tensors }: CatalogModel, checkpoint: PackageChoice | null): boolean {
  if (!checkpoint) return true;
  const [stored, listed] = [sumBytes(tensors), sumBytes(listFiles(checkpoint))];
  return Math.abs(listed - stored) <= MAX_OTHER_SHARE * stored;
}

/** Read a model from the built-in catalog. Throws NOT_AVAILABLE_OFFLINE. */
export async function readCatalogModel(
  repository: Repository,
  notes: readonly Note[],
): Promise<ModelContents> {
  const catalog = await repository.findInCatalog();
  if (!catalog) throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: repository.id });
  const { tensors } = catalog;
  const config = buildConfig(catalog.config);
  const checkpoint =
    repository.source === "catalog"
      ? buildCatalogCheckpoint(catalog)
      : await readCheckpoint(repository).catch(() => null);
  const parts = [{ folder: "", tensors, config }];
  return { evidence: "headers", source: "catalog", adapter: null, config, checkpoint, parts, notes };
}

/** The catalog knows all files of a checkpoint or none. */
function buildCatalogCheckpoint({ files }: CatalogModel): PackageChoice | null {
  if (files.length === 0) return null;
  return {
    format: "safetensors",
    label: "",
    parts: [{ folder: "", name: "", format: "safetensors", files, index: null, header: null }],
    alternatives: [],
    account: files.map((file) => ({ ...file, is: "checkpoint", why: "safetensors" })),
    orphans: [],
    absent: [],
    doubt: null,
  };
}
