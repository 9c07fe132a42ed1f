import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classifySize } from "../../src/model/size-class.ts";
import { readRealModels } from "../hub/real-models.ts";

describe("what the name advertises", () => {
  test.each([
    // name                                        parameters        label
    ["google/gemma-2b", 2_506_172_416, "2B"],
    ["google/gemma-7b", 8_537_680_896, "7B"],
    ["mistralai/Mistral-7B-v0.1", 7_241_732_096, "7B"],
    ["Qwen/Qwen2.5-0.5B-Instruct", 494_032_768, "0.5B"],
    ["mistralai/Mixtral-8x7B-v0.1", 46_702_792_704, "8x7B"],
    ["mistralai/Mixtral-8x22B-v0.1", 140_620_634_112, "8x22B"],
    ["Qwen/Qwen3-30B-A3B", 30_532_122_624, "30B"],
    ["bigscience/bloom-560m", 559_214_592, "560M"],
    ["openai/gpt-oss-20b", 20_914_757_184, "20B"],
    ["EleutherAI/pythia-1.4b", 1_414_647_808, "1.4B"],
    ["facebook/opt-125m", 125_239_296, "125M"],
    ["microsoft/bitnet-b1.58-2B-4T", 2_412_820_480, "2B"],
    ["deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B", 1_777_088_000, "1.5B"],
    ["01-ai/Yi-34B-200K", 34_388_917_248, "34B"],
    ["TheBloke/Llama-2-7B-GPTQ-4bit-128g", 6_738_415_616, "7B"],
    ["CohereLabs/c4ai-command-r7b-12-2024", 8_027_979_776, "7B"],
    ["stabilityai/stablelm-2-1_6b", 1_644_515_328, "1.6B"],
    ["labs/chat-0_5b-it", 494_000_000, "0.5B"],
    ["bigscience/T0_3B", 2_849_757_184, "3B"],
    ["acme/v2_7b", 7_000_000_000, "7B"],
    ["acme/llama13b", 13_015_864_320, "13B"],
    ["gemma-2b", 2_506_172_416, "2B"],
    ["gemma_2B_it", 2_506_172_416, "2B"],
    ["acme/toy-1300m", 1_300_000_000, "1.3B"],
    ["acme/giant-1000b", 1_000_000_000_000, "1T"],
    ["acme/giant-1t", 1_040_000_000_000, "1T"],
    ["./gemma-2b", 2_506_172_416, "2B"],
    ["./gemma-2b/", 2_506_172_416, "2B"],
    ["C:\\models\\gemma-2b\\", 2_506_172_416, "2B"],
  ])("%s of %i is %s", (name, parameters, label) => {
    expect(classifySize(name, parameters)).toEqual({ label, basis: "name" });
  });
});

describe("what is no size, or none that fits", () => {
  test.each([
    ["distilbert/distilbert-base-uncased", 66_985_530, "66M"],
    ["google-bert/bert-base-uncased", 110_106_428, "110M"],
    ["sentence-transformers/all-MiniLM-L6-v2", 22_713_216, "22M"],
    ["openai/whisper-tiny", 37_760_640, "39M"],
    ["openai/whisper-base", 72_593_920, "74M"],
    ["microsoft/phi-2", 2_779_683_840, "3B"],
    ["microsoft/Phi-3-mini-128k-instruct", 3_821_079_552, "4B"],
    ["mistralai/Mistral-Nemo-Instruct-2407", 12_247_782_400, "12B"],
    ["deepseek-ai/DeepSeek-V2-Lite", 15_706_484_224, "16B"],
    ["Qwen/Qwen1.5-MoE-A2.7B", 14_315_784_192, "14B"],
    ["bigscience/bloom", 176_247_271_424, "176B"],
    ["acme/x-4bit", 3_900_000_000, "4B"],
    ["acme/x-INT4", 3_900_000_000, "4B"],
    ["acme/x-w4a16", 3_900_000_000, "4B"],
    ["acme/x-4b-is-the-quantization", 7_000_000_000, "7B"],
    ["acme/x-A3B", 3_000_000_000, "3B"],
    ["google/gemma-3n-E2B-it", 5_439_438_272, "7B"],
    ["acme/Llama-3.1", 8_030_261_248, "8B"],
    ["7B-club/tiny", 7_000_000, "5M"], // of the organization
    ["acme/model-70b", 7_000_000_000, "7B"],
    ["acme/model-7b", 3_000_000, "3M"],
    ["acme/model-0b", 1_000_000_000, "1B"],
    ["acme/model-9999t", 1_000_000_000, "1B"],
    ["acme/mixture-8x7b", 7_000_000_000, "7B"],
    ["", 1_000_000_000, "1B"],
    ["/", 1_000_000_000, "1B"],
    ["zai-org/GLM-4.5", 356_785_884_416, "355B"],
    ["acme/x-a3b", 3_000_000_000, "3B"],
    ["acme/test", 1_152, "1.15K"],
    ["acme/test", 402_000, "402K"],
    ["acme/ant", 12, "0.012K"],
    ["acme/colossus", 2 ** 50, "1.6T"],
  ])("%s of %i is %s by count", (name, parameters, label) => {
    expect(classifySize(name, parameters)).toEqual({ label, basis: "count" });
  });
});

test.each([
  // The bounds of what is plausible, from below and from above.
  ["x-10b", 6_999_999_999, "count"],
  ["x-10b", 7_000_000_000, "name"],
  ["x-10b", 14_000_000_000, "name"],
  ["x-10b", 14_000_000_001, "count"],
  ["x-8x1b", 4_799_999_999, "count"],
  ["x-8x1b", 4_800_000_000, "name"],
  ["x-8x1b", 8_800_000_000, "name"],
  ["x-8x1b", 8_800_000_001, "count"],
] as const)("%s of %i goes by its %s", (name, parameters, basis) => {
  expect(classifySize(name, parameters).basis).toBe(basis);
});

test("the first size that fits is taken", () => {
  expect(classifySize("acme/13b-draft-for-70b", 70e9).label).toBe("70B");
  expect(classifySize("acme/merge-7b-8b", 7.5e9).label).toBe("7B");
});

test("no well-known model is far from its class", () => {
  const units: Record<string, number> = { M: 1e6, B: 1e9 };
  for (const { id, parameters } of readRealModels()) {
    const { label } = classifySize(id, parameters);
    const [, experts = "1", number = "", unit = ""] = /^(?:(\d+)x)?([\d.]+)([MB])$/.exec(label) ?? [];
    const nominal = Number(experts) * Number(number) * (units[unit] ?? Number.NaN);
    expect(Math.abs(Math.log(parameters / nominal)), `${id} is ${label}`).toBeLessThan(0.35);
  }
});

test("every name and count has a class", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1 }), (name, parameters) => {
      expect(classifySize(name, parameters).label).toMatch(/^(?:\d+x)?\d+(?:\.\d+)?[KMBT]$/);
    }),
  );
});
