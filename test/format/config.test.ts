import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  buildConfig,
  buildPipelineConfig,
  parseConfig,
  parsePythonJson,
  readCount,
  readNumber,
  readString,
} from "../../src/format/config.ts";
import { realModel } from "../hub/real-models.ts";

describe("real configs", () => {
  test.each([
    ["google/gemma-2b-it", "gemma", "GemmaForCausalLM", "hidden_size", 2048],
    ["google/gemma-3-4b-it", "gemma3", "Gemma3ForConditionalGeneration", "hidden_size", 2560],
    ["Qwen/Qwen3-VL-2B-Instruct", "qwen3_vl", "Qwen3VLForConditionalGeneration", "num_hidden_layers", 28],
    ["openai/gpt-oss-20b", "gpt_oss", "GptOssForCausalLM", "num_local_experts", 32],
    ["openai/whisper-base", "whisper", "WhisperForConditionalGeneration", "d_model", 512],
  ])("%s", (id, modelType, architecture, key, value) => {
    const config = parseConfig(JSON.stringify(realModel(id).config));
    expect(config).toMatchObject({ modelType, architecture });
    expect(config.text[key]).toBe(value);
  });
});

describe("the language model's part", () => {
  const text = { hidden_size: 8 };
  test.each([
    ["a plain model", text],
    ["Gemma 3", { text_config: text }],
    ["DeepSeek-VL2", { language_config: text }],
    ["InternVL", { llm_config: text }],
    ["Qwen2.5-Omni", { thinker_config: { text_config: text }, talker_config: { hidden_size: 9 } }],
    ["one that is null", { ...text, text_config: null }],
    ["one that is a list", { ...text, text_config: [{ hidden_size: 9 }] }],
    ["one that is text", { ...text, text_config: "llama" }],
  ])("%s", (_what, root) => {
    expect(buildConfig(root).text).toEqual(expect.objectContaining(text));
  });

  test("a million characters of nesting, without running out of stack", () => {
    const levels = 60_000;
    expect(() => parseConfig(`${'{"text_config":'.repeat(levels)}{}${"}".repeat(levels)}`)).not.toThrow();
  });
});

test.each([
  [{ architectures: ["A", "B"], architecture: "c" }, "A"],
  [{ architecture: "resnet50" }, "resnet50"], // timm
  [{ _class_name: "UNet2DConditionModel" }, "UNet2DConditionModel"], // diffusers
  [{ architectures: [] }, null],
  [{ architectures: [5] }, null],
  [{ architectures: "A" }, null],
  [{ architectures: { 0: "A" } }, null],
  [{}, null],
])("the architecture of %j is %j", (root, architecture) => {
  expect(buildConfig(root).architecture).toBe(architecture);
});

test.each([
  [{ _class_name: "FluxPipeline" }, "FluxPipeline"],
  [{}, null],
])("a pipeline %j", (index, architecture) => {
  expect(buildPipelineConfig(index)).toMatchObject({
    architecture,
    modelType: null,
    root: index,
    text: index,
  });
});
test.each([null, [], "x", 5])("%j describes no pipeline", (index) => {
  expect(buildPipelineConfig(index)).toBeNull();
});

