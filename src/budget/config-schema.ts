/** The config file, as people write it. */
import * as z from "zod";
import { listQuantityForms, parseQuantity } from "../contract/quantities.ts";
import {
  BOUNDS,
  KV_DTYPES,
  KV_LAYOUTS,
  MAX_BATCH,
  MAX_CONTEXT_TOKENS,
  MAX_RANK,
  OPTIMIZERS,
  RULE_NAMES,
  TRAINING_MODES,
  type RuleName,
} from "../contract/terms.ts";
import { isFailure, LlmSizeError } from "../errors.ts";
import { parseNetworkSpeed } from "../memory/download-time.ts";
import { parseQuantization } from "../quant/registry.ts";
import { DEVICE_NAME, isDeviceName } from "./find-device.ts";
import { isMachineName } from "./find-machine.ts";
import { isPattern } from "./pattern.ts";
import { RULES } from "./rules.ts";

/** Text that a parser accepts, which throws USAGE for any other. */
function textFor(parse: (text: string) => unknown) {
  return z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      if (!isFailure(error, "USAGE")) throw error;
      context.addIssue({ code: "custom", message: error.message, params: { hint: error.hint } });
    }
  });
}

const size = textFor((text) => parseQuantity(text, "bytes"));

const limitFields = Object.fromEntries(
  RULE_NAMES.map((name) => {
    const { kind, description } = RULES[name];
    // The names of devices are checked once the whole file has been read.
    const isDevice = (text: string) => name === "maxMemory" && (isDeviceName(text) || isMachineName(text));
    const field = textFor((text) => isDevice(text) || parseQuantity(text, kind));
    const forms = `${listQuantityForms(kind)}${name === "maxMemory" ? ", a device, or GPUs: 2x24GB, 2x24GB+64GB-ram" : ""}`;
    return [name, field.optional().describe(`Maximum ${description}. Examples: ${forms}.`)];
  }),
) as Record<RuleName, z.ZodOptional<z.ZodString>>;

const contextForm = {
  error: `must be a number of tokens up to ${MAX_CONTEXT_TOKENS}, such as 8192 or "8k"`,
};

const shareForm = { error: "must be a share above 0 and up to 1, such as 0.9" };

const optionFields = {
  context: z
    .union(
      [
        z.int(contextForm).min(1, contextForm).max(MAX_CONTEXT_TOKENS, contextForm),
        textFor((text) => parseQuantity(text, "tokens")),
      ],
      contextForm,
    )
    .optional()
    .describe('Context length of maxMemory in tokens: 8192 or "8k". Default: 4096.'),
  batch: z
    .int()
    .min(1, "must be at least 1")
    .max(MAX_BATCH, `must be at most ${MAX_BATCH}`)
    .optional()
    .describe("Sequences at once. Default: 1."),
  kvDtype: z.enum(KV_DTYPES).optional().describe("Dtype of the KV cache. Default: bf16."),
  layout: z
    .enum(KV_LAYOUTS)
    .optional()
    .describe("Layout of the KV cache. full: no sliding windows, latents expanded. Default: optimized."),
  draft: textFor(checkModel).optional().describe("A draft model, whose memory maxMemory adds."),
  train: z
    .enum(TRAINING_MODES)
    .optional()
    .describe("Let maxMemory be the peak of training, with weights in 16 bits or the quantization fp32."),
  gpuMemoryUtilization: z
    .number()
    .gt(0, shareForm)
    .max(1, shareForm)
    .optional()
    .describe("The share of each GPU that vLLM takes, where maxMemory is GPUs. Default: 0.9."),
  optimizer: z.enum(OPTIMIZERS).optional().describe("The optimizer of train. Default: adamw."),
  rank: z.int().min(1).max(MAX_RANK).optional().describe("The rank of LoRA adapters for train. Default: 16."),
  checkpointing: z
    .boolean()
    .optional()
    .describe("Whether train computes each layer again in the backward pass. Default: false."),
  bandwidth: textFor(parseNetworkSpeed)
    .optional()
    .describe('Network speed of maxDownloadTime, such as "50Mbps", "6MB/s" or "4g".'),
};

const variant = z
  .string()
  .min(1)
  .optional()
  .describe(
    'Which size to judge where publishers ship several: words of a variant, such as "stored again", or "main". Default: the largest.',
  );

export const limitsSchema = z.strictObject({
  quantization: textFor(parseQuantization)
    .optional()
    .describe(
      "Quantization of downloads and memory, such as int4, fp16 or onnx:q4f16. Default: the files as published.",
    ),
  variant,
  ...limitFields,
  ...optionFields,
  why: z.string().optional().describe("Why these limits are there; shown with the verdicts."),
});

export const budgetSchema = z.strictObject({
  model: textFor(checkModel).describe(
    "A model, as on the command line, or a pattern with * for all models whose id matches.",
  ),
  ...limitsSchema.shape,
});

export const pathSchema = z.strictObject({
  path: z
    .string()
    .min(1, "must not be empty")
    .describe("A file or folder of code, or a pattern with *, relative to the working directory."),
  ignore: z
    .string()
    .min(1, "must say why")
    .optional()
    .describe("Why the models that this code names are left out."),
  ...limitsSchema.shape,
});

export const deviceSchema = z
  .strictObject({
    id: z
      .string()
      .refine((id) => DEVICE_NAME.test(id) && id !== "all", {
        error: "must be a short name of lower-case letters, digits and dashes, such as our-kiosk",
      })
      .describe("Name for --device and maxMemory."),
    memory: size.optional().describe("Memory that a model may use, such as 4GB."),
    buffer: size.optional().describe("Largest single buffer, such as 256MiB."),
    download: size.optional().describe("Storage for the download, such as 2GB."),
    source: z.string().optional().describe("Where the limit comes from."),
    date: z.string().optional().describe("Date of the source."),
  })
  .refine((device) => BOUNDS.filter((bound) => device[bound] !== undefined).length === 1, {
    error: `needs exactly one limit: ${BOUNDS.join(", ")}`,
  })
  .describe("Your own device, for llm-size fit and maxMemory.");

export const budgetConfigSchema = z.strictObject({
  $schema: z.string().optional().describe("The JSON Schema of this file, for editors."),
  defaults: limitsSchema.optional().describe("Limits for all models, unless a budget sets its own."),
  budgets: z.array(budgetSchema).optional().describe("Models and their limits."),
  paths: z
    .array(pathSchema)
    .optional()
    .describe("Limits of models that the code of some paths names, for check --scan."),
  devices: z.array(deviceSchema).optional().describe("Your own devices, for llm-size fit and maxMemory."),
});

/** List the keys that the object at a path may have. */
export function listKeys([first]: readonly PropertyKey[]): readonly string[] {
  if (first === undefined) return Object.keys(budgetConfigSchema.shape);
  const schemas = new Map<PropertyKey, z.ZodObject>([
    ["devices", deviceSchema],
    ["paths", pathSchema],
  ]);
  return Object.keys((schemas.get(first) ?? budgetSchema).shape);
}

/** Refuse a pattern that can match no model, as it would let every model pass. Throws USAGE. */
function checkModel(text: string): void {
  if (text.trim() === "")
    throw new LlmSizeError("USAGE", {
      message: "must not be empty",
      hint: "use a name such as gemma-2b, org/name or org/name@revision",
    });
  if (isPattern(text) && !/^[\w*][\w.*-]*(?:\/[\w*][\w.*-]*)?$/.test(text.trim()))
    throw new LlmSizeError("USAGE", {
      message: `invalid pattern "${text}"`,
      hint: "a pattern is a model id with * for any text, such as google/*",
    });
}
