/** Which stored tensors of a checkpoint are weights, and why the others are not. */
import { listNames } from "../contract/list-names.ts";
import { MalformedError } from "../format/malformed.ts";
import { DTYPE_BITS } from "../source/tensor.ts";
import { countElements, type Tensor } from "../format/tensor.ts";
import type { Role } from "../contract/terms.ts";
import type { Note } from "../notes.ts";
import type { Adapter } from "./adapter.ts";
import { findAveragedCopies } from "./averaged-copies.ts";
import { findBuffers } from "./buffers.ts";
import type { Config } from "../format/config.ts";
import { findExpertStacks } from "./experts.ts";
import { findFrozen } from "./frozen.ts";
import { findMtpLayers } from "./mtp-layers.ts";
import type { AuxiliaryReason, PackingFormat } from "./packing/packing-format.ts";
import { unpackTensors, type UnpackedTensor } from "./packing/unpack.ts";
import { buildRoleClassifier } from "./roles.ts";
import { findTies, type Ties } from "./ties.ts";
import type { Weight } from "./weight.ts";

/** Why a stored tensor is not counted as a weight. */
type ExclusionReason = AuxiliaryReason | "buffer" | "tied" | "duplicate" | "copy" | "training" | "frozen";

interface Exclusion {
  readonly tensor: Tensor;
  readonly reason: ExclusionReason;
  /** A buffer that is known by more than its name. */
  readonly isKnown?: boolean;
}

/** The tensors of one packing. */
interface Unpacking {
  readonly packing: string;
  readonly tensors: number;
  readonly storedBytes: number;
  readonly parameters: number;
}

export interface ClassifiedTensors {
  /** Every logical weight once. */
  readonly weights: readonly Weight[];
  readonly excluded: readonly Exclusion[];
  /** How packed tensors were unpacked. */
  readonly unpacked: readonly Unpacking[];
  /** The elements of all stored tensors, as a naive count gives. */
  readonly storedElements: number;
  /** The bytes of the tensors that hold the weights, without scales. */
  readonly countedBytes: number;
  readonly largestBytes: number;
  /** False if a packing is unknown: the weights are then as stored, and budgets must not rely on them. */
  readonly certain: boolean;
  readonly notes: readonly Note[];
}

/** The stored tensors of one component of a model, and the config that unpacks them. */
export interface StoredComponent {
  readonly folder: string;
  readonly tensors: readonly Tensor[];
  readonly config: Config | null;
  /** Of an adapter: what it trains. */
  readonly adapter?: Adapter | null;
}

/** A thousand times the largest model. At 4 bytes per weight plus a scale per weight, sums are still exact. */
const MAX_ELEMENTS = 2 ** 50;

/**
 * Separate weights from scales, buffers and copies. Names of a component in a folder begin with it
 * (`unet.conv_in.weight`). Throws MalformedError, and what `checkTime` throws when the time is up.
 */
export function classifyTensors(
  components: readonly StoredComponent[],
  packings: readonly PackingFormat[],
  checkTime: () => void = () => {},
): ClassifiedTensors {
  const classified = components.map((component) => classifyComponent(component, packings, checkTime));
  const storedElements = classified.reduce((sum, { storedElements: elements }) => sum + elements, 0);
  const weights = classified.flatMap((component) => component.weights);
  const parameters = weights.reduce((sum, weight) => sum + weight.parameters, 0);
  if (Math.max(storedElements, parameters) > MAX_ELEMENTS) throw tooManyElements();
  return {
    weights,
    excluded: classified.flatMap(({ excluded }) => excluded),
    unpacked: classified.flatMap(({ unpacked }) => unpacked),
    storedElements,
    countedBytes: classified.reduce((sum, component) => sum + component.countedBytes, 0),
    largestBytes: classified.reduce((most, component) => Math.max(most, component.largestBytes), 0),
    certain: classified.every(({ certain }) => certain),
    notes: classified.flatMap(({ notes }) => notes),
  };
}

