import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SNIFF_BYTES, sniffFormat } from "../../../src/format/packages/sniff.ts";
import { zipArchive } from "../../cases/zip-archive.ts";
import { sourceOf } from "../../cases/bytes.ts";

const fixture = (path: string) =>
  readFileSync(new URL(`../../../fixtures/${path}`, import.meta.url)).subarray(0, SNIFF_BYTES);
const text = (value: string) => Buffer.from(value, "latin1");
const zip = (member: string) => sourceOf(zipArchive([[member, text("x")]])).slice(0, SNIFF_BYTES);

test.each<[string, Uint8Array, string | null]>([
  ["safetensors", fixture("checkpoints/llama/model.safetensors"), "safetensors"],
  ["torch's archive", fixture("checkpoints/llama-bin/pytorch_model.bin"), "pytorch"],
  ["torch before 1.6", fixture("checkpoints/llama-legacybin/pytorch_model.bin"), "pytorch"],
  ["GGUF", text("GGUF\x03\0\0\0"), "gguf"],
  ["whisper.cpp", text("lmgg\0\0"), "ggml"],
  ["ExecuTorch", text("\x1c\0\0\0ET12"), "executorch"],
  ["LiteRT", text("\x1c\0\0\0TFL3"), "litert"],
  ["LiteRT-LM", text("LITERTLM\x01"), "litert"],
  ["HDF5", text("\x89HDF\r\n\x1a\n"), "tensorflow"],
  ["CTranslate2", text("\x06\0\0\0\x0c\0WhisperSpec\0\x03\0\0\0"), "ctranslate2"],
  ["a tar", Buffer.concat([Buffer.alloc(257), text("ustar")]), "nemo"],
  ["arrays of NumPy", zip("a.npy"), "npz"],
  ["a bundle of MediaPipe", zip("TF_LITE_PREFILL_DECODE"), "mediapipe"],
  ["zeros", new Uint8Array(512), null],
  ["a text", text("hello"), null],
  ["nothing", new Uint8Array(), null],
])("%s", (_, bytes, format) => {
  expect(sniffFormat(bytes)).toBe(format);
});
