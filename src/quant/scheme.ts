/** The inputs and the prediction of a quantization scheme. */

import type { Unknown } from "../contract/unknown.ts";
import type { Config } from "../format/config.ts";
import type { BlockType } from "../format/gguf/block-types.ts";
import type { Weight } from "../model/weight.ts";
import type { LlamaCppEra } from "./gguf/eras.ts";

/** The model a size is predicted for, by the tensor names of its Hugging Face checkpoint. */
export interface LogicalModel {
  /** Unique logical weights: no buffers, no scales, a tied head only once. */
  readonly weights: readonly Weight[];
  readonly config: Config | null;
}

/** Choices that publishers make; a scheme makes the most common one where an option is left out. */
export interface SchemeOptions {
  /** Quantized with an importance matrix, which changes the mix of some GGUF types. */
  readonly imatrix?: boolean;
  /** Store a tied output head as its own tensor. */
  readonly separateHead?: boolean;
  /** Weights that share a scale. */
  readonly groupSize?: number;
  /** Bits per weight of the embedding and the output head. */
  readonly headBits?: number;
  /** One scale per output channel of an 8-bit layer instead of one per layer (ONNX, compressed-tensors). */
  readonly perChannel?: boolean;
  /** Hold the cosines and sines of all positions in the ONNX graph of a decoder. */
  readonly rotaryCache?: boolean;
  /** Hold the causal mask of all positions in the merged ONNX graph of a decoder. */
  readonly causalMask?: boolean;
  /** The exporter of an ONNX graph, where it is another than usual. */
  readonly exporter?: "sentence-transformers" | "Xenova";
  /** How onnxruntime-genai quantizes to 4 bits, where it is not plain rounding (RTN). */
  readonly int4Algorithm?: "rtn_last" | "k_quant" | "k_quant_last" | "k_quant_mixed";
  /** Norms and biases still have their first values, so that equal ones are stored once in ONNX. */
  readonly untrained?: boolean;
  /** Graphs in a LiteRT bundle: one per prompt length, and one to decode. */
  readonly signatures?: number;
  /** The llama.cpp that made a GGUF file. */
  readonly era?: LlamaCppEra;
  /** Bits per weight of the token embedding alone. */
  readonly embeddingBits?: number;
  /** Types that a publisher chose for some tensors of a GGUF file, by their names without layer and `.weight`. */
  readonly chosenTypes?: Readonly<Record<string, BlockType>>;
  /** Keep the layers for multi-token prediction, unquantized. */
  readonly mtp?: boolean;
  /** Store a bias of zeros with every layer, as AutoGPTQ did until 0.7. */
  readonly zeroBiases?: boolean;
  /** 4-bit groups without zero points, in OpenVINO. */
  readonly symmetric?: boolean;
  /** The share of the weights of the layers that OpenVINO stores in 4 bits; the others have 8. */
  readonly int4Share?: number;
  /** Bits per weight of attention, in NVIDIA's checkpoints. */
  readonly attentionBits?: 16;
  /** Bits per weight of the dense MLP that Gemma 4 has besides its experts, in MLX. */
  readonly denseMlpBits?: 8;
  /** Quantize routers like the other layers, in MLX. */
  readonly routersLikeRest?: boolean;
  /** Bits per weight of the per-layer projection of Gemma 4 E2B and E4B, in MLX. */
  readonly perLayerProjectionBits?: 16;
  /** Quantized from a GGUF file in 32 bits, which keeps more in 32 bits than one from a file in 16. */
  readonly isFromF32?: boolean;
}

/** A choice that some publishers make and others do not. */
export interface Choice {
  /** In their words: `made without an importance matrix`. */
  readonly because: string;
  readonly options: SchemeOptions;
}

/** The files that a tool would write. */
export interface Prediction {
  readonly bytes: number;
  /** The largest single array with its scales, which one buffer has to hold; null where the rule does not show it. */
  readonly largestArrayBytes: number | null;
  /** Half the width of the error band, relative: 0.005 is ±0.5 %, measured on published files. Null: exact arithmetic. */
  readonly errorBand: number | null;
  /** Weights in the files; left out where they hold the whole model. */
  readonly parameters?: number;
  /** Choices that the prediction assumes, such as `made with an importance matrix`. */
  readonly assumptions: readonly string[];
  /** A second file that programs load with the model: its vision and audio; left out where there is none. */
  readonly projectorBytes?: number;
  /** One entry per file, where the tool writes several. */
  readonly files?: readonly PredictedFile[];
  /** List the tensors of the files, each with its scales; left out where the rule does not show them. */
  readonly listTensors?: () => readonly PredictedTensor[];
}

export interface PredictedFile {
  readonly path: string;
  readonly bytes: number;
}

/** One named way to store weights. */
export interface Scheme {
  /** Without its ecosystem: `Q4_K_M`. */
  readonly name: string;
  predict(model: LogicalModel, options: SchemeOptions): Prediction | Unknown;
  /** List what other publishers of such files do, the most common choice first. */
  listChoices?(model: LogicalModel): readonly Choice[];
}

/** A tensor of a predicted file. */
export interface PredictedTensor {
  readonly name: string;
  /** As the tool calls it: `Q6_K`, `nf4`, `BF16`. */
  readonly type: string;
  readonly weights: number;
  readonly bytes: number;
}

/** Add up the bytes of stored arrays, and find the largest of them. */
export function sumArrays(
  arrays: readonly number[],
  otherBytes = 0,
): Pick<Prediction, "bytes" | "largestArrayBytes"> {
  let bytes = otherBytes;
  let largestArrayBytes = 0;
  for (const array of arrays) {
    bytes += array;
    largestArrayBytes = Math.max(largestArrayBytes, array);
  }
  return { bytes, largestArrayBytes };
}

/** The same for tensors that can be listed. */
export function sumTensors(
  tensors: readonly PredictedTensor[],
  otherBytes = 0,
): Pick<Prediction, "bytes" | "largestArrayBytes" | "listTensors"> {
  const arrays = tensors.map(({ bytes }) => bytes);
  return { ...sumArrays(arrays, otherBytes), listTensors: () => tensors };
}

/** Build one scheme per mode of a tool. */
export function buildSchemes<Mode>(
  modes: Readonly<Record<string, Mode>>,
  predict: (model: LogicalModel, mode: Mode, options: SchemeOptions) => Prediction | Unknown,
  listChoices: (model: LogicalModel, mode: Mode) => readonly Choice[] = () => [],
): readonly Scheme[] {
  return Object.entries(modes).map(([name, mode]) => ({
    name,
    predict: (model, options) => predict(model, mode, options),
    listChoices: (model) => listChoices(model, mode),
  }));
}

/** The schemes of one family of tools. */
export interface Ecosystem {
  /** As in `gguf:Q4_K_M`. */
  readonly name: string;
  /** True where the weight files also hold the tokenizer and all settings, so that nothing else is downloaded. */
  readonly isSelfContained: boolean;
  /** True where bare names mean another family's: `Q8_0` is a GGUF, not a file of whisper.cpp. */
  readonly needsFamily?: boolean;
  readonly schemes: readonly Scheme[];
}
