/** Labels: precisions, targets and averages in the names of files. Files that differ in them alone are one model. */
import { splitWords } from "./words.ts";
import type { PackageFormatName } from "./format-names.ts";

/** A name without its labels, in lower case, and the labels. */
export interface LabelledName {
  readonly stem: string;
  readonly label: string;
}

/** Words that name a precision, an average, or the tool that quantized. */
const LABEL_WORDS: ReadonlySet<string> = new Set(
  `fp32 f32 float32 fp16 f16 float16 bf16 bfloat16 fp8 f8 e4m3fn e4m3 e5m2 fp4 nf4 nvfp4 mxfp4 mxfp8 int8 uint8 int4 uint4
  int2 q8 q6 q5 q4 q3 q2 q1 q4f16 q8f16 q2f16 q1f16 uint8f16 bnb4 quantized scaled mixed qint8 quint8 qint4 quint4 o1 o2
  o3 o4 ema emaonly half spinquant qlora rtn awq gptq autoround`.split(/\s+/),
);

/** Words for the machine or the runtime that a file is for. */
const TARGET_WORDS: ReadonlySet<string> = new Set(
  `cpu gpu npu cuda dml directml webgpu web mobile avx2 avx512 vnni arm64 qnn qualcomm mediatek xnnpack vulkan ane
  rocm ryzenai windows android ios`.split(/\s+/),
);

/** 4bit, w4a16, 8da4w, lut6, sm8750, mt6991, rk3588, ekv2048. */
const LABEL_PATTERN =
  /^(?:\d{1,2}bits?|w\d{1,2}a\d{1,2}|\d{1,2}da\d{1,2}w|lut\d{1,2}|(?:sm|mt|rk)\d{4}|ekv\d+)$/;

/** Words before a number that belongs to them: `block-32`, `acc-level-4`, `tensor-g5`, `opt-1`. */
const NUMBERED: ReadonlySet<string> = new Set(["block", "level", "opt", "ratio", "group", "seq"]);
const NUMBER = /^\d+(?:\.\d+)?$/;

/** As llama.cpp, and after it everyone on the Hub, labels GGUF; `UD-` is Unsloth's, `_L` and `_XL` are uploaders'. */
const GGUF_LABEL =
  /(?<![a-z0-9])(?:UD-)?(?:I?Q\d(?:_\d(?:_\d_\d)?|_K(?:_(?:X*[SL]|M))?|_NL|_X*S|_[ML])?|TQ\d_\d|MXFP4(?:_MOE)?|NVFP4|I2_S|BF16|FP?(?:16|32|64))(?![a-z0-9])/gi;

/** Formats whose labels are those of GGUF. */
const GGUF_LABELLED: ReadonlySet<PackageFormatName> = new Set(["gguf", "ggml"]);

/** Split a name without ending into what names the model and what labels the file. */
export function splitLabels(name: string, format: PackageFormatName): LabelledName {
  return GGUF_LABELLED.has(format) ? splitGgufLabels(name) : splitWordLabels(name);
}

/** The last label counts: `model-f16-Q4_K_M` was made from F16. */
function splitGgufLabels(name: string): LabelledName {
  const labels = name.match(GGUF_LABEL) ?? [];
  const rest = name.replace(GGUF_LABEL, " ");
  return { stem: joinWords(splitWords(rest)) || "model", label: normalizeGgufLabel(labels.at(-1) ?? "") };
}

/** Return a GGUF label as llama.cpp writes it: `FP16` is `F16`. */
export function normalizeGgufLabel(label: string): string {
  return label.toUpperCase().replace(/^FP(?=\d)/, "F");
}

/** True for a name that is nothing but a GGUF label, as of a folder `Q4_K_M`. */
export function isGgufLabel(name: string): boolean {
  return (name.match(GGUF_LABEL)?.length ?? 0) === 1 && name.replace(GGUF_LABEL, "") === "";
}

