/** Detect the format of a file by its first bytes, whatever its name. */
import type { PackageFormatName } from "./package-format.ts";

export const SNIFF_BYTES = 512;

type Test = (bytes: Uint8Array) => boolean;

const ascii =
  (text: string, at = 0): Test =>
  (bytes) =>
    [...text].every((letter, index) => bytes[at + index] === letter.charCodeAt(0));
const hex =
  (text: string): Test =>
  (bytes) =>
    (text.match(/../g) ?? []).every((byte, index) => bytes[index] === Number.parseInt(byte, 16));

/** CTranslate2: a version of at most 6, then the length of the name of a specification, which ends with a zero. */
const isCtranslate2: Test = (bytes) => {
  const [version = 0, , , , length = 0, high = 1] = bytes;
  if (version < 1 || version > 6 || high !== 0 || length < 5 || length > 60 || bytes[6 + length - 1] !== 0)
    return false;
  return bytes.subarray(6, 5 + length).every((byte) => byte > 0x20 && byte < 0x7f);
};

/** By magic numbers; a zip may be PyTorch's, NumPy's or a bundle of MediaPipe, which its first member decides. */
const MAGIC: readonly (readonly [format: PackageFormatName, test: Test])[] = [
  ["gguf", ascii("GGUF")],
  ["ggml", (bytes) => ["lmgg", "tjgg", "fmgg", "algg"].some((magic) => ascii(magic)(bytes))],
  ["executorch", (bytes) => ascii("ET12", 4)(bytes) || ascii("FT01", 4)(bytes)],
  ["litert", (bytes) => ascii("TFL3", 4)(bytes) || ascii("LITERTLM")(bytes)],
  ["tensorflow", hex("894844460d0a1a0a")],
  ["rkllm", ascii("RKLLM")],
  ["npz", hex("934e554d5059")],
  ["nemo", ascii("ustar", 257)],
  ["ctranslate2", isCtranslate2],
  ["safetensors", (bytes) => bytes[8] === 0x7b && bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0],
  ["pytorch", (bytes) => bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 0) <= 5],
];

const ZIP = ascii("PK\u0003\u0004");

/** Return the format of a file by its first SNIFF_BYTES; null where they are of none. */
export function sniffFormat(bytes: Uint8Array): PackageFormatName | null {
  if (ZIP(bytes)) return sniffZip(bytes);
  return MAGIC.find(([, test]) => test(bytes))?.[0] ?? null;
}

function sniffZip(bytes: Uint8Array): PackageFormatName {
  const length = (bytes[26] ?? 0) + 256 * (bytes[27] ?? 0);
  const name = new TextDecoder().decode(bytes.subarray(30, 30 + length));
  if (/^TF_LITE_|^TOKENIZER_MODEL|^METADATA$/.test(name)) return "mediapipe";
  return name.endsWith(".npy") && !name.includes("/") ? "npz" : "pytorch";
}
