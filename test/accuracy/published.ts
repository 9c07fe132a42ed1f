/** Published sizes, and what is predicted for each by its name alone. */
import { isUnknown } from "../../src/contract/unknown.ts";
import { predict, type Quantization } from "../../src/quant/quantization.ts";
import { parseQuantization } from "../../src/quant/registry.ts";
import type { Prediction } from "../../src/quant/scheme.ts";
import { predictVariants } from "../../src/quant/variants.ts";
import { PUBLISHED_SIZES, fixtureModel, type PublishedSize } from "../quant/fixtures.ts";

/** The scheme of a published size: its publisher's words, and the name here. */
const SCHEMES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^GGUF (\w+)$/, "gguf:$1"],
  [/^GPTQ (\d)-bit g-1$/, "gptq:$1bit-channel"],
  [/^GPTQ (\d)-bit g(\d+)(?: \(AutoGPTQ\))?$/, "gptq:$1bit-g$2"],
  [/^AWQ 4-bit g128 gemm$/, "awq:4bit-g128"],
  [/^bitsandbytes NF4 \+ double quant$/, "bnb:nf4-dq"],
  [/^NVFP4 \(AutoRound, llm-compressor layout\)$/, "ct:nvfp4"],
  [/^MXFP4 blocks\+scales \(total_size\)$/, "ct:mxfp4"],
  [/^compressed-tensors W8A8 int8$/, "ct:w8a8-int8"],
  [/^compressed-tensors FP8$/, "ct:w8a8-fp8"],
  [/^compressed-tensors W4A16 g128$/, "ct:w4a16"],
  [/^MLX (?:affine )?(\d)-bit g64(?: \(total_size\))?$/, "mlx:$1bit"],
  [/^MLX (mxfp4) \(total_size\)$/, "mlx:$1"],
  [/^MLC (q4f16_1) \(ParamBytes\)$/, "mlc:$1"],
  [/^MediaPipe LLM int4 \(ff4, attn8, emb4\)$/, "mediapipe:int4"],
  [/^LiteRT (int\d) channelwise(?: \(QAT\))?$/, "litert:$1"],
  [/^ONNX q8(?: \(per-channel\)|_per_channel)?$/, "onnx:q8"],
  [/^ONNX q4_b(\d+)$/, "onnx:q4"],
  [/^ONNX (\w+)$/, "onnx:$1"],
  [/^EXL2 (\d\.\d) bpw head 6$/, "exl2:$1bpw"],
  [/^HQQ (\d)-bit g(\d+)$/, "hqq:$1bit-g$2"],
  [/^OpenVINO (int\d) asym.*$/, "openvino:$1"],
  [/^whisper\.cpp (\w+)$/, "whisper.cpp:$1"],
  [/^ModelOpt FP8 per tensor$/, "modelopt:fp8"],
  [/^torchao (?:float8_rowwise)$/, "torchao:fp8"],
  [/^torchao (?:int8_rowwise)$/, "torchao:int8"],
  [/^torchao (\w+) \(.*\)$/, "torchao:$1"],
  [/^ONNX genai int4 block 32, CPU$/, "genai:cpu-int4"],
  [/^ExecuTorch 8da4w g32.*$/, "executorch:8da4w"],
  [/^Core ML int4 block 32$/, "coreml:int4"],
  [/^GGUF mmproj F16$/, "gguf:F16"],
];

export interface Outcome extends PublishedSize {
  readonly family: string;
  /** Relative errors, 0.001 is 0.1 %: of the main prediction, and of the nearest of it and its variants. */
  readonly mainError: number;
  readonly error: number;
  readonly errorBand: number;
  /** The choice that leads to the nearest; null for the main prediction. */
  readonly because: string | null;
  readonly variants: number;
  /** Of `parameters × bits / 8`, the rule of thumb; null for a file that is only a part of the model. */
  readonly naiveError: number | null;
}

let outcomes: readonly Outcome[] | undefined;

/**
 * Every published size of a family that llm-size predicts, with the prediction. Nothing is known of a file but its name:
 * what its publisher chose has to be among the variants.
 */
export function predictPublished(): readonly Outcome[] {
  outcomes ??= PUBLISHED_SIZES.flatMap(predictOne);
  return outcomes;
}

function predictOne(row: PublishedSize): Outcome[] {
  const quantization = findScheme(row);
  if (!quantization) return [];
  const subject = fixtureModel(row.base);
  const prediction = predict(quantization, subject);
  if (isUnknown(prediction)) throw new Error(`${row.published}: ${prediction.reason}`);
  // A Whisper is two graphs, each with a line of its own: `PhoWhisper-tiny encoder_model`.
  const graph = /(?:encoder_model|decoder_model_merged)/.exec(row.published)?.[0];
  const findFile = ({ files }: Prediction) => files?.find(({ path }) => graph && path.includes(graph));
  const isProjector = row.scheme.includes("mmproj");
  const countBytes = (candidate: Prediction) =>
    isProjector ? (candidate.projectorBytes ?? 0) : (findFile(candidate)?.bytes ?? candidate.bytes);
  const errorOf = (candidate: Prediction) => countBytes(candidate) / row.bytes - 1;
  const variants = predictVariants(quantization, subject, prediction);
  const candidates = [{ because: null, prediction }, ...variants].map((candidate) => ({
    because: candidate.because,
    error: errorOf(candidate.prediction),
  }));
  const [nearest = { because: null, error: Number.NaN }] = candidates.toSorted(
    (a, b) => Math.abs(a.error) - Math.abs(b.error),
  );
  const parameters = subject.weights.reduce((sum, weight) => sum + weight.parameters, 0);
  const naiveBytes = (parameters * readBits(row.scheme)) / 8;
  return [
    {
      ...row,
      ...nearest,
      family: quantization.ecosystem.name,
      mainError: errorOf(prediction),
      errorBand: prediction.errorBand ?? 0,
      variants: variants.length,
      naiveError:
        isProjector || (graph && prediction.files?.length !== 1) ? null : naiveBytes / row.bytes - 1,
    },
  ];
}

/** Null for sizes with two digits in units of 1000 and 1024 at once: the table of AQLM. */
function findScheme({ scheme, note }: PublishedSize): Quantization | null {
  const large = /published as (\w+_X?L)\b/.exec(note ?? "")?.[1];
  if (large !== undefined) return parseQuantization(`gguf:${large}`);
  for (const [pattern, name] of SCHEMES) {
    const match = pattern.exec(scheme);
    if (!match) continue;
    const groupSize = scheme.includes("q4_b") ? Number(match[1]) : undefined;
    return parseQuantization(match[0].replace(pattern, name), groupSize === undefined ? {} : { groupSize });
  }
  return null;
}

/** The number of bits that the name of a format promises. */
function readBits(scheme: string): number {
  if (/\bF32\b|fp32/.test(scheme)) return 32;
  if (/F16\b|fp16/.test(scheme)) return 16;
  return Number(/(?:I?Q|TQ|MXFP|NVFP|NF|int|uint|q)(\d)|(\d)-bit/.exec(scheme)?.slice(1).find(Boolean) ?? 4);
}