function splitWordLabels(name: string): LabelledName {
  const words = splitWords(name);
  const labels = markLabels(words);
  // A name of labels alone is a name: `quantized.safetensors`.
  const named = words.filter((_, index) => !labels[index]);
  if (named.length === 0) return { stem: joinWords(words), label: "" };
  return { stem: joinWords(named), label: joinWords(words.filter((_, index) => labels[index])) };
}

function markLabels(words: readonly string[]): boolean[] {
  const marks = words.map((word) => isLabelWord(word));
  words.forEach((word, index) => {
    const previous = words[index - 1] ?? "";
    if (NUMBER.test(word) && NUMBERED.has(previous)) marks[index] = marks[index - 1] = true;
    if (word === "non" && words[index + 1] === "ema") marks[index] = true;
    if (word === "no" && words[index + 1] === "ema") marks[index] = true;
    if (word === "acc" && words[index + 1] === "level") marks[index] = true;
    if (word === "google" && words[index + 1] === "tensor") marks[index] = marks[index + 1] = true;
    if (/^g\d$/.test(word) && previous === "tensor") marks[index] = true;
    // Quantization types of two words: Q8_0 in the name of a file of another format.
    if (/^[01]$/.test(word) && /^q\d$/.test(previous)) marks[index] = true;
  });
  return marks;
}

function isLabelWord(word: string): boolean {
  return LABEL_WORDS.has(word) || TARGET_WORDS.has(word) || LABEL_PATTERN.test(word);
}

/** True where every word of a name is a label, a target or a number of one, as `cpu-int4-rtn-block-32-acc-level-4`. */
export function isLabelName(name: string): boolean {
  const words = splitWords(name).filter((word) => word !== "and");
  const marks = markLabels(words);
  return (
    words.length > 0 &&
    words.every((word, index) => marks[index] || NUMBER.test(word)) &&
    marks.includes(true)
  );
}

function joinWords(words: readonly string[]): string {
  return words.join("-");
}

/** Bits that a label speaks of, from many to few; a plain name comes first. */
const PRECISION_ORDER: readonly (readonly [pattern: RegExp, bits: number])[] = [
  [/(?:^|-)(?:f|fp|float)32(?:-|$)/i, 32],
  [/(?:^|-)(?:bf|bfloat)16(?:-|$)/i, 16],
  [/(?:^|-)(?:f|fp|float)16(?:-|$)|(?:^|-)half(?:-|$)/i, 16],
  [/8/, 8],
  [/6/, 6],
  [/5/, 5],
  [/4/, 4],
  [/3/, 3],
  [/2/, 2],
  [/1/, 1],
];

/** Rank a label by its precision: 0 for the plain name, then fp32, bf16, fp16, 8 bits and fewer. */
export function rankLabel(label: string): number {
  if (label === "") return 0;
  const rank = PRECISION_ORDER.findIndex(([pattern]) => pattern.test(label));
  return (rank === -1 ? PRECISION_ORDER.length : rank) + 1;
}

/** Return the bits per weight that a label names, or a folder that is called by one; null where it names none. */
export function readLabelBits(name: string): number | null {
  if (GGUF_BITS.test(name)) return Number(GGUF_BITS.exec(name)?.[1]);
  if (!isLabelName(name)) return null;
  return PRECISION_ORDER.find(([pattern]) => pattern.test(splitWords(name).join("-")))?.[1] ?? null;
}

/** `UD-Q4_K_XL`, `IQ1_S`, `F16`, `BF16`. */
const GGUF_BITS = /^(?:UD-)?(?:I?Q|TQ|MXFP|NVFP|B?F)(\d+)/;

/** Of the GGUF files of a model, the one most people take. */
const USUAL_GGUF = ["Q4_K_M", "Q4_0", "MXFP4", "MXFP4_MOE", "Q4_K_S", "Q5_K_M", "Q8_0", "F16", "BF16"];

/** Rank a label of GGUF by how usual it is. */
export function rankGgufLabel(label: string): number {
  const rank = USUAL_GGUF.indexOf(label);
  return rank === -1 ? USUAL_GGUF.length : rank;
}
