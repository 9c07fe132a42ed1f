import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LlmSizeError } from "../../src/errors.ts";
import { listQuantizations, parseQuantization } from "../../src/quant/registry.ts";
import { STUDENTS } from "../../src/reduce/distillation.ts";
import { TARGET_SETS } from "../../src/reduce/lora.ts";
import { PRUNED_UNITS } from "../../src/reduce/pruning.ts";
import { formatSteps, parseRank, parseSteps, STEP_EXAMPLES, type Step } from "../../src/reduce/steps.ts";
import { SPARSE_STORAGES } from "../../src/reduce/sparsity.ts";

const parse = (text: string) => parseSteps(text, parseQuantization);

test.each([
  ["prune:2:4,quant:int4", "prune:2:4,quant:int4"],
  ["prune:50", "prune:50:bitmask"],
  ["prune:50%:csr", "prune:50:csr"],
  ["prune:heads:25", "prune:heads:25"],
  ["lora:16", "lora:16:all-linear"],
  ["lora:16:dora:attention:save", "lora:16:attention:dora:save"],
  ["quant:q4_k_m", "quant:gguf:Q4_K_M"],
  ["quant:gguf:Q4_K_M", "quant:gguf:Q4_K_M"],
  [" Share:Tied , quant:INT4 ", "share:tied,quant:int4"],
  ["share:layers:6", "share:layers:6"],
  [
    "distill:half-layers,prune:2:4,quant:int8,lora:8",
    "distill:half-layers,prune:2:4,quant:int8,lora:8:all-linear",
  ],
])("%s is %s", (text, formatted) => expect(formatSteps(parse(text))).toBe(formatted));

describe("refused, with what is wrong", () => {
  test.each([
    ["", /unknown step ""/],
    ["shrink:2", /unknown step "shrink:2"/],
    ["prune", /invalid share to prune ""/],
    ["prune:0", /invalid share to prune "0"/],
    ["prune:100", /invalid share to prune "100"/],
    ["prune:-5", /invalid share to prune "-5"/],
    ["prune:50:zip", /is unknown to prune/],
    ["prune:2:4:csr", /has too many parts/],
    ["prune:heads", /invalid share to prune ""/],
    ["lora", /invalid rank ""/],
    ["lora:0", /invalid rank "0"/],
    ["lora:65537", /invalid rank "65537"/],
    ["lora:8:everything", /is unknown to lora/],
    ["lora:8:dora:dora", /has too many parts/],
    ["lora:8:attention:default", /has too many parts/],
    ["share:layers:0", /invalid number of groups/],
    ["share", /is unknown to share/],
    ["share:tied:twice", /is unknown to share/],
    ["distill:tiny", /is unknown to distill/],
    ["quant:int3", /unknown quantization/],
    ["lora:8,prune:50", /pruning an adapter makes no sense/],
    ["lora:8,distill:smaller", /distilling an adapter makes no sense/],
    ["lora:8,quant:int4", /quantizing an adapter makes no sense/],
    ["lora:8,lora:16", /adds one adapter/],
    ["quant:int4,quant:int8", /quantizes once/],
    ["quant:int4,prune:2:4", /pruning quantized weights makes no sense/],
    ["quant:int4,share:tied", /sharing in quantized weights makes no sense/],
    ["prune:50,prune:2:4", /pruning single weights appears twice/],
    ["prune:heads:10,prune:heads:20", /pruning heads appears twice/],
    ["share:layers:2,share:layers:1", /sharing layers appears twice/],
    ["share:layers:1,share:unshared", /sharing layers and unshared undo each other/],
    ["share:untied,share:tied", /tied and untied undo each other/],
  ])("%s", (text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: "USAGE", exitCode: 2 }));
    expect(() => parse(text)).toThrow(message);
  });
});

const percent = fc.integer({ min: 1, max: 99 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .oneof(
      fc.constant({ pattern: "2:4" as const }),
      fc.record({
        pattern: fc.constant("unstructured" as const),
        percent,
        storage: fc.constantFrom(...SPARSE_STORAGES),
      }),
      fc.record({
        pattern: fc.constant("structured" as const),
        unit: fc.constantFrom(...PRUNED_UNITS),
        percent,
      }),
    )
    .map((pruning) => ({ technique: "pruning" as const, pruning })),
  fc.constantFrom(...listQuantizations()).map((name) => ({
    technique: "quantization" as const,
    quantization: parseQuantization(name),
  })),
  fc
    .record({
      rank: fc.integer({ min: 1, max: 65_536 }),
      targets: fc.constantFrom(...TARGET_SETS),
      dora: fc.boolean(),
      save: fc.boolean(),
    })
    .map((lora) => ({ technique: "lora" as const, lora })),
  fc.constantFrom(...STUDENTS).map((student) => ({ technique: "distillation" as const, student })),
  fc
    .oneof(
      fc.constantFrom("tied" as const, "untied" as const, "unshared" as const).map((unit) => ({ unit })),
      fc.record({ unit: fc.constant("layers" as const), groups: fc.integer({ min: 1, max: 999 }) }),
    )
    .map((sharing) => ({ technique: "sharing" as const, sharing })),
);

test("a step that is written is read the same", () => {
  fc.assert(
    fc.property(step, (one) => {
      expect(parse(formatSteps([one]))).toEqual([one]);
    }),
  );
});

test("recipes are read the same, or refused with LlmSizeError", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (steps) => {
      try {
        expect(parse(formatSteps(steps))).toEqual(steps);
      } catch (error) {
        if (!(error instanceof LlmSizeError)) throw error;
        expect(error.code).toBe("USAGE");
      }
    }),
  );
});

test("whatever is typed, nothing but LlmSizeError is thrown", () => {
  const word = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      "prune",
      "quant",
      "lora",
      "distill",
      "share",
      "2",
      "4",
      "50",
      "heads",
      "layers",
      "int4",
      ":",
      ",",
      "__proto__",
    ),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), fc.constantFrom(":", ","), (words, separator) => {
      try {
        parse(words.join(separator));
      } catch (error) {
        expect(error).toBeInstanceOf(LlmSizeError);
      }
    }),
  );
});

test("every example of the help is a step", () => {
  for (const example of Object.values(STEP_EXAMPLES).flat()) expect(() => parse(example)).not.toThrow();
});

test("a rank is a number of rows", () => {
  expect(parseRank("64")).toBe(64);
  for (const text of ["", "0", "1.5", "1e3", "-8", "999999"])
    expect(() => parseRank(text)).toThrow(LlmSizeError);
});
