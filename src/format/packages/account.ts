/** Every file of a listing exactly once, with what it is; and whether what is left could change the answer. */
import type { FileUse } from "../../contract/terms.ts";
import { sumBytes, type RepositoryFile } from "../../source/repository.ts";
import { chooseFamilyOfGguf } from "./choose-folder.ts";
import { COMPONENT_FOLDER } from "./choose-repository.ts";
import { listNames } from "../../contract/list-names.ts";
import type { PackageDoubt } from "./doubt.ts";
import { formatTitle } from "./format-names.ts";
import { readLabelBits } from "./labels.ts";
import { classifyPlainFile } from "./plain-files.ts";
import { bytesOfUnit, nameOf, type Unit, type UnitRole } from "./unit.ts";

export interface AccountedFile extends RepositoryFile {
  readonly is: FileUse;
  /** In words: `tokenizer`, `another precision (fp16)`. */
  readonly why: string;
}

export interface AccountInput {
  readonly files: readonly RepositoryFile[];
  readonly units: readonly Unit[];
  /** Paths of the files that a loader reads. */
  readonly used: ReadonlySet<string>;
  readonly chosen: readonly Unit[];
  /** Units of the same families. */
  readonly alternatives: readonly Unit[];
  /** True where the user named a file: the others are then other models, and no doubt. */
  readonly isNamed: boolean;
  /** True where a manifest names the components: files of the root are then copies of all in one. */
  readonly isPipeline: boolean;
  /** Of the repository, without the organization. */
  readonly name: string;
}

export interface Account {
  readonly files: readonly AccountedFile[];
  /** Other packages of the same model, with all their files there. */
  readonly alternatives: readonly Unit[];
  /** Bytes of the largest package that nothing explains. */
  readonly largestUnexplainedBytes: number;
  /** True where a package that nothing explains lacks some of its files. */
  readonly isIncomplete: boolean;
}

/** fp32 of a model in 8 bits has 4 times its bytes; no honest conversion has more. */
const MAX_CONVERSION = 4.5;
/** Adam keeps a copy and two moments in fp32: 12 bytes for 2 of the weight. */
const MAX_TRAINING = 6.5;

/** Account for every file of a listing. */
export function accountFiles(input: AccountInput): Account {
  const { files, units, used } = input;
  const usedBytes = sumBytes(files.filter(({ path }) => used.has(path)));
  const uses = new Map<string, { is: FileUse; why: string }>();
  const whole: Unit[] = [];
  let largestUnexplainedBytes = 0;
  let isIncomplete = false;
  const modelBytes = input.alternatives
    .map(bytesOfUnit)
    .filter((bytes) => bytes <= MAX_CONVERSION * usedBytes)
    .reduce((most, bytes) => Math.max(most, bytes), usedBytes);
  const context = {
    ...input,
    usedBytes,
    modelBytes,
    gguf: ggufFamily(input),
    alternatives: new Set(input.alternatives),
  };
  for (const unit of units) {
    const use = classifyUnit(unit, context);
    if (use.is === "alternative" && unit.missing.length === 0 && unit.files.length > 0) whole.push(unit);
    if (use.is === "unexplained") {
      largestUnexplainedBytes = Math.max(largestUnexplainedBytes, bytesOfUnit(unit));
      isIncomplete ||= unit.missing.length > 0;
    }
    for (const { path } of unit.files) if (!used.has(path)) uses.set(path, use);
  }
  return {
    files: files.map((file) => ({ ...file, ...(useOf(file, used, uses, input) satisfies object) })),
    largestUnexplainedBytes,
    isIncomplete,
    alternatives: whole.filter(({ files: own }) => own.some(({ path }) => !used.has(path))),
  };
}

