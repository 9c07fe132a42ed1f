import { expect, test } from "vitest";
import { parseGgufFileName } from "../../../src/format/gguf/file-name.ts";

test.each([
  ["Llama-3.2-1B-Instruct-Q4_K_M.gguf", "Q4_K_M"],
  ["llama-2-7b.Q3_K_L.gguf", "Q3_K_L"],
  ["ggml-model-f16.gguf", "F16"],
  ["gemma-3-1b-it-qat-q4_0.gguf", "Q4_0"],
  ["gpt-oss-20b-mxfp4.gguf", "MXFP4"],
  ["Qwen3-30B-A3B-MXFP4_MOE.gguf", "MXFP4_MOE"],
  ["Qwen3-8B-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"],
  ["DeepSeek-R1-UD-IQ1_S-00001-of-00003.gguf", "UD-IQ1_S"],
  ["Qwen2.5-7B-Instruct-Q6_K_L.gguf", "Q6_K_L"],
  ["Phi-3-mini-4k-instruct-q4.gguf", "Q4"],
  ["Phi-3-mini-4k-instruct-fp16.gguf", "F16"],
  ["Meta-Llama-3.1-8B-Instruct-Q4_0_4_8.gguf", "Q4_0_4_8"],
  ["Model-IQ4_NL.gguf", "IQ4_NL"],
  ["Model-IQ3_XXS.gguf", "IQ3_XXS"],
  ["Model-IQ2_M.gguf", "IQ2_M"],
  ["TriLM_3.9B-TQ2_0.gguf", "TQ2_0"],
  ["ggml-model-i2_s.gguf", "I2_S"],
  ["Model-f16-Q8_0.gguf", "Q8_0"],
  ["Model.i1-Q2_K_S.gguf", "Q2_K_S"],
  ["BF16/gemma-3-27b-it-00001-of-00002.gguf", "BF16"],
  ["Q8_0/Model-Q4_K_S.gguf", "Q4_K_S"],
  ["Qwen3-8B.gguf", null],
  ["UQ4_0X.gguf", null],
])("the label of %s is %s", (path, label) => {
  expect(parseGgufFileName(path).label).toBe(label);
});

test.each([
  ["DeepSeek-R1-Q8_0-00003-of-00015.gguf", { number: 3, count: 15 }],
  ["DeepSeek-R1-Q8_0.gguf", null],
  ["Model-00001-of-00002-Q8_0.gguf", null],
])("the shard of %s is %o", (path, shard) => {
  expect(parseGgufFileName(path).shard).toEqual(shard);
});

test.each([
  ["mmproj-gemma-3-4b-it-f16.gguf", "projector"],
  ["llava-v1.5-7b-mmproj-model-f16.gguf", "projector"],
  ["mmproj-model-f16.gguf", "projector"],
  ["mtp-Qwen3.6-27B-Q8_0.gguf", "draft"],
  ["Qwen3.6-27B-MTP-Q4_K_M.gguf", null],
  ["Qwen3-8B-imatrix.gguf", "imatrix"],
  ["imatrix_unsloth.gguf", "imatrix"],
  ["Qwen3-8B-Q8_0.gguf", null],
])("%s is a sidecar: %s", (path, sidecar) => {
  expect(parseGgufFileName(path).sidecar).toBe(sidecar);
});
