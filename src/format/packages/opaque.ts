/** Formats of one file whose weights are not read: the size is exact, the parameters are unknown. */
import type { Listing } from "./listing.ts";
import type { PackageFormatName } from "./package-format.ts";
import { collectSets, groupSets } from "./sets.ts";
import { nameOf, type Unit } from "./unit.ts";

/** `-int4-cpu.bin` is MediaPipe's, and `ggml-base.bin` ggml's, before `.bin` is PyTorch's. */
const NAMED_BINS: readonly (readonly [format: PackageFormatName, name: RegExp])[] = [
  ["ggml", /^(?:for-tests-)?ggml[-_]/],
  ["mediapipe", /(?:-(?:cpu|gpu)-int[48]|-int[48]-(?:cpu|gpu))\.bin$|_multi-prefill/],
];

const ENDINGS: readonly (readonly [format: PackageFormatName, ...endings: readonly string[]])[] = [
  ["mediapipe", "task"],
  ["litert", "tflite", "litertlm"],
  ["tensorflow", "h5", "keras"],
  ["flax", "msgpack"],
  ["rust", "ot"],
  ["nemo", "nemo"],
  ["npz", "npz"],
  ["mnn", "mnn"],
  ["rkllm", "rkllm"],
  ["dduf", "dduf"],
  ["torch-export", "pt2"],
  ["torchserve", "mar"],
  ["flashpack", "flashpack"],
];

export function collectOpaqueFiles(listing: Listing): Unit[] {
  const bins = NAMED_BINS.flatMap(([format, name]) =>
    groupSets(listing.claim(listing.free("bin").filter(({ path }) => name.test(nameOf(path)))), format),
  );
  return [...bins, ...ENDINGS.flatMap(([format, ...endings]) => collectSets(listing, format, endings))];
}