function useOf(
  file: RepositoryFile,
  used: ReadonlySet<string>,
  uses: ReadonlyMap<string, { is: FileUse; why: string }>,
  { chosen }: AccountInput,
): { is: FileUse; why: string } {
  const { path } = file;
  if (used.has(path)) return { is: "checkpoint", why: formatTitle(chosen[0]?.format ?? "safetensors") };
  const use = uses.get(path);
  if (use) return use;
  const what = classifyPlainFile(file);
  return what === null ? { is: "unexplained", why: "unknown kind of file" } : { is: "support", why: what };
}

interface Context extends Omit<AccountInput, "alternatives"> {
  readonly usedBytes: number;
  /** Of its largest precision. */
  readonly modelBytes: number;
  readonly alternatives: ReadonlySet<Unit>;
  /** The family of GGUF files whose labels are this model's. */
  readonly gguf: ReadonlySet<Unit>;
}

/** Why a projector is support: runtimes download it with the model. */
export const PROJECTOR = "projector of images or audio";

const ROLE_USES = {
  projector: ["support", PROJECTOR],
  companion: ["support", "companion model"],
  tokenizer: ["support", "tokenizer"],
  training: ["support", "training state"],
  support: ["support", "voices, samples or statistics"],
  draft: ["other-model", "draft model"],
  adapter: ["other-model", "adapter"],
  snapshot: ["other-model", "snapshot of the training"],
} as const satisfies Record<UnitRole, readonly [FileUse, string]>;

function classifyUnit(unit: Unit, context: Context): { is: FileUse; why: string } {
  const { usedBytes, modelBytes, chosen, alternatives, isNamed, gguf } = context;
  const bytes = bytesOfUnit(unit);
  if (chosen.includes(unit)) return { is: "unexplained", why: "not listed in its index" };
  if (alternatives.has(unit) && bytes <= limitOfFamily(unit, chosen) * usedBytes) {
    const isSame = chosen.some(
      ({ format, stem, folder }) => format === unit.format && stem === unit.stem && folder === unit.folder,
    );
    return {
      is: "alternative",
      why:
        isSame || unit.label !== "" ? `another precision (${unit.label || "plain"})` : describeFormat(unit),
    };
  }
  if (unit.role !== null) {
    const [is, why] = ROLE_USES[unit.role];
    // Names are only names: what is larger than the model may be the model. Optimizers are.
    const limit = unit.role === "training" ? MAX_TRAINING * usedBytes : modelBytes;
    if (isNamed || bytes <= Math.max(limit, SMALL_BYTES)) return { is, why };
    return { is: "unexplained", why: `called ${why}, but larger than the model` };
  }
  if (
    bytes <= (isCopyByName(unit, chosen) ? MAX_COPY : MAX_CONVERSION) * usedBytes &&
    (isConversion(unit, chosen, gguf) || isSingleFileCopy(unit, context))
  )
    return { is: "alternative", why: describeFormat(unit) };
  return isNamed
    ? { is: "other-model", why: "not the file that was named" }
    : { is: "unexplained", why: describeFormat(unit) };
}

/** Shards next to a file of their own name should be the same model. */
const MAX_COPY = 1.5;

function limitOfFamily(unit: Unit, chosen: readonly Unit[]): number {
  if (isCopyByName(unit, chosen)) return MAX_COPY;
  const [own, least] = [bitsOf(unit) ?? 32, Math.min(...chosen.map((one) => bitsOf(one) ?? 32))];
  return MAX_CONVERSION * Math.max(1, own / least);
}

/** Bits per weight, by the label or the folder. */
function bitsOf({ label, folder }: Unit): number | null {
  return readLabelBits(label === "" ? nameOf(folder) : label);
}

/** `model-00001-of-00002.safetensors` next to `model.safetensors`. */
function isCopyByName({ format, folder, stem, label }: Unit, chosen: readonly Unit[]): boolean {
  return chosen.some(
    (one) => one.format === format && one.folder === folder && one.stem === stem && one.label === label,
  );
}

function describeFormat({ format, label }: Unit): string {
  return `the weights as ${formatTitle(format)}${label === "" ? "" : ` (${label})`}`;
}

