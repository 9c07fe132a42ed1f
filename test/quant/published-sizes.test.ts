import { describe, expect, test } from "vitest";
import { awqSchemes } from "../../src/quant/awq.ts";
import { bitsandbytesSchemes } from "../../src/quant/bitsandbytes.ts";
import { compressedTensorsSchemes } from "../../src/quant/compressed-tensors.ts";
import { gptqSchemes } from "../../src/quant/gptq.ts";
import { litertSchemes } from "../../src/quant/litert.ts";
import { mediapipeSchemes } from "../../src/quant/mediapipe.ts";
import { mlcSchemes } from "../../src/quant/mlc.ts";
import { mlxSchemes } from "../../src/quant/mlx.ts";
import { onnxSchemes } from "../../src/quant/onnx.ts";
import type { SchemeOptions } from "../../src/quant/scheme.ts";
import { PUBLISHED_SIZES, subjectOf, type PublishedSize } from "./subjects.ts";

const SCHEMES = new Map(
  [
    ...awqSchemes,
    ...bitsandbytesSchemes,
    ...compressedTensorsSchemes,
    ...gptqSchemes,
    ...litertSchemes,
    ...mediapipeSchemes,
    ...mlcSchemes,
    ...mlxSchemes,
    ...onnxSchemes,
  ].map((scheme) => [`${scheme.family}:${scheme.name}`, scheme]),
);

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

/** llama.cpp has tests of its own; AQLM and torchao are no families here. */
const rows = PUBLISHED_SIZES.filter(({ scheme }) => !/^(?:GGUF|AQLM|torchao)/.test(scheme));

function predictBytes({ base, published, scheme }: PublishedSize): number {
  const [name, options] = WRITTEN_WITH[scheme] ?? [scheme];
  const signatures = published.endsWith("-int4.litertlm") ? { signatures: 8 } : {};
  const prediction = SCHEMES.get(name)?.predict(subjectOf(base), { ...options, ...signatures });
  if (!prediction || prediction.bytes === null) throw new Error(`nothing predicted for ${published}`);
  // A Whisper is two graphs, each with its own line: `PhoWhisper-tiny encoder_model`.
  const graph = published.split(" ").at(-1) ?? "";
  return prediction.files?.find(({ path }) => path.startsWith(`onnx/${graph}`))?.bytes ?? prediction.bytes;
}

/**
 * The DistilBERT files were made from an untrained model, whose biases are all zeros and norms all ones: the exporter
 * stored 57,600 of those numbers once instead of often. A trained model has them all.
 */
function expectedBytes({ base, scheme, bytes }: PublishedSize): number {
  return base.startsWith("distilbert/") ? bytes + 57_600 * (scheme === "ONNX fp16" ? 2 : 4) : bytes;
}

const errors = rows.map((row) => ({ row, error: Math.abs(predictBytes(row) / expectedBytes(row) - 1) }));

describe("published sizes", () => {
  test.each(errors)("$row.published, $row.scheme: $row.bytes bytes", ({ row, error }) => {
    expect(error).toBeLessThan(row.rounded ? 0.001 : 0.002);
  });

  test("half of the exact ones are met within 0.01 %", () => {
    const exact = errors.filter(({ row }) => !row.rounded).map(({ error }) => error);
    expect(exact).toHaveLength(27);
    expect(exact.toSorted((a, b) => a - b)[13]).toBeLessThan(0.0001);
  });

  test("DistilBERT (SST-2) for Transformers.js at q8 is 67 MB", () => {
    const subject = subjectOf("distilbert/distilbert-base-uncased-finetuned-sst-2-english");
    const bytes = SCHEMES.get("onnx:q8")?.predict(subject).bytes ?? 0;
    expect(Math.round(bytes / 1e6)).toBe(67);
  });

  test("Gemma 2B for MediaPipe at int4 is 1.3 GB", () => {
    const bytes = SCHEMES.get("mediapipe:int4")?.predict(subjectOf("google/gemma-2b-it")).bytes ?? 0;
    expect((bytes / 1e9).toFixed(1)).toBe("1.3");
    expect(Math.abs(bytes / 1_346_502_656 - 1)).toBeLessThan(0.001);
  });

  test.each([
    "google/gemma-3-4b-it",
    "google-t5/t5-base",
    "microsoft/phi-2",
    "openai-community/gpt2",
    "openai/clip-vit-large-patch14",
    "openai/gpt-oss-20b",
    "Qwen/Qwen3-0.6B",
    "sentence-transformers/all-MiniLM-L6-v2",
  ])("every scheme gives %s a whole number with a band, or a reason", (id) => {
    const subject = subjectOf(id);
    for (const scheme of SCHEMES.values()) {
      const prediction = scheme.predict(subject);
      if (prediction.bytes === null) expect(prediction.reason).not.toBe("");
      else {
        expect(Number.isSafeInteger(prediction.bytes)).toBe(true);
        expect(prediction.band).toBeGreaterThan(0);
        expect(prediction.band).toBeLessThan(0.1);
      }
    }
  });
});