describe("JSON as Python writes it", () => {
  test.each([
    ['{"a":NaN}', { a: Infinity }],
    ['{"a":Infinity,"b":-Infinity}', { a: Infinity, b: Infinity }],
    ['[NaN, [Infinity], {"a": -Infinity}]', [Infinity, [Infinity], { a: Infinity }]],
    ["NaN", Infinity],
    ['\uFEFF{"a":1}', { a: 1 }],
    ['\uFEFF{"a":NaN}', { a: Infinity }],
    ['{"a":"NaN","b":NaN}', { a: "NaN", b: Infinity }],
    ['{"a":"x: -Infinity, NaN","b":Infinity}', { a: "x: -Infinity, NaN", b: Infinity }],
    ['{"NaN":NaN}', { NaN: Infinity }],
    ['{"a":"\\"NaN\\"","b":NaN}', { a: '"NaN"', b: Infinity }],
    ['{"a":"ends in \\\\","b":NaN,"c":"NaN"}', { a: "ends in \\", b: Infinity, c: "NaN" }],
    ['{"a":"\\u004eaN","b":NaN}', { a: "NaN", b: Infinity }],
    ['{"a":"{{ NaN }}"}', { a: "{{ NaN }}" }],
    ['{"__proto__":{"model_type":"x"}}', JSON.parse('{"__proto__":{"model_type":"x"}}')],
  ])("%s", (text, value) => {
    expect(parsePythonJson(text)).toEqual(value);
  });

  test.each([
    "",
    " ",
    "{",
    "{'a': 1}",
    '{"a":NaN',
    '{"a":nan}',
    '{"a":+Infinity}',
    '{"a":-NaNs}',
    '{"a":NaN1}',
    '{"a":1NaN}',
    '{"a":"\nNaN"}',
    "<!DOCTYPE html>",
    "version https://git-lfs.github.com/spec/v1",
  ])("%j is none", (text) => {
    expect(() => parsePythonJson(text)).toThrow(SyntaxError);
  });

  test("gives what JSON.parse gives, and no count for what it refuses", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(parsePythonJson(text)).toEqual(JSON.parse(text));
        expect(parsePythonJson(`[${text},NaN,${text}]`)).toEqual([
          JSON.parse(text),
          Infinity,
          JSON.parse(text),
        ]);
      }),
    );
  });

  // Neither the time nor the stack may grow out of hand: config.json may have ten million bytes.
  const N = 300_000;
  test.each([
    ["a long string", `{"a":"${"x".repeat(30 * N)}","b":NaN}`, true],
    ["a long string of escapes", `{"a":"${"\\n".repeat(N)}","b":NaN}`, true],
    ["many words", `{"a":[${"NaN,".repeat(N / 4)}NaN]}`, true],
    ["a string without end", `{"b":NaN,"a":"${"x".repeat(30 * N)}`, false],
    ["backslashes without end", `{"b":NaN,"a":"${"\\".repeat(2 * N)}`, false],
    ["quotes", `{"b":NaN,${'"'.repeat(N)}`, false],
    ["quotes that never close", `{"b":NaN,${'"\\\n'.repeat(N / 3)}`, false],
    ["dashes", `{"b":NaN,${"-".repeat(N)}`, false],
    ["words without a boundary", `[${"NaN".repeat(N / 3)}]`, false],
    ["nothing but beginnings", `{"b":NaN,${"Na".repeat(N / 2)}`, false],
  ])("%s", { timeout: 2_000 }, (_what, text, valid) => {
    if (valid) expect(() => parseConfig(text)).not.toThrow();
    else expect(() => parseConfig(text)).toThrow(SyntaxError);
  });
});

test.each(["null", "[]", '["a"]', '"x"', "12", "true", "NaN"])("%s is no config", (text) => {
  expect(() => parseConfig(text)).toThrow(SyntaxError);
});

test("whatever the text: a config, or a SyntaxError", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        expect(parseConfig(text)).toHaveProperty("text");
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }),
  );
});

test.each([
  // value                      count   number   string
  [5, 5, 5, null],
  [2.5, null, 2.5, null],
  [0, null, 0, null],
  [-3, null, -3, null],
  [2 ** 32, 2 ** 32, 2 ** 32, null],
  [2 ** 32 + 1, null, 2 ** 32 + 1, null],
  [1e308, null, 1e308, null],
  [Number.POSITIVE_INFINITY, null, null, null], // JSON.parse("1e400")
  ["5", null, null, "5"],
  ["", null, null, null],
  [true, null, null, null],
  [null, null, null, null],
  [[5], null, null, null],
  [{}, null, null, null],
])("%j reads as the count %j, the number %j, the text %j", (value, count, number, string) => {
  const object = { key: value };
  expect([readCount(object, "key"), readNumber(object, "key"), readString(object, "key")]).toEqual([
    count,
    number,
    string,
  ]);
});

test("the first key that holds one wins", () => {
  expect(readCount({ a: null, b: 0, c: 7, d: 8 }, "a", "b", "c", "d")).toBe(7);
  expect(readCount({}, "a")).toBeNull();
});
