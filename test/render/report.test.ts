import { describe, expect, test } from "vitest";
import { FORMATS, PLAIN, type RenderOptions } from "../../src/render/options.ts";
import { renderReport } from "../../src/render/report.ts";
import { reportSchema } from "../../src/contract/report.ts";
import type { Report } from "../../src/contract/types.ts";
import { DISTILBERT, GATED, GEMMA_2B, MIXTRAL, model, report, size } from "./models.ts";

const OPTIONS: RenderOptions = { width: 80, paint: PLAIN, units: "si", isTerminal: false };

const CSV_HEAD =
  "reference,id,revision,source,evidence,parameters,active,stored,class,classBasis,publishedBytes,publishedBasis,failure,message";

test("the JSON of a report is the report, and fits the contract", async () => {
  const whole = report(GEMMA_2B, DISTILBERT, GATED, MIXTRAL);
  const parsed: unknown = JSON.parse(await renderReport(whole, "json", OPTIONS));
  expect(parsed).toEqual(whole);
  expect(reportSchema.strict().parse(parsed)).toEqual(whole);
});

test("ndjson is a line a model and a line a failure", async () => {
  const failure = { reference: "x", code: "NO_WEIGHTS", message: "a\u2028b", hint: null, retryable: false };
  const lines = (
    await renderReport({ ...report(GEMMA_2B, GATED), failures: [failure] }, "ndjson", OPTIONS)
  ).split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([GEMMA_2B, GATED, failure]);
});

describe("without models", () => {
  test.each([
    ["text", ""],
    ["markdown", ""],
    ["ndjson", ""],
    ["csv", CSV_HEAD],
  ] as const)("%s", async (format, text) => {
    expect(await renderReport(report(), format, OPTIONS)).toBe(text);
  });

  test("json is still a document", async () => {
    expect(JSON.parse(await renderReport(report(), "json", OPTIONS))).toEqual(report());
  });
});

test.each(FORMATS)("%s does not end in a line end", async (format) => {
  expect(await renderReport(report(GEMMA_2B), format, OPTIONS)).toMatch(/\S$/);
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
  expect(await renderReport(report(model({ sizes })), "text", OPTIONS)).toMatchInlineSnapshot(`
    "google/gemma-2b
    2.51B parameters, class 2B, 5.01 GB on the Hub

    gguf     size        bits  basis
               GB  per weight
    Q8_0     2.67       16.00  published
    Q6_K    ~2.06       16.00  predicted, ±0.5 %
    Q5_K_M  ~1.84       16.00  predicted, ±0.5 %
    Q4_K_M  ~1.63       16.00  predicted, ±0.5 %
    Q4_0    ~1.55       16.00  predicted, ±0.5 %
    Q2_K        ?           ?  nobody knows"
  `);
});

describe("CSV", () => {
  const renderCsv = (whole: Report) => renderReport(whole, "csv", OPTIONS);

  test("raw integers, empty where unknown", async () => {
    expect(await renderCsv(report(GEMMA_2B, GATED))).toMatchInlineSnapshot(`
      "reference,id,revision,source,evidence,parameters,active,stored,class,classBasis,publishedBytes,publishedBasis,fp32Bytes,fp32Basis,fp16Bytes,fp16Basis,int8Bytes,int8Basis,int4Bytes,int4Basis,failure,message
      gemma-2b,google/gemma-2b,,catalog,headers,2506172416,2506172416,2506172416,2B,name,5012363872,published,10024689664,computed,5012344832,computed,2508179456,computed,1409830912,computed,,
      acme/secret,acme/secret,,catalog,summary,2506172416,,2506172416,2B,name,5012363872,published,10024689664,predicted,5012344832,predicted,2506172416,predicted,,,,"
    `);
  });

  test("no models are a head alone", async () => {
    expect(await renderCsv(report())).toBe(CSV_HEAD);
  });

  test("a failure is a row", async () => {
    const failure = { reference: "a,b", code: "NO_WEIGHTS", message: "=x", hint: null, retryable: false };
    const [head, row] = (await renderCsv({ ...report(), failures: [failure] })).split("\n");
    expect([head, row]).toEqual([CSV_HEAD, `"a,b"${",".repeat(12)}NO_WEIGHTS,'=x`]);
  });

  test("schemes keep their full names", async () => {
    const sizes = [size("gguf:Q4_K_M", 5, "predicted")];
    expect((await renderCsv(report(model({ sizes })))).split("\n")[0]).toMatch(
      /,gguf:Q4_K_MBytes,gguf:Q4_K_MBasis,/,
    );
  });
});

test.each([
  [1, "Files of"],
  [120, "The 100 largest files of"],
])("the page of a report accounts for %i files", async (count, title) => {
  const otherFiles = Array.from({ length: count }, (_, index) => ({
    path: `other-${index}.bin`,
    bytes: index,
    sha256: null,
    is: "support" as const,
  }));
  const { published } = GEMMA_2B;
  const listed = { ...GEMMA_2B, published: published && { ...published, otherFiles } };
  const page = await renderReport(report(listed), "html", OPTIONS);
  expect(page).toContain(title);
  expect(page).toContain(`other-${count - 1}.bin`);
  expect(page.includes("other-1.bin")).toBe(false);
});
