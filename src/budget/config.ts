/** The config file: budgets, and the devices they may name. */
import { isFailure, LlmSizeError } from "../errors.ts";
import type { Device } from "../memory/devices.ts";
import { parseNetworkSpeed } from "../memory/download-time.ts";
import { parseQuantization } from "../quant/registry.ts";
import { RULE_NAMES } from "../contract/terms.ts";
import { RULES, type Limit, type LimitSet } from "./budget.ts";
import { checkEntries } from "./config-checks.ts";
import { readDevices } from "./config-devices.ts";
import { describeIssue } from "./config-issues.ts";
import {
  budgetConfigSchema,
  listKeys,
  type WrittenConfig,
  type WrittenEntry,
  type WrittenLimits,
} from "./config-schema.ts";
import { findMemoryDevice, isDeviceName } from "./find-device.ts";
import { parseQuantity } from "../contract/quantities.ts";
import { isPattern } from "./pattern.ts";

export interface BudgetConfig {
  /** For every model, below what its own budget and the patterns say. */
  readonly defaults: LimitSet;
  /** One model each. */
  readonly budgets: readonly ModelLimits[];
  /** Models whose id fits a name with `*`; a later one goes before an earlier one. */
  readonly patterns: readonly ModelLimits[];
}

export interface ModelLimits extends LimitSet {
  readonly model: string;
}

/** A flag whose key in the config file is another word. */
const SYNONYMS = new Map([["quant", "quantization"]]);

/** Reads the value of a config file, with devices beside its own. Throws CONFIG_INVALID. */
export function parseBudgetConfig(value: unknown, file: string, known: readonly Device[] = []): BudgetConfig {
  const written = parseWritten(value, file);
  const devices = [...known, ...readDevices(written.devices ?? [], file)];
  const defaults = readLimits(written.defaults ?? {}, devices, { file, path: "defaults" });
  const entries = (written.budgets ?? []).map((entry, index) =>
    readEntry(entry, devices, { file, path: `budgets[${index}]` }),
  );
  checkEntries(entries, defaults, file);
  return {
    defaults,
    budgets: entries.filter(({ model }) => !isPattern(model)),
    patterns: entries.filter(({ model }) => isPattern(model)),
  };
}

/** The devices alone, of a file that need not have budgets. Throws CONFIG_INVALID. */
export function parseDevices(value: unknown, file: string): Device[] {
  return readDevices(parseWritten(value, file).devices ?? [], file);
}

function parseWritten(value: unknown, file: string): WrittenConfig {
  const parsed = budgetConfigSchema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [first, ...others] = parsed.error.issues;
  const path = first?.path ?? [];
  const isLimits = path[0] === "budgets" || path[0] === "defaults";
  const issue = describeIssue(first, listKeys(path), isLimits ? SYNONYMS : new Map());
  throw new LlmSizeError("CONFIG_INVALID", { file, ...issue, others: others.length });
}

interface Place {
  readonly file: string;
  readonly path: string;
}

function readEntry(
  { model, ...limits }: WrittenEntry,
  devices: readonly Device[],
  place: Place,
): ModelLimits {
  return { model: model.trim(), ...readLimits(limits, devices, place) };
}

function readLimits(written: WrittenLimits, devices: readonly Device[], place: Place): LimitSet {
  const { quantization, why = null } = written;
  return {
    quantization: quantization === undefined ? null : parseQuantization(quantization).name,
    limits: RULE_NAMES.flatMap((rule): Limit[] => {
      const text = written[rule];
      if (text === undefined) return [];
      if (rule === "maxMemory" && isDeviceName(text)) {
        const { id, limitBytes, recommendedBytes } = readDeviceLimit(text, devices, place);
        return [{ rule, limit: limitBytes, why, device: id, comfortable: recommendedBytes }];
      }
      return [{ rule, limit: parseQuantity(text, RULES[rule].kind), why, device: null, comfortable: null }];
    }),
    conditions: readConditions(written),
  };
}

function readDeviceLimit(id: string, devices: readonly Device[], { file, path }: Place): Device {
  try {
    return findMemoryDevice(id, devices);
  } catch (error) {
    if (!isFailure(error, "USAGE")) throw error;
    throw new LlmSizeError("CONFIG_INVALID", {
      file,
      path: `${path}.maxMemory`,
      problem: error.message,
      hint: error.hint,
    });
  }
}

function readConditions({
  context,
  batch,
  kvDtype,
  layout,
  bandwidth,
}: WrittenLimits): LimitSet["conditions"] {
  const tokens = typeof context === "string" ? parseQuantity(context, "tokens") : context;
  const connection = bandwidth === undefined ? null : parseNetworkSpeed(bandwidth);
  return {
    ...(tokens && { context: tokens }),
    ...(batch && { batch }),
    ...(kvDtype && { kvDtype }),
    ...(layout && { layout }),
    ...(connection && { connection }),
  };
}
