/** The value of a config file → budgets and devices. */
import { parseQuantity } from "../contract/quantities.ts";
import { BOUNDS, RULE_NAMES, type Bound, type RuleName } from "../contract/terms.ts";
import type { Config, ConfigDevice, ConfigLimits } from "../contract/types.ts";
import { isFailure, LlmSizeError } from "../errors.ts";
import type { Device } from "../memory/device.ts";
import { KNOWN_DEVICES } from "../memory/devices.ts";
import { parseNetworkSpeed } from "../memory/download-time.ts";
import { DEFAULT_TRAINING, type TrainingSetup } from "../memory/training/setup.ts";
import { parseQuantization } from "../quant/registry.ts";
import type { BudgetConfig, Limit, LimitSet } from "./budget.ts";
import { checkEntries } from "./config-checks.ts";
import { budgetConfigSchema, listKeys } from "./config-schema.ts";
import { findDevice, isDeviceName } from "./find-device.ts";
import { findMachine, isMachineName } from "./find-machine.ts";
import { isPattern } from "./pattern.ts";
import { RULES } from "./rules.ts";
import { explainIssue } from "./schema-issue.ts";

/** Keys that the command line names otherwise. */
const SYNONYMS = new Map([["quant", "quantization"]]);

interface ConfigContext {
  /** Devices in addition to those of the file and the built-in ones. */
  readonly known?: readonly Device[];
  /** The line of each key by its path; left out where no file is read. */
  readonly lines?: ReadonlyMap<string, number>;
}

/** Parse budgets. Throws CONFIG_INVALID. */
export function parseBudgetConfig(
  value: unknown,
  file: string,
  { known = [], lines }: ConfigContext = {},
): BudgetConfig {
  const written = parseWritten(value, file);
  const devices = [...known, ...buildDevices(written, file)];
  const defaults = parseLimits(written.defaults ?? {}, devices, { file, lines, path: "defaults" });
  const entries = (written.budgets ?? []).map(({ model, ...limits }, index) => ({
    model: model.trim(),
    ...parseLimits(limits, devices, { file, lines, path: `budgets[${index}]` }),
  }));
  const paths = (written.paths ?? []).map(({ path, ignore = null, ...limits }, index) => ({
    path,
    ignore,
    ...parseLimits(limits, devices, { file, lines, path: `paths[${index}]` }),
  }));
  checkEntries(entries, { defaults, paths }, file);
  return {
    paths,
    defaults,
    budgets: entries.filter(({ model }) => !isPattern(model)),
    patterns: entries.filter(({ model }) => isPattern(model)),
  };
}

/** Parse the devices of a file without checking its budgets. Throws CONFIG_INVALID. */
export function parseDevices(value: unknown, file: string): Device[] {
  return buildDevices(parseWritten(value, file), file);
}

function parseWritten(value: unknown, file: string): Config {
  const parsed = budgetConfigSchema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [first, ...others] = parsed.error.issues;
  const path = first?.path ?? [];
  const isLimits = ["budgets", "defaults", "paths"].includes(String(path[0]));
  const issue = explainIssue(first, listKeys(path), isLimits ? SYNONYMS : new Map());
  throw new LlmSizeError("CONFIG_INVALID", { file, ...issue, others: others.length });
}

/** Where a value is, for errors. */
interface Location {
  readonly file: string;
  readonly lines?: ReadonlyMap<string, number> | undefined;
  readonly path: string;
}

function parseLimits(written: ConfigLimits, devices: readonly Device[], location: Location): LimitSet {
  const { quantization, variant, why = null, context, batch, kvDtype, layout, bandwidth, draft } = written;
  const { gpuMemoryUtilization } = written;
  const training = parseTraining(written, location);
  return {
    quantization: quantization === undefined ? null : parseQuantization(quantization).name,
    limits: RULE_NAMES.flatMap((rule): Limit[] => {
      const text = written[rule];
      if (text === undefined) return [];
      const place = findPlace(location, rule);
      if (rule === "maxMemory" && (isDeviceName(text) || isMachineName(text))) {
        const device = getMemoryDevice(text, devices, location);
        const { id, limitBytes, recommendedBytes, machine } = device;
        const limit = { rule, limit: limitBytes, why, device: id, recommendedBytes, place };
        return [machine ? { ...limit, machine: device } : limit];
      }
      const limit = parseQuantity(text, RULES[rule].kind);
      return [{ rule, limit, why, device: null, recommendedBytes: null, place }];
    }),
    options: {
      ...(context !== undefined && {
        context: typeof context === "string" ? parseQuantity(context, "tokens") : context,
      }),
      ...(batch && { batch }),
      ...(kvDtype && { kvDtype }),
      ...(layout && { layout }),
      ...(variant !== undefined && { variant }),
      ...(draft !== undefined && { draft: draft.trim() }),
      ...(training && { training }),
      ...(gpuMemoryUtilization !== undefined && { gpuMemoryUtilization }),
      ...(bandwidth !== undefined && { speed: parseNetworkSpeed(bandwidth) }),
    },
  };
}

