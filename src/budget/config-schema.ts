/** The config file as people write it. */
import * as z from "zod";
import { isFailure, LlmSizeError } from "../errors.ts";
import {
  BOUNDS,
  KV_DTYPES,
  KV_LAYOUTS,
  MAX_BATCH,
  MAX_CONTEXT_TOKENS,
  RULE_NAMES,
  type RuleName,
} from "../contract/terms.ts";
import { parseNetworkSpeed } from "../memory/download-time.ts";
import { parseQuantization } from "../quant/registry.ts";
import { RULES } from "./budget.ts";
import { DEVICE_NAME, isDeviceName } from "./find-device.ts";
import { listQuantityForms, parseQuantity } from "../contract/quantities.ts";
import { isPattern } from "./pattern.ts";

/** Runs what throws USAGE as a check of zod's. */
function check(parse: (text: string) => unknown) {
  return (text: string, context: z.core.$RefinementCtx<string>) => {
    try {
      parse(text);
    } catch (error) {
      if (!isFailure(error, "USAGE")) throw error;
      context.addIssue({ code: "custom", message: error.message, params: { hint: error.hint } });
    }
  };
}

const size = z.string().superRefine(check((text) => parseQuantity(text, "bytes")));

const limitFields = Object.fromEntries(
  RULE_NAMES.map((name) => {
    const { kind, description } = RULES[name];
    // Which devices there are is known only once the whole file has been read.
    const isDevice = (text: string) => name === "maxMemory" && isDeviceName(text);
    const field = z.string().superRefine(check((text) => isDevice(text) || parseQuantity(text, kind)));
    const forms = `${listQuantityForms(kind)}${name === "maxMemory" ? ", or the name of a device" : ""}`;
    return [name, field.optional().describe(`Most allowed: ${description}. As in ${forms}.`)];
  }),
) as Record<RuleName, z.ZodOptional<z.ZodString>>;

const contextForm = {
  error: `it has to be a number of tokens up to ${MAX_CONTEXT_TOKENS}, as in 8192 or "8k"`,
};

const conditionFields = {
  context: z
    .union(
      [
        z.int(contextForm).min(1, contextForm).max(MAX_CONTEXT_TOKENS, contextForm),
        z.string().superRefine(check((text) => parseQuantity(text, "tokens"))),
      ],
      contextForm,
    )
    .optional()
    .describe('The context length that memory is judged at, in tokens: 8192 or "8k". Left out: 4096.'),
  batch: z
    .int()
    .min(1, "it has to be at least 1")
    .max(MAX_BATCH, `it has to be at most ${MAX_BATCH}`)
    .optional()
    .describe("Sequences at once. Left out: 1."),
  kvDtype: z.enum(KV_DTYPES).optional().describe("How the cache is stored. Left out: bf16."),
  layout: z
    .enum(KV_LAYOUTS)
    .optional()
    .describe("full: sliding windows kept whole, latents expanded. Left out: optimized."),
  bandwidth: z
    .string()
    .superRefine(check(parseNetworkSpeed))
    .optional()
    .describe('The connection that maxDownloadTime is judged on: "50Mbps", "6MB/s", "4g" …'),
};

const limitSetFields = {
  quantization: z
    .string()
    .superRefine(check(parseQuantization))
    .optional()
    .describe("What downloads are judged at: int4, fp16, onnx:q4f16 … Left out: the files as published."),
  ...limitFields,
  ...conditionFields,
  why: z.string().optional().describe("Why these limits are there; shown beside the verdicts."),
};

const entrySchema = z.strictObject({
  model: z
    .string()
    .superRefine(check(checkModel))
    .describe("A model, as on the command line, or a name with * for all whose id fits it."),
  ...limitSetFields,
});

const deviceSchema = z
  .strictObject({
    id: z
      .string()
      .refine((id) => DEVICE_NAME.test(id) && id !== "all", {
        error: "it has to be a short name of lower-case letters, digits and dashes, as in our-kiosk",
      })
      .describe("Its name for --device and maxMemory."),
    memory: size.optional().describe("All the memory that a model may use, as in 4GB."),
    buffer: size.optional().describe("The largest single buffer, as in 256MiB."),
    download: size.optional().describe("What is kept on the device, as in 2GB."),
    source: z.string().optional().describe("Where the figure comes from."),
    date: z.string().optional().describe("When the source said so."),
  })
  .refine((device) => BOUNDS.filter((bound) => device[bound] !== undefined).length === 1, {
    error: `it takes one limit: ${BOUNDS.join(", ")}`,
  })
  .describe("A device of your own, for llm-size fit and for maxMemory.");

export const budgetConfigSchema = z.strictObject({
  $schema: z.string().optional(),
  defaults: z
    .strictObject(limitSetFields)
    .optional()
    .describe("Limits of every model that has none of its own."),
  budgets: z.array(entrySchema).optional(),
  devices: z.array(deviceSchema).optional(),
});

export type WrittenConfig = z.infer<typeof budgetConfigSchema>;
export type WrittenEntry = z.infer<typeof entrySchema>;
export type WrittenLimits = Omit<WrittenEntry, "model">;
export type WrittenDevice = z.infer<typeof deviceSchema>;

/** The keys that an object at a path may have. */
export function listKeys([first]: readonly PropertyKey[]): readonly string[] {
  if (first === undefined) return Object.keys(budgetConfigSchema.shape);
  return Object.keys((first === "devices" ? deviceSchema : entrySchema).shape);
}

/** Throws USAGE. A pattern that can fit nothing would be a gate that is open. */
function checkModel(text: string): void {
  if (text.trim() === "")
    throw new LlmSizeError("USAGE", {
      message: "it names no model",
      hint: "name one as gemma-2b, org/name or org/name@revision",
    });
  if (isPattern(text) && !/^[\w*][\w.*-]*(?:\/[\w*][\w.*-]*)?$/.test(text.trim()))
    throw new LlmSizeError("USAGE", {
      message: `"${text}" fits no model`,
      hint: "a pattern is the name of a model with * for any text, as in google/*",
    });
}
