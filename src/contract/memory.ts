/** The memory that a model takes while it runs, as the JSON contract has it. */
import * as z from "zod";
import {
  bytes,
  bytesOrNull,
  count,
  countOrNull,
  listOf,
  objectOf,
  objectOrNull,
  quantization,
  secondsOrNull,
  text,
  textOrNull,
} from "./fields.ts";
import {
  BOUNDS,
  DEVICE_KINDS,
  ENGINES,
  FIT_OUTCOMES,
  KV_DTYPES,
  KV_LAYOUTS,
  NO_LIMIT_TOKENS,
  OPTIMIZERS,
  TRAINING_DTYPES,
  TRAINING_MODES,
} from "./terms.ts";

const maxContextOf = (device: string) =>
  countOrNull.describe(
    `The most tokens that fit on ${device}; ${NO_LIMIT_TOKENS} where the model has no limit, null where memory is not the limit or not known.`,
  );

const deviceId = text.describe("The `id` of a device in `devices`.");
const source = textOrNull.describe("Where the figure comes from; null for what the user gave.");
const date = textOrNull.describe("The date of the source; null for what the user gave.");
const outcome = z
  .enum(FIT_OUTCOMES)
  .describe("`fits`; `tight`: above the recommended bytes but within the limit; `exceeds`; or `unknown`.");

const load = {
  layers: countOrNull.describe(
    "The layers, with the output as one; null where each GPU has a part of every layer.",
  ),
  weightsBytes: bytes.describe("The weights, in bytes."),
  kvCacheBytes: bytes.describe("The KV cache, in bytes."),
  overheadBytes: bytes.describe("An estimate of the rest, with a draft model, in bytes."),
};