function findPlace({ file, lines, path }: Location, rule: RuleName): Limit["place"] {
  return lines ? { path: file.replaceAll("\\", "/"), line: lines.get(`${path}.${rule}`) ?? null } : null;
}

/** Build the setup of `train`; null without it. Throws CONFIG_INVALID. */
function parseTraining(written: ConfigLimits, { file, path }: Location): TrainingSetup | null {
  const { train, optimizer, rank, checkpointing, quantization } = written;
  const [other] = Object.entries({ optimizer, rank, checkpointing }).filter(
    ([, value]) => value !== undefined,
  );
  const refuse = (key: string, problem: string) =>
    new LlmSizeError("CONFIG_INVALID", { file, path: `${path}.${key}`, problem, hint: null });
  if (train === undefined) {
    if (other) throw refuse(other[0], "comes with train");
    return null;
  }
  if (quantization !== undefined && !/^(?:fp16|fp32)$/i.test(quantization))
    throw refuse("quantization", "train takes fp16 or fp32");
  return {
    ...DEFAULT_TRAINING,
    mode: train,
    dtype: quantization?.toLowerCase() === "fp32" ? "fp32" : "bf16",
    ...(optimizer && { optimizer }),
    ...(rank !== undefined && { rank }),
    ...(checkpointing && { checkpointing }),
  };
}

/** Find a device that limits memory. Throws CONFIG_INVALID. */
function getMemoryDevice(text: string, devices: readonly Device[], { file, path }: Location): Device {
  const invalid = (problem: string, hint: string | null) =>
    new LlmSizeError("CONFIG_INVALID", { file, path: `${path}.maxMemory`, problem, hint });
  try {
    const device = isMachineName(text) ? findMachine(text, devices) : findDevice(text, devices);
    if (device.bounds === "memory") return device;
    const problem = `${device.id} does not limit memory, but its ${device.limitName}`;
    throw invalid(problem, "use a device that limits memory, or a size such as 8GB");
  } catch (error) {
    throw isFailure(error, "USAGE") ? invalid(error.message, error.hint) : error;
  }
}

const LIMIT_NAMES = {
  memory: "memory",
  buffer: "largest buffer",
  download: "storage",
} as const satisfies Record<Bound, string>;

/** Build the devices of a config file. Throws CONFIG_INVALID for a name that is taken. */
function buildDevices({ devices: written = [] }: Config, file: string): Device[] {
  for (const [index, { id }] of written.entries()) {
    const earlier = written.findIndex((device) => device.id === id);
    const isBuiltIn = KNOWN_DEVICES.some((device) => device.id === id);
    if (earlier === index && !isBuiltIn) continue;
    throw new LlmSizeError("CONFIG_INVALID", {
      file,
      path: `devices[${index}].id`,
      problem: `${isBuiltIn ? "a built-in device" : `devices[${earlier}]`} is already named ${id}`,
      hint: "choose another name",
    });
  }
  return written.map(buildDevice);
}

function buildDevice(written: ConfigDevice): Device {
  const { id, source = null, date = null, ...limits } = written;
  const bounds = BOUNDS.find((bound) => limits[bound] !== undefined) ?? "memory";
  const limitBytes = parseQuantity(limits[bounds] ?? "", "bytes");
  return {
    id,
    label: id,
    kind: "own",
    bounds,
    limitBytes,
    recommendedBytes: limitBytes,
    limitName: LIMIT_NAMES[bounds],
    source,
    date,
    machine: null,
  };
}
