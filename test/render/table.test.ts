import { expect, test } from "vitest";
import { buildComparison } from "../../src/render/comparison.ts";
import { renderCsv, renderMarkdown, tabulate } from "../../src/render/table.ts";
import { GATED, GEMMA_2B, size } from "./models.ts";

test("a comparison", () => {
  expect(renderMarkdown(buildComparison([GEMMA_2B, GATED], "si"))).toMatchInlineSnapshot(`
    "| Model | Params (B) | Class | On Hub (GB) | fp32 (GB) | fp16 (GB) | int8 (GB) | int4 (GB) |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | google/gemma-2b | 2.51 | 2B | 5.01 | 10.0 | 5.01 | 2.51 | 1.41 |
    | acme/secret | ~2.51 | 2B | 5.01 | ~10.0 | ~5.01 | ~2.51 | ? |"
  `);
});

test.each([
  [[1_001_000_000, 2_020_000_000], "~1.00–2.02"],
  [[2_020_000_000, 1_500_000_000], "~1.50–2.02"],
  [[1_001_000_000, 1_005_000_000], "~1.00"],
])("sizes of %j are %s", ([bytes = 0, other = 0], text) => {
  const sizes = [
    {
      ...size("gguf:Q4_K_M", bytes, "predicted"),
      variants: [{ because: "head stored again", bytes: other }],
    },
  ];
  expect(renderCsv(buildComparison([{ ...GEMMA_2B, sizes }], "si"))).toContain(text);
});

const cell = (text: string) =>
  renderMarkdown(tabulate([text], [{ title: "a", align: "left", cell: (row) => row }]))
    .split("\n")
    .at(-1);

test.each([
  ["a|b", "a\\|b"],
  ["a\\|b", "a\\\\\\|b"],
  ["`rm -rf`", "\\`rm -rf\\`"],
  ["<img src=x>", "\\<img src=x\\>"],
  ["*bold*", "\\*bold\\*"],
  ["[text](https://example.com)", "\\[text\\](https://example.com)"],
  ["![x](y)", "!\\[x\\](y)"],
  ["_em_", "\\_em\\_"],
  ["a _b_ c", "a \\_b\\_ c"],
  ["Q4_K_M", "Q4_K_M"], // within a word, underscores are only that
  ["~1.41", "~1.41"],
])("%s is escaped as %s", (text, escaped) => {
  expect(cell(text)).toBe(`| ${escaped} |`);
});

test("no models are a head alone", () => {
  expect(renderMarkdown(buildComparison([], "si")).split("\n")).toHaveLength(2);
});

test.each([
  ["./a,b", '"./a,b"'],
  ['./a"b', '"./a""b"'],
  ['./"', '"./"""'],
  ["./a\nb", "./a\\u{a}b"],
  ["./a\u001b[0m", "./a\\u{1b}[0m"],
  ["=1+1", "'=1+1"], // what a spreadsheet would run
  ["+1", "'+1"],
  ["-1", "'-1"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
  [" =1+1", "' =1+1"],
  ["＝1+1", "'＝1+1"],
  ["a;=1+1", '"a;\'=1+1"'], // a spreadsheet of a country with decimal commas
  ["a|@x", "a|'@x"],
  ["org/a-b", "org/a-b"],
  ["./a b", "./a b"],
])("in CSV, %j is written as %s", (text, written) => {
  expect(renderCsv(tabulate([text], [{ title: "a", align: "left", cell: (row) => row }]))).toBe(`a
${written}`);
});
