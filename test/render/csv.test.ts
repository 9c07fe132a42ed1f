import { expect, test } from "vitest";
import { renderCsv } from "../../src/render/csv.ts";
import { GATED, GEMMA_2B, model, report, size } from "./models.ts";

test("raw integers, empty where unknown", () => {
  expect(renderCsv(report(GEMMA_2B, GATED))).toMatchInlineSnapshot(`
    "reference,id,revision,source,evidence,parameters,active,stored,class,publishedBytes,fp32Bytes,fp16Bytes,int8Bytes,int4Bytes
    gemma-2b,google/gemma-2b,,catalog,headers,2506172416,2506172416,2506172416,2B,5012363872,10024689664,5012344832,2508179456,1409830912
    acme/secret,acme/secret,,catalog,summary,2506172416,,2506172416,2B,5012363872,10024689664,5012344832,2506172416,"
  `);
});

test("no models are a head alone", () => {
  expect(renderCsv(report())).toBe(
    "reference,id,revision,source,evidence,parameters,active,stored,class,publishedBytes",
  );
});

test("schemes keep their full names", () => {
  const sizes = [size("gguf:Q4_K_M", 5, "predicted")];
  expect(renderCsv(report(model({ sizes }))).split("\n")[0]).toMatch(/,gguf:Q4_K_MBytes$/);
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
  ["./a b", "./a b"],
])("%j is written as %s", (reference, cell) => {
  const row = renderCsv(report(model({ reference })))
    .slice(renderCsv(report()).length)
    .split("\n")[1];
  expect(row?.slice(0, cell.length + 1)).toBe(`${cell},`);
});