/** Folders in which publishers keep the same model in another form, by their first name. */
const CONVERSION_FOLDER =
  /^(?:onnx|openvino|coreml|original|tflite|litert|gguf|mlx|tf|tensorflow|flax|pytorch|safetensors|metal|mlc|int[48]|fp(?:16|32)|bf16)(?:\/|$)/i;

/** Names of the same model in the forms that transformers and its ports load. */
const CONVERSION_STEMS: ReadonlySet<string> = new Set(
  `model pytorch-model tf-model flax-model rust-model consolidated diffusion-pytorch-model diffusion-flax-model
  open-clip-model open-clip-pytorch-model adapter-model openvino-model saved-model variables spiece`.split(
    /\s+/,
  ),
);

function isConversion(unit: Unit, chosen: readonly Unit[], gguf: ReadonlySet<Unit>): boolean {
  if (unit.format === "gguf") return gguf.has(unit);
  if (CONVERSION_FOLDER.test(unit.folder)) return true;
  return chosen.some(
    ({ folder, stem }) => folder === unit.folder && (stem === unit.stem || CONVERSION_STEMS.has(unit.stem)),
  );
}

/** `v1-5-pruned.safetensors` next to the components of a diffusers pipeline. */
function isSingleFileCopy({ folder, format }: Unit, { isPipeline }: Context): boolean {
  return isPipeline && folder === "" && (format === "safetensors" || format === "pytorch");
}

/** Next to a model in another format, the labels of one family of GGUF files are the model's. */
function ggufFamily({ units, chosen, name }: AccountInput): ReadonlySet<Unit> {
  if (chosen.some(({ format }) => format === "gguf")) return new Set();
  const candidates = units.filter(
    ({ format, role, folder }) =>
      format === "gguf" && role === null && (folder === "" || CONVERSION_FOLDER.test(folder)),
  );
  return new Set(candidates.length === 0 ? [] : chooseFamilyOfGguf(candidates, name));
}

/** Below both of these, what is unexplained does not change the answer. */
const SMALL_SHARE = 0.01;
const SMALL_BYTES = 1_000_000;

/** Judge whether unexplained bytes could change the answer; null where they could not. */
export function doubtUnexplained(
  { files, largestUnexplainedBytes, isIncomplete }: Account,
  { isCertain, isNamed }: { readonly isCertain: boolean; readonly isNamed: boolean },
): PackageDoubt | null {
  if (isNamed) return null;
  const unexplained = files
    .filter(({ is }) => is === "unexplained")
    .toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
  const usedBytes = sumBytes(files.filter(({ is }) => is === "checkpoint"));
  const bytes = sumBytes(unexplained);
  const inComponent = unexplained.filter(({ path }) => isInComponent(path));
  // A manifest and a loader's own names excuse what is smaller than the model; what is larger may be the model.
  const isLarger = Math.max(largestUnexplainedBytes, unexplained[0]?.bytes ?? 0) > usedBytes;
  const isLarge = bytes >= SMALL_BYTES && (isCertain ? isLarger : bytes >= SMALL_SHARE * usedBytes);
  if (inComponent.length === 0 && !isLarge) return null;
  const shown = (isLarge ? unexplained : inComponent).map(({ path }) => path);
  return {
    code: "FILES_UNEXPLAINED",
    message: `${listNames(shown)} may belong to the model and ${shown.length === 1 ? "is" : "are"} not counted; name the file you mean`,
    atMostBytes: isIncomplete ? null : usedBytes + bytes,
  };
}

/** In a folder that is called as a component: a file without a known ending, or with weights. */
function isInComponent(path: string): boolean {
  const segments = path.split("/").slice(0, -1);
  return (
    segments.some(
      (segment) => COMPONENT_FOLDER.test(segment) && segment !== "tokenizer" && segment !== "scheduler",
    ) && nameOf(path).includes(".")
  );
}
