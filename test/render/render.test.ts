import { describe, expect, test } from "vitest";
import { PLAIN } from "../../src/render/paint.ts";
import { FORMATS, renderReport, type Look } from "../../src/render/render.ts";
import { reportSchema } from "../../src/contract/report.ts";
import { DISTILBERT, GATED, GEMMA_2B, MIXTRAL, model, report, size } from "./models.ts";

const LOOK: Look = { width: 80, paint: PLAIN, units: "si" };

test("the JSON of a report is the report, and fits the contract", async () => {
  const whole = report(GEMMA_2B, DISTILBERT, GATED, MIXTRAL);
  const parsed: unknown = JSON.parse(await renderReport(whole, "json", LOOK));
  expect(parsed).toEqual(whole);
  expect(reportSchema.strict().parse(parsed)).toEqual(whole);
});

test("ndjson is a line a model and a line a failure", async () => {
  const failure = { reference: "x", code: "NO_WEIGHTS", message: "a\u2028b", hint: null, retryable: false };
  const lines = (
    await renderReport({ ...report(GEMMA_2B, GATED), failures: [failure] }, "ndjson", LOOK)
  ).split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([GEMMA_2B, GATED, failure]);
});

describe("without models", () => {
  test.each([
    ["text", ""],
    ["markdown", ""],
    ["ndjson", ""],
    ["csv", "reference,id,revision,source,evidence,parameters,active,stored,class,publishedBytes"],
  ] as const)("%s", async (format, text) => {
    expect(await renderReport(report(), format, LOOK)).toBe(text);
  });

  test("json is still a document", async () => {
    expect(JSON.parse(await renderReport(report(), "json", LOOK))).toEqual(report());
  });
});

test.each(FORMATS)("%s does not end in a line end", async (format) => {
  expect(await renderReport(report(GEMMA_2B), format, LOOK)).toMatch(/\S$/);
});

test("many sizes of one model are rows below a line about it", async () => {
  const sizes = [
    size("gguf:Q8_0", 2_669_069_632, "published"),
    size("gguf:Q6_K", 2_060_000_000, "predicted"),
    size("gguf:Q5_K_M", 1_840_000_000, "predicted"),
    size("gguf:Q4_K_M", 1_630_000_000, "predicted"),
    size("gguf:Q4_0", 1_550_000_000, "predicted"),
    size("gguf:Q2_K", null),
  ];
  expect(await renderReport(report(model({ sizes })), "text", LOOK)).toMatchInlineSnapshot(`
    "google/gemma-2b
    2.51B parameters, class 2B, 5.01 GB on the Hub

             size      bits  rests on
               GB  a weight
    Q8_0     2.67     16.00  published
    Q6_K    ~2.06     16.00  predicted, ±0.5 %
    Q5_K_M  ~1.84     16.00  predicted, ±0.5 %
    Q4_K_M  ~1.63     16.00  predicted, ±0.5 %
    Q4_0    ~1.55     16.00  predicted, ±0.5 %
    Q2_K        ?         ?  nobody knows"
  `);
});
