/** Published sizes, and how each file was made as far as its publisher says. */
import { isUnknown } from "../../src/contract/unknown.ts";
import { predict } from "../../src/quant/quantization.ts";
import { parseQuantization } from "../../src/quant/registry.ts";
import type { SchemeOptions } from "../../src/quant/scheme.ts";
import { PUBLISHED_SIZES, fixtureModel, type PublishedSize } from "../quant/fixtures.ts";

/** The scheme of a published size, and what its publisher decided. */
const WRITTEN_WITH: Readonly<Record<string, readonly [string, SchemeOptions?]>> = {
  "GPTQ 4-bit g128 (AutoGPTQ)": ["gptq:4bit-g128"],
  "GPTQ 4-bit g128": ["gptq:4bit-g128"],
  "GPTQ 4-bit g64": ["gptq:4bit-g64"],
  "GPTQ 4-bit g32": ["gptq:4bit-g32"],
  "GPTQ 8-bit g128": ["gptq:8bit-g128"],
  "GPTQ 8-bit g64": ["gptq:8bit-g64"],
  "GPTQ 8-bit g-1": ["gptq:8bit-channel"],
  "AWQ 4-bit g128 gemm": ["awq:4bit-g128", { separateHead: true }],
  "bitsandbytes NF4 + double quant": ["bnb:nf4-dq"],
  "NVFP4 (AutoRound, llm-compressor layout)": ["ct:nvfp4"],
  "MXFP4 blocks+scales (total_size)": ["ct:mxfp4"],
  "MLX affine 3-bit g64 (total_size)": ["mlx:3bit"],
  "MLC q4f16_1 (ParamBytes)": ["mlc:q4f16_1"],
  "MediaPipe LLM int4 (ff4, attn8, emb4)": ["mediapipe:int4"],
  "LiteRT int8 channelwise": ["litert:int8", { signatures: 8 }],
  "LiteRT int4 channelwise (QAT)": ["litert:int4"],
  "ONNX fp32": ["onnx:fp32"],
  "ONNX fp16": ["onnx:fp16"],
  "ONNX q8": ["onnx:q8"],
  "ONNX q8 (per-channel)": ["onnx:q8", { perChannel: true }],
  "ONNX q8_per_channel": ["onnx:q8", { perChannel: true }],
  "ONNX uint8": ["onnx:uint8"],
  "ONNX q4_b32": ["onnx:q4"],
  "ONNX q4_b128": ["onnx:q4", { groupSize: 128 }],
};

/** What a note says of how a GGUF file was made. */
const GGUF_NOTES: readonly (readonly [RegExp, SchemeOptions])[] = [
  [/\bimatrix\b/, { imatrix: true }],
  [/separate output\.weight/, { separateHead: true }],
  [/token_embd and output at Q8_0|published as \w+_L\b/, { headBits: 8 }],
];

export interface Outcome extends PublishedSize {
  readonly family: string;
  readonly predictedBytes: number;
  /** Relative: 0.001 is 0.1 %. */
  readonly error: number;
  /** Of `parameters × bits / 8`, the rule of thumb; null for a file that is only a part of the model. */
  readonly naiveError: number | null;
}

/** Every published size of a family that llm-size predicts, beside the prediction. */
export function predictPublished(): Outcome[] {
  return PUBLISHED_SIZES.flatMap((row) => {
    const written = describeWriting(row);
    if (!written) return [];
    const quantization = parseQuantization(written.name, written.options);
    const subject = fixtureModel(row.base);
    const prediction = predict(quantization, subject);
    if (isUnknown(prediction)) throw new Error(`${row.published}: ${prediction.reason}`);
    // A Whisper is two graphs, each with a line of its own: `PhoWhisper-tiny encoder_model`.
    const graph = row.published.split(" ").at(-1) ?? "";
    const file = prediction.files?.find(({ path }) => path.startsWith(`onnx/${graph}`));
    const predictedBytes = file?.bytes ?? prediction.bytes;
    const parameters = subject.weights.reduce((sum, weight) => sum + weight.parameters, 0);
    const naiveBytes = (parameters * readBits(row.scheme)) / 8;
    return [
      {
        ...row,
        family: quantization.ecosystem.name,
        predictedBytes,
        error: predictedBytes / row.bytes - 1,
        naiveError: file && prediction.files?.length !== 1 ? null : naiveBytes / row.bytes - 1,
      },
    ];
  });
}

/** Null for what is no family here (AQLM, torchao). */
function describeWriting({
  scheme,
  note,
  published,
}: PublishedSize): { name: string; options: SchemeOptions } | null {
  if (scheme.startsWith("GGUF ")) {
    const options = GGUF_NOTES.filter(([pattern]) => pattern.test(note ?? "")).map(([, option]) => option);
    return { name: `gguf:${scheme.slice(5)}`, options: Object.assign({}, ...options) as SchemeOptions };
  }
  const [name, options] = WRITTEN_WITH[scheme] ?? [];
  if (name === undefined) return null;
  return { name, options: { ...options, ...(published.endsWith("-int4.litertlm") && { signatures: 8 }) } };
}

/** The number of bits that the name of a format promises. */
function readBits(scheme: string): number {
  if (/\bF32\b|fp32/.test(scheme)) return 32;
  if (/F16\b|fp16/.test(scheme)) return 16;
  return Number(/(?:I?Q|TQ|MXFP|NVFP|NF|int|uint|q)(\d)|(\d)-bit/.exec(scheme)?.slice(1).find(Boolean) ?? 4);
}