function classifyComponent(
  { folder, tensors, config, adapter = null }: StoredComponent,
  packings: readonly PackingFormat[],
  checkTime: () => void,
): ClassifiedTensors {
  const excluded: Exclusion[] = [];
  const distinct = new Map<string, Tensor>();
  for (const tensor of tensors) {
    const first = distinct.get(tensor.name);
    if (tensor.is !== undefined && tensor.is !== "weight") excluded.push({ tensor, reason: tensor.is });
    else if (typeof tensor.sharedWith === "string") excluded.push({ tensor, reason: "tied" });
    else if (!first) distinct.set(tensor.name, tensor);
    else if (first.shape.join() === tensor.shape.join()) excluded.push({ tensor, reason: "duplicate" });
    else throw new MalformedError(`${tensor.name} is stored twice with different shapes`);
  }

  checkTime();
  const unpacked = unpackTensors(
    [...distinct.values()].filter(({ is }) => is === undefined),
    config,
    packings,
  );
  excluded.push(...unpacked.auxiliary);
  checkTime();
  const findBuffer = findBuffers(unpacked.tensors, config);
  const isFrozen = findFrozen(adapter);
  const averages = findAveragedCopies(unpacked.tensors);
  const plain = unpacked.tensors.filter((tensor) => {
    const { name, packing } = tensor;
    const buffer = packing === null && unpacked.certain ? findBuffer(tensor) : null;
    const reason = averages.has(name) ? "copy" : isFrozen(name) ? "frozen" : buffer && "buffer";
    if (reason === null) return true;
    excluded.push({ tensor, reason, isKnown: buffer === "known" });
    return false;
  });
  // If the format itself marks weights, their shapes are logical.
  for (const tensor of distinct.values())
    if (tensor.is === "weight") plain.push({ ...tensor, packing: null });

  checkTime();
  const isMtp = findMtpLayers(config);
  const ties = findTies(plain, config, isMtp);
  const isExpertStack = findExpertStacks(plain, config);
  const classifyRole = buildRoleClassifier();
  const prefix = folder === "" ? "" : `${folder.replaceAll("/", ".")}.`;
  const weights: Weight[] = [];
  let countedBytes = 0;
  let largestBytes = 0;
  for (const tensor of plain) {
    if (ties.copies.has(tensor.name)) excluded.push({ tensor, reason: "tied" });
    else {
      const name = prefix + tensor.name;
      const role = isMtp(tensor.name) ? "mtp" : isExpertStack(tensor) ? "experts" : classifyRole(name);
      weights.push(toWeight(name, tensor, role));
      countedBytes += tensor.bytes;
      largestBytes = Math.max(largestBytes, tensor.bytes);
    }
  }
  return {
    weights,
    excluded,
    unpacked: sumUnpacked(unpacked.tensors),
    storedElements: sumExactly(tensors),
    countedBytes,
    largestBytes,
    certain: unpacked.certain,
    notes: [
      ...unpacked.notes,
      ...noteTies(ties, isMtp),
      ...noteMtp(weights),
      ...noteFrozen(excluded),
      ...noteUnknownDtypes(weights),
    ],
  };
}

function toWeight(name: string, { shape, dtype }: Tensor, role: Role): Weight {
  const parameters = countElements(shape);
  if (parameters === null) throw new MalformedError(`${name} has more than 2^53 weights`);
  return { name, shape, dtype, role, parameters };
}

function sumUnpacked(tensors: readonly UnpackedTensor[]): Unpacking[] {
  const sums = new Map<string, { tensors: number; storedBytes: number; parameters: number }>();
  for (const { packing, shape, bytes } of tensors) {
    if (packing === null) continue;
    const sum = sums.get(packing) ?? { tensors: 0, storedBytes: 0, parameters: 0 };
    sums.set(packing, sum);
    sum.tensors++;
    sum.storedBytes += bytes;
    sum.parameters += countElements(shape) ?? 0;
  }
  return [...sums].map(([packing, sum]) => ({ packing, ...sum }));
}

function noteTies({ copies, doubtful }: Ties, isMtp: (name: string) => boolean): Note[] {
  const notes: Note[] = [];
  const heads = [...copies].filter(
    (name) => !isMtp(name) && !name.endsWith("bias") && !name.includes("embed_tokens"),
  );
  if (heads.length > 0)
    notes.push({
      code: "TIED_HEAD_STORED",
      message: `${listNames(heads)} repeats the embedding; counted once`,
    });
  if (doubtful !== null)
    notes.push({
      code: "HEAD_MAYBE_TIED",
      message: `${doubtful} has the embedding's shape, and config.json does not state clearly whether it is a copy; counted as weights`,
    });
  return notes;
}

/** People often mean the model without these layers. */
function noteMtp(weights: readonly Weight[]): Note[] {
  const parameters = weights.reduce(
    (sum, weight) => sum + (weight.role === "mtp" ? weight.parameters : 0),
    0,
  );
  if (parameters === 0) return [];
  const message = `${parameters} of its parameters are layers for multi-token prediction, which a size by name leaves out`;
  return [{ code: "MTP_COUNTED", message }];
}

/** peft stores a resized embedding in the file of an adapter that does not train it. */
function noteFrozen(excluded: ClassifiedTensors["excluded"]): Note[] {
  const [first, ...others] = excluded.filter(({ reason }) => reason === "frozen");
  if (!first) return [];
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const message = `${first.tensor.name.slice(0, 100)}${more}: stored with the adapter but not trained; not counted`;
  return [{ code: "FROZEN_STORED", message }];
}

/** A dtype of a later version of a format: its bytes are known, the meaning of its elements is not. */
function noteUnknownDtypes(weights: readonly Weight[]): Note[] {
  const unknown = weights.find(({ dtype }) => !Object.hasOwn(DTYPE_BITS, dtype) && !OTHER_DTYPE.test(dtype));
  if (!unknown) return [];
  const message = `${unknown.name.slice(0, 100)} is stored as ${unknown.dtype.slice(0, 20)}, which llm-size does not know; its elements are counted`;
  return [{ code: "DTYPE_UNKNOWN", message }];
}

/** The dtypes of GGUF, and the integers of 2 and 4 bits of ONNX and OpenVINO. */
const OTHER_DTYPE = /^(?:I?Q|TQ|MXFP|NVFP)\d|^[IU][124]$|^NF4$/;

/** Sum element counts exactly; throws MalformedError where there are too many. */
function sumExactly(tensors: readonly Tensor[]): number {
  let total = 0;
  for (const { shape } of tensors) {
    const elements = countElements(shape);
    if (elements === null || total + elements > MAX_ELEMENTS) throw tooManyElements();
    total += elements;
  }
  return total;
}

function tooManyElements(): MalformedError {
  return new MalformedError("the tensors have more than 2^50 elements in total");
}
