/** A real repository of each package format: docs/formats.md shows them, and tests choose among their files. */
import type { PackageFormatName } from "../../../src/format/packages/format-names.ts";

export interface FormatExample {
  /** On the Hub; of TensorFlow.js, ncnn and TorchServe, on GitHub. */
  readonly repository: string;
  /** The files of one download, as docs/formats.md words them. */
  readonly download: string;
  /** Files of that download; sizes are rounded where only rounded ones are public. */
  readonly files: Readonly<Record<string, number>>;
  /** Contents of small files, which decide what is loaded. */
  readonly texts?: Readonly<Record<string, unknown>>;
  /** Files next to them that are not downloaded with them. */
  readonly others?: Readonly<Record<string, number>>;
}

export const FORMAT_EXAMPLES = {
  safetensors: {
    repository: "meta-llama/Llama-2-7b-hf",
    download: "one file, or all shards of its index",
    files: {
      "model-00001-of-00002.safetensors": 9_976_578_928,
      "model-00002-of-00002.safetensors": 3_500_297_344,
    },
    others: { "tokenizer.json": 1_842_767 },
  },
  pytorch: {
    repository: "meta-llama/Llama-2-13b",
    download: "one file, all shards, all ranks, or all `.distcp` with `.metadata`",
    files: { "consolidated.00.pth": 13_016_334_699, "consolidated.01.pth": 13_016_334_699 },
    others: { "tokenizer.model": 499_723, "params.json": 102 },
  },
  gguf: {
    repository: "unsloth/gemma-4-12b-it-GGUF",
    download: "one quantization: a file, or its shards",
    files: { "gemma-4-12b-it-UD-IQ2_M.gguf": 4_213_353_280 },
    others: { "mmproj-F16.gguf": 175_115_840, "mtp-gemma-4-12b-it.gguf": 465_109_248 },
  },
  onnx: {
    repository: "istupakov/parakeet-tdt-0.6b-v3-onnx",
    download: "all graphs of the model, with the data files that they name",
    files: {
      "encoder-model.onnx": 41_770_866,
      "encoder-model.onnx.data": 2_435_420_160,
      "decoder_joint-model.onnx": 72_520_893,
      "nemo128.onnx": 139_764,
    },
    others: { "vocab.txt": 93_939, "encoder-model.int8.onnx": 652_000_000 },
  },
  openvino: {
    repository: "OpenVINO/Qwen3-8B-int4-ov",
    download: "all `.xml` + `.bin` but the tokenizer's",
    files: { "openvino_model.xml": 3_000_000, "openvino_model.bin": 4_800_000_000 },
    others: { "openvino_tokenizer.xml": 24_000, "openvino_tokenizer.bin": 5_600_000 },
  },
  coreml: {
    repository: "argmaxinc/whisperkit-coreml",
    download: "all bundles of a folder, whole",
    files: {
      "AudioEncoder.mlmodelc/weights/weight.bin": 421_968_768,
      "AudioEncoder.mlmodelc/model.mil": 934_263,
      "TextDecoder.mlmodelc/weights/weight.bin": 203_199_860,
      "TextDecoder.mlmodelc/model.mil": 217_177,
      "MelSpectrogram.mlmodelc/weights/weight.bin": 373_376,
      "MelSpectrogram.mlmodelc/model.mil": 10_143,
    },
  },
  mlc: {
    repository: "mlc-ai/Qwen2.5-3B-Instruct-q4f16_1-MLC",
    download: "all shards of `tensor-cache.json` or `ndarray-cache.json`",
    files: { "params_shard_0.bin": 155_582_464, "params_shard_61.bin": 20_820_992 },
    texts: {
      "tensor-cache.json": {
        records: [{ dataPath: "params_shard_0.bin" }, { dataPath: "params_shard_61.bin" }],
      },
    },
  },
  tensorflow: {
    repository: "sentence-transformers/all-MiniLM-L6-v2",
    download: "`saved_model.pb` and its variables, or one `.h5` or `.keras`",
    files: { "tf_model.h5": 91_005_696 },
  },
  tfjs: {
    repository: "tensorflow/tfjs",
    download: "`model.json` and the shards that it lists",
    files: {
      "group1-shard1of3.bin": 4_194_304,
      "group1-shard2of3.bin": 4_194_304,
      "group1-shard3of3.bin": 1_006_020,
    },
    texts: {
      "model.json": {
        weightsManifest: [
          { paths: ["group1-shard1of3.bin", "group1-shard2of3.bin", "group1-shard3of3.bin"] },
        ],
      },
    },
  },
  mediapipe: {
    repository: "google/gemma-2b-it-tflite",
    download: "one `.task`, or `.bin` for one target",
    files: { "gemma-2b-it-cpu-int4.bin": 1_346_502_656 },
  },
  litert: {
    repository: "litert-community/gemma-4-E2B-it-litert-lm",
    download: "one `.tflite` or `.litertlm`",
    files: { "gemma-4-E2B-it.litertlm": 2_588_147_712 },
    others: { "gemma-4-E2B-it_qualcomm_sm8750.litertlm": 3_000_000_000 },
  },
  executorch: {
    repository: "executorch-community/Llama-3.2-1B-Instruct-SpinQuant_INT4_EO8-ET",
    download: "`.pte`, and the `.ptd` of its name",
    files: { "Llama-3.2-1B-Instruct-SpinQuant_INT4_EO8.pte": 1_140_000_000 },
    others: { "tokenizer.model": 2_183_982 },
  },
  ctranslate2: {
    repository: "Systran/faster-whisper-tiny",
    download: "`model.bin` next to its vocabulary",
    files: { "model.bin": 75_538_270 },
    others: { "vocabulary.txt": 459_861 },
  },
  ggml: {
    repository: "ggerganov/whisper.cpp",
    download: "one file",
    files: { "ggml-tiny.bin": 77_691_713 },
    others: { "ggml-tiny-q5_1.bin": 32_152_673 },
  },
  nemo: {
    repository: "nvidia/parakeet-tdt-0.6b-v2",
    download: "one file",
    files: { "parakeet-tdt-0.6b-v2.nemo": 2_470_000_000 },
  },
  flax: {
    repository: "google-bert/bert-base-uncased",
    download: "one `.msgpack`, or its shards",
    files: { "flax_model.msgpack": 438_064_459 },
  },
  rust: {
    repository: "sentence-transformers/all-MiniLM-L6-v2",
    download: "one `.ot`",
    files: { "rust_model.ot": 90_887_379 },
  },
  npz: {
    repository: "mlx-community/whisper-tiny-mlx",
    download: "one `.npz`",
    files: { "weights.npz": 74_418_540 },
  },
  tensorrt: {
    repository: "mfuntowicz/gemma-2b",
    download: "the engines of all ranks",
    files: { "engines/rank0.engine": 6_063_171_228 },
  },
  paddle: {
    repository: "PaddlePaddle/PP-OCRv5_server_det",
    download: "`.pdiparams` with `.pdmodel` or `.json`",
    files: { "inference.pdiparams": 87_900_000, "inference.json": 300_000 },
  },
  ncnn: {
    repository: "Baiyuetribe/ncnn-models",
    download: "`.param` + `.bin`",
    files: { "yolov5/models/yolov5s.param": 19_000, "yolov5/models/yolov5s.bin": 14_600_000 },
  },
  mnn: {
    repository: "taobao-mnn/Qwen3.5-2B-MNN",
    download: "`.mnn`, `.mnn.weight`, and embeddings",
    files: { "llm.mnn": 1_500_000, "llm.mnn.weight": 1_100_000_000, "visual.mnn": 300_000_000 },
    others: { "tokenizer.txt": 4_000_000 },
  },
  rkllm: {
    repository: "limcheekin/Qwen2.5-0.5B-Instruct-rk3588-1.1.4",
    download: "one file",
    files: { "Qwen2.5-0.5B-Instruct-rk3588-w8a8-opt-0-hybrid-ratio-0.0.rkllm": 700_000_000 },
  },
  dduf: {
    repository: "DDUF/FLUX.1-dev-DDUF",
    download: "one file",
    files: { "FLUX.1-dev.dduf": 33_700_000_000 },
  },
  "torch-export": {
    repository: "zerogpu-aoti/Wan2",
    download: "one `.pt2`",
    files: { "package.pt2": 100_000_000 },
  },
  torchserve: {
    repository: "pytorch/serve",
    download: "one `.mar`",
    files: { "densenet161.mar": 106_000_000 },
  },
  flashpack: {
    repository: "fal/Flux-Vision-Upscaler-SeedVR2-FP16-FlashPack",
    download: "one file",
    files: { "model.flashpack": 6_800_000_000 },
  },
} as const satisfies Record<PackageFormatName, FormatExample>;
