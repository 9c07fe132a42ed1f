/** Which units of a repository are the model: manifests, then the root, then folders. The lines B to E. */
import type { Config } from "../config.ts";
import { groupBy } from "../group-by.ts";
import { findOnnxVariants } from "../onnx/sessions.ts";
import { chooseInFolder, type FolderFacts } from "./choose-folder.ts";
import { listNames } from "../../contract/list-names.ts";
import { groupFamilies, pickUnit } from "./families.ts";
import { isLabelName, rankLabel } from "./labels.ts";
import { chooseGenai, chooseModules, choosePipeline } from "./manifests.ts";
import { NOTHING, selectUnits, type Selection } from "./selection.ts";
import { nameOf, type Unit, type UnitRole } from "./unit.ts";
import { isPartWord, splitWords } from "./words.ts";

/** Input of the choice in addition to names: manifests as parsed JSON, undefined where the repository has none. */
export interface RepositoryFacts extends FolderFacts {
  readonly pipeline: unknown;
  readonly modules: unknown;
  /** By folder. */
  readonly genai: ReadonlyMap<string, unknown>;
  /** config.json of the root, which decides the graphs of transformers.js. */
  readonly config: Config | null;
}

/** Units with a role are the model only where there is nothing else, in this order. */
const LAST_RESORTS: readonly UnitRole[] = [
  "adapter",
  "snapshot",
  "draft",
  "companion",
  "projector",
  "support",
];

/** Select the model of a repository by what names and manifests tell. */
export function chooseInRepository(units: readonly Unit[], facts: RepositoryFacts): Selection {
  const candidates = units.filter(({ role }) => role === null);
  if (candidates.length > 0) return chooseAmong(candidates, facts);
  for (const role of LAST_RESORTS) {
    const own = units.filter((unit) => unit.role === role);
    if (own.length > 0) return chooseAmong(role === "snapshot" ? latestSnapshot(own) : own, facts);
  }
  return NOTHING;
}

function latestSnapshot(units: readonly Unit[]): Unit[] {
  const latest = units.reduce((most, unit) => Math.max(most, stepOf(unit)), 0);
  return units.filter((unit) => stepOf(unit) === latest);
}

function stepOf({ folder }: Unit): number {
  return Number(/(?:checkpoint-|global_step)(\d+)/.exec(folder)?.[1] ?? 0);
}

function chooseAmong(candidates: readonly Unit[], facts: RepositoryFacts): Selection {
  if (facts.pipeline !== undefined) {
    const pipeline = choosePipeline(facts.pipeline, candidates, facts);
    if (pipeline) return pipeline;
  }
  if (facts.modules !== undefined) {
    const modules = chooseModules(facts.modules, candidates, facts, () =>
      chooseModuleRoot(candidates, facts),
    );
    if (modules) return modules;
  }
  return chooseRootOrFolder(candidates, facts);
}

/** Module folders are `2_Dense`; the transformer is at the root or in `onnx/`. */
function chooseModuleRoot(candidates: readonly Unit[], facts: RepositoryFacts): Selection {
  const root = candidates.filter(({ folder }) => folder === "");
  if (root.length > 0) return chooseInFolder(root, facts);
  return chooseOnnxFolder(candidates, facts) ?? NOTHING;
}

function chooseRootOrFolder(candidates: readonly Unit[], facts: RepositoryFacts): Selection {
  const root = candidates.filter(({ folder }) => folder === "");
  if (root.length > 0) return chooseOneFolder("", root, facts, candidates);
  return (
    chooseGenaiFolder(candidates, facts) ??
    chooseOnnxFolder(candidates, facts) ??
    chooseByFolders(candidates, facts)
  );
}

/** `genai_config.json` may name graphs in folders of its own, among `all` candidates. */
function chooseOneFolder(
  folder: string,
  own: readonly Unit[],
  facts: RepositoryFacts,
  all: readonly Unit[] = own,
): Selection {
  const genai = facts.genai.has(folder) ? chooseGenai(facts.genai.get(folder), folder, all) : null;
  return genai ?? chooseInFolder(own, facts);
}

/** One folder per target, `cpu_and_mobile/…` and `gpu/…`: which one is meant only the user knows. */
function chooseGenaiFolder(candidates: readonly Unit[], { genai }: RepositoryFacts): Selection | null {
  const selections = [...genai]
    .map(([folder, manifest]) => chooseGenai(manifest, folder, candidates))
    .filter((selection) => selection !== null);
  if (selections.length === 1) return selections[0] ?? null;
  if (selections.length === 0) return null;
  return {
    kind: "several",
    candidates: selections.flatMap((selection) =>
      selection.kind === "package" ? selection.units.slice(0, 1) : [],
    ),
  };
}