export const memorySchema = z.object({
  context: count.describe("The context length, in tokens."),
  batch: count.describe("The number of sequences at the same time."),
  kvDtype: z.enum(KV_DTYPES).describe("The dtype of the KV cache."),
  layout: z
    .enum(KV_LAYOUTS)
    .describe(
      "`optimized`: windows are capped and latents stay compressed; `full`: every layer keeps every token of every head.",
    ),
  kvCacheBytes: bytesOrNull.describe(
    "The KV cache at this context length, in bytes, the largest of `weights`; null where the kind of attention is not known.",
  ),
  kvCacheBytesPerToken: bytesOrNull.describe("The bytes that one more token adds to the KV cache."),
  overheadBytes: bytes.describe("An estimate of activations and buffers for the largest weights, in bytes."),
  modelContext: countOrNull.describe(
    "The context length that the model was trained for, in tokens; null where there is no limit or none is known.",
  ),
  draft: textOrNull.describe("The draft model whose memory is added; null without one."),
  weights: listOf("What each quantization needs.", {
    quantization,
    bytes: bytesOrNull.describe("The weights, in bytes; null where unknown."),
    fetchBytes: bytesOrNull.describe(
      "The weights with tokenizer and config, in bytes; null where these are not known.",
    ),
    largestBytes: bytesOrNull.describe("The largest array with its scales, in bytes; null where unknown."),
    kvCacheBytes: bytesOrNull.describe(
      "The KV cache as the programs for these weights keep it, in bytes; null where unknown.",
    ),
    overheadBytes: bytesOrNull.describe(
      "An estimate of activations and buffers for these weights, in bytes.",
    ),
    draftBytes: bytesOrNull.describe(
      "The draft model with its KV cache and overhead, in bytes; 0 without one, null where unknown.",
    ),
    totalBytes: bytesOrNull.describe(
      "Weights, KV cache, overhead and draft model together, in bytes; null where unknown.",
    ),
    maxContext: maxContextOf("the first device whose limit is memory"),
    downloadSeconds: secondsOrNull.describe(
      "The download of the weights on the first connection, in seconds.",
    ),
  }),
  devices: listOf("The devices of the request.", {
    id: text.describe("The name of the device for `--device` and `maxMemory`."),
    label: text.describe("The device in words."),
    kind: z.enum(DEVICE_KINDS).describe("What sort of device it is; `own` for one that the user describes."),
    bounds: z
      .enum(BOUNDS)
      .describe("What is limited: all memory, the largest buffer, or what is kept on the device."),
    limitBytes: bytes.describe("The limit, in bytes."),
    recommendedBytes: bytes.describe("Above this, in bytes, a fit is tight."),
    limitName: text.describe("The limit in words, such as `GPU memory`."),
    source,
    date,
    machine: objectOrNull("The parts of a machine; null for other devices.", {
      gpus: listOf("The GPUs, in their order.", {
        id: text.describe("The name or size of the GPU."),
        limitBytes: bytes.describe("Its memory, in bytes."),
        recommendedBytes: bytes.describe("Above this, in bytes, a fit is tight."),
      }),
      ramBytes: bytesOrNull.describe("The RAM that a model may use, in bytes; null where none was given."),
      gpuMemoryUtilization: z
        .number()
        .positive()
        .max(1)
        .describe("The share of each GPU that vLLM takes, as in `--gpu-memory-utilization`."),
    }),
  }),
  fits: listOf("Whether each quantization fits on each device.", {
    device: deviceId,
    quantization,
    outcome,
    limitName: text.describe("The limit that decided, in words."),
    maxContext: maxContextOf("the device"),
  }),
  recommendations: listOf("The quantization to take on each device, by quality.", {
    device: deviceId,
    quantization: textOrNull.describe("The best quantization that fits, even tightly; null where none does."),
    outcome,
    needsBytes: bytesOrNull.describe("What it needs of the device's limit, in bytes; null where none fits."),
    maxContext: maxContextOf("the device"),
    better: z
      .object({
        quantization,
        missingBytes: bytes.describe("How much more it needs than the limit, in bytes."),
      })
      .nullable()
      .describe("The next better quantization, which does not fit; null where there is none."),
    safer: z
      .object({ quantization, outcome, maxContext: maxContextOf("the device") })
      .nullable()
      .describe("The next smaller quantization, which leaves more; null where there is none."),
  }),
  placements: listOf("Where each quantization lies on each machine, as its engine splits it.", {
    device: deviceId,
    quantization,
    engine: z.enum(ENGINES).describe("The engine whose rules the placement follows."),
    outcome,
    gpus: listOf("The load of each GPU.", load),
    ram: objectOf("The load of the host.", load),
    missingBytes: bytes.describe("How much more it needs than the parts of the machine have, in bytes."),
    gpuLayers: countOrNull.describe(
      "The layers on GPUs, as in `--n-gpu-layers`; null where each GPU has a part of every layer.",
    ),
    expertLayersInRam: z.array(count).describe("The layers whose experts stay in RAM."),
    maxSequences: countOrNull.describe(
      "The sequences of this context length that fit at once, where the engine keeps all that is left for them; else null.",
    ),
    commands: z.array(text).describe("Command lines that run the model so; none where it does not fit."),
  }),
  training: objectOrNull("What training takes on one device; null unless it was requested.", {
    mode: z
      .enum(TRAINING_MODES)
      .describe("What is trained: all weights, adapters, or adapters of 4-bit weights."),
    optimizer: z.enum(OPTIMIZERS).describe("The optimizer."),
    rank: countOrNull.describe("The rank of the adapters; null where all weights are trained."),
    dtype: z
      .enum(TRAINING_DTYPES)
      .describe("The dtype of weights that are not quantized, and of activations."),
    trainedParameters: countOrNull.describe("The parameters that are trained; null where unknown."),
    runs: listOf("The peaks of a step, without and with checkpointing; empty where they are unknown.", {
      checkpointing: z.boolean().describe("Whether each layer is computed again in the backward pass."),
      weightsBytes: bytes.describe("Weights and adapters, in bytes."),
      gradientBytes: bytes.describe("Gradients, in bytes."),
      optimizerBytes: bytes.describe("States of the optimizer, in bytes."),
      activationBytes: bytes.describe(
        "An estimate of what is kept for the backward pass, with the logits, in bytes.",
      ),
      peakBytes: bytes.describe(
        "An estimate of the peak of a step, in bytes: not all parts are there at once.",
      ),
    }),
    fits: listOf("Whether each run fits on each device.", {
      device: deviceId,
      checkpointing: z.boolean().describe("The run."),
      outcome,
    }),
    reason: textOrNull.describe("Why the runs are unknown; null where they are known."),
  }),
  connections: listOf("The connections that download times are computed for.", {
    id: text.describe("The name of the speed, or the speed as given."),
    label: text.describe("The connection in words."),
    bitsPerSecond: z.number().positive().describe("The speed, in bits per second."),
    source,
    date,
  }),
  downloads: listOf("How long each quantization takes on each connection, at full speed.", {
    connection: text.describe("The `id` of a connection in `connections`."),
    quantization,
    weightsSeconds: secondsOrNull.describe("The download of the weights, in seconds; null where unknown."),
    fetchSeconds: secondsOrNull.describe(
      "The download with tokenizer and config, in seconds; null where these are not known.",
    ),
  }),
  reason: textOrNull.describe("Why the KV cache is unknown; null where it is known."),
});
