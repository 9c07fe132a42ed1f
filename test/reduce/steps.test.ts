import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isUnknown } from "../../src/contract/unknown.ts";
import { LlmSizeError } from "../../src/errors.ts";
import { listQuantizations, parseQuantization } from "../../src/quant/registry.ts";
import { parseRank } from "../../src/reduce/lora.ts";
import { STEP_EXAMPLES } from "../../src/reduce/step.ts";
import { formatSteps, parseSteps } from "../../src/reduce/steps.ts";
import { startVariant } from "../../src/reduce/variant.ts";
import { originalOf } from "./base-models.ts";

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
const rank = fc.integer({ min: 1, max: 65_536 });
const groups = fc.integer({ min: 1, max: 999 });
const oneOf = (...words: readonly string[]) => fc.constantFrom(...words);
const join = (...words: readonly fc.Arbitrary<string | number>[]) =>
  fc.tuple(...words).map((parts) => parts.filter((part) => part !== "").join(":"));

/** Every step with every choice spelled out. */
const step = fc.oneof(
  oneOf("prune:2:4", "share:tied", "share:untied", "share:unshared"),
  join(oneOf("prune"), percent, oneOf("bitmask", "csr", "dense")),
  join(oneOf("prune:heads", "prune:layers", "prune:width"), percent),
  join(oneOf("quant"), oneOf(...listQuantizations())),
  join(
    oneOf("lora"),
    rank,
    oneOf("default", "attention", "all-linear"),
    oneOf("", "dora"),
    oneOf("", "save"),
  ),
  join(oneOf("distill"), oneOf("half-layers", "half-size", "smaller")),
  join(oneOf("share:layers"), groups),
);

test("a step that is written out is read the same", () => {
  fc.assert(
    fc.property(step, (text) => {
      expect(formatSteps(parse(text))).toBe(text);
    }),
  );
});

test("each choice of a step counts", () => {
  const gpt2 = startVariant(originalOf("openai-community/gpt2"));
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(step, (text) => {
      const change = parse(text)[0]?.apply(gpt2);
      if (change === undefined || isUnknown(change)) return;
      const inputs = JSON.stringify(change.inputs);
      expect(seen.get(inputs) ?? text).toBe(text);
      seen.set(inputs, text);
    }),
  );
});

test("recipes are read the same, or refused with LlmSizeError", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (steps) => {
      try {
        expect(formatSteps(parse(steps.join()))).toBe(steps.join());
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
  for (const examples of Object.values(STEP_EXAMPLES))
    for (const example of examples) expect(() => parse(example)).not.toThrow();
});

test("a rank is a number of rows", () => {
  expect(parseRank("64")).toBe(64);
  for (const text of ["", "0", "1.5", "1e3", "-8", "999999"])
    expect(() => parseRank(text)).toThrow(LlmSizeError);
});