/** transformers.js: by its table of graphs for the architecture, else by the names in `onnx/`. */
function chooseOnnxFolder(candidates: readonly Unit[], facts: RepositoryFacts): Selection | null {
  const own = candidates.filter(({ folder, format }) => folder === "onnx" && format === "onnx");
  if (own.length === 0) return null;
  const byPath = new Map(own.map((unit) => [unit.path, unit]));
  const [variant] = findOnnxVariants(facts.listing.files, facts.config);
  const units = variant?.files.map(({ path }) => byPath.get(path)).filter((unit) => unit !== undefined) ?? [];
  if (variant && coversKnownGraphs(units, own))
    return selectUnits(units, {
      alternatives: own.filter((unit) => !units.includes(unit)),
      isCertain: candidates.length === own.length,
      label: variant.dtype,
    });
  return chooseInFolder(own, facts);
}

/** A table that knows fewer graphs than there are stems is not that of this model. */
function coversKnownGraphs(units: readonly Unit[], own: readonly Unit[]): boolean {
  const covered = new Set(units.map(({ stem }) => stem));
  const others = own.filter(({ stem }) => !covered.has(stem));
  return units.length > 0 && (covered.size > 1 || others.every(({ stem }) => !isPartWord(stem)));
}

function chooseByFolders(candidates: readonly Unit[], facts: RepositoryFacts): Selection {
  const folders = groupBy(candidates, ({ folder }) => folder);
  const [first] = folders;
  if (!first) return NOTHING;
  if (folders.size === 1) return chooseOneFolder(first[0], first[1], facts);
  return (
    chooseByLabelFolder(folders, facts) ??
    chooseComponents(folders, facts) ?? {
      kind: "several",
      candidates: [...folders].flatMap(([folder, own]) => nameFolder(folder, own)),
    }
  );
}

/** The folder is named where it has several files to choose from: `lmstudio-community/gemma-3-4b-it-GGUF`. */
function nameFolder(folder: string, own: readonly Unit[]): Unit[] {
  const [family] = groupFamilies(own);
  const unit = family && pickUnit(family);
  return unit ? [own.length === 1 ? unit : { ...unit, path: folder }] : [];
}

/** `fp16/model.onnx` and `int8/model.onnx`: one model in two precisions. Targets are the user's to choose. */
function chooseByLabelFolder(
  folders: ReadonlyMap<string, readonly Unit[]>,
  facts: RepositoryFacts,
): Selection | null {
  const names = [...folders.keys()];
  if (
    !names.every(
      (folder) => isLabelName(nameOf(folder)) && rankLabel(splitWords(nameOf(folder)).join("-")) < 11,
    )
  )
    return null;
  const stems = new Set(
    [...folders.values()].map((own) => [...new Set(own.map(({ stem }) => stem))].toSorted().join("\n")),
  );
  if (stems.size !== 1) return null;
  const [best = ""] = names.toSorted(
    (a, b) => rankLabel(nameOf(a)) - rankLabel(nameOf(b)) || (a < b ? -1 : 1),
  );
  const selection = chooseOneFolder(best, folders.get(best) ?? [], facts);
  if (selection.kind !== "package") return selection;
  const others = [...folders].filter(([folder]) => folder !== best).flatMap(([, own]) => own);
  return { ...selection, alternatives: [...selection.alternatives, ...others] };
}

/** Folders of components without a manifest: `vae`, `text_encoders`, `diffusion_models` of ComfyUI. */
export const COMPONENT_FOLDER =
  /^(?:unet|vae|vae_(?:de|en)coder|transformer(?:_\d)?|text_encoders?(?:_\d)?|image_encoder|tokenizer|diffusion_models|clip|clip_vision|audio_encoders|controlnet|model_patches|vocoder|prior|decoder|encoder|scheduler|safety_checker)$/;

function chooseComponents(
  folders: ReadonlyMap<string, readonly Unit[]>,
  facts: RepositoryFacts,
): Selection | null {
  const names = [...folders.keys()];
  if (!names.every((folder) => COMPONENT_FOLDER.test(nameOf(folder)))) return null;
  const parts = [...folders].map(([, own]) => {
    const stems = new Set(groupFamilies(own).map(({ stem }) => stem));
    return stems.size === 1 ? chooseInFolder(own, facts) : null;
  });
  if (parts.some((part) => part?.kind !== "package")) return null;
  const selections = parts.filter((part) => part?.kind === "package");
  const message = `no manifest states that ${listNames(names)} are one model; counted is their sum`;
  return selectUnits(
    selections.flatMap(({ units }) => units),
    {
      alternatives: selections.flatMap(({ alternatives }) => alternatives),
      doubts: [{ code: "NO_MANIFEST", message, atMostBytes: null }],
    },
  );
}
