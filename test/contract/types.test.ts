import { readFileSync } from "node:fs";
import { expect, expectTypeOf, test } from "vitest";
import type * as z from "zod";
import type {
  budgetConfigSchema,
  budgetSchema,
  deviceSchema,
  limitsSchema,
  pathSchema,
} from "../../src/budget/config-schema.ts";
import type { changeSchema, diffSchema } from "../../src/contract/diff.ts";
import type { explanationSchema } from "../../src/contract/explanation.ts";
import type { documentFields, failureSchema, fileSchema } from "../../src/contract/fields.ts";
import type { cacheSchema, listSchema } from "../../src/contract/inventory.ts";
import type { memorySchema } from "../../src/contract/memory.ts";
import type { reductionRowSchema, reductionSchema } from "../../src/contract/reduction.ts";
import type { modelSchema, publishedSchema, reportSchema, sizeSchema } from "../../src/contract/report.ts";
import type { findSchema, placeSchema, skippedSchema } from "../../src/contract/places.ts";
import type { findReportSchema } from "../../src/contract/find.ts";
import type { downloadSchema, scanSchema } from "../../src/contract/scan.ts";
import type * as types from "../../src/contract/types.ts";
import type { verdictSchema } from "../../src/contract/verdicts.ts";
import { buildTypes, TYPES_FILE } from "./build-types.ts";

test("types.ts is up to date", async () => {
  expect(readFileSync(TYPES_FILE, "utf8")).toBe(await buildTypes());
});

test("every field of the types is documented", async () => {
  const lines = (await buildTypes()).split("\n");
  const undocumented = lines.filter(
    (line, index) => /^ +\$?\w+\??:/.test(line) && !/^ *\/\*\* .+\. \*\/$/.test(lines[index - 1] ?? ""),
  );
  expect(undocumented).toEqual([]);
});

test("each type is the one of its schema", () => {
  expectTypeOf<types.DocumentHeader>().toEqualTypeOf<z.infer<z.ZodObject<typeof documentFields>>>();
  expectTypeOf<types.Report>().toEqualTypeOf<z.infer<typeof reportSchema>>();
  expectTypeOf<types.ModelReport>().toEqualTypeOf<z.infer<typeof modelSchema>>();
  expectTypeOf<types.Published>().toEqualTypeOf<z.infer<typeof publishedSchema>>();
  expectTypeOf<types.Size>().toEqualTypeOf<z.infer<typeof sizeSchema>>();
  expectTypeOf<types.Verdict>().toEqualTypeOf<z.infer<typeof verdictSchema>>();
  expectTypeOf<types.ModelFile>().toEqualTypeOf<z.infer<typeof fileSchema>>();
  expectTypeOf<types.Failure>().toEqualTypeOf<z.infer<typeof failureSchema>>();
  expectTypeOf<types.MemoryReport>().toEqualTypeOf<z.infer<typeof memorySchema>>();
  expectTypeOf<types.Explanation>().toEqualTypeOf<z.infer<typeof explanationSchema>>();
  expectTypeOf<types.ReductionReport>().toEqualTypeOf<z.infer<typeof reductionSchema>>();
  expectTypeOf<types.ReductionRow>().toEqualTypeOf<z.infer<typeof reductionRowSchema>>();
  expectTypeOf<types.ModelChange>().toEqualTypeOf<z.infer<typeof changeSchema>>();
  expectTypeOf<types.DiffReport>().toEqualTypeOf<z.infer<typeof diffSchema>>();
  expectTypeOf<types.FindReport>().toEqualTypeOf<z.infer<typeof findReportSchema>>();
  expectTypeOf<types.ScanReport>().toEqualTypeOf<z.infer<typeof scanSchema>>();
  expectTypeOf<types.CodeFind>().toEqualTypeOf<z.infer<typeof findSchema>>();
  expectTypeOf<types.SkippedFile>().toEqualTypeOf<z.infer<typeof skippedSchema>>();
  expectTypeOf<types.CodeDownload>().toEqualTypeOf<z.infer<typeof downloadSchema>>();
  expectTypeOf<types.CodePlace>().toEqualTypeOf<z.infer<typeof placeSchema>>();
  expectTypeOf<types.CatalogList>().toEqualTypeOf<z.infer<typeof listSchema>>();
  expectTypeOf<types.CacheReport>().toEqualTypeOf<z.infer<typeof cacheSchema>>();
  expectTypeOf<types.Config>().toEqualTypeOf<z.infer<typeof budgetConfigSchema>>();
  expectTypeOf<types.ConfigPath>().toEqualTypeOf<z.infer<typeof pathSchema>>();
  expectTypeOf<types.ConfigLimits>().toEqualTypeOf<z.infer<typeof limitsSchema>>();
  expectTypeOf<types.ConfigBudget>().toEqualTypeOf<z.infer<typeof budgetSchema>>();
  expectTypeOf<types.ConfigDevice>().toEqualTypeOf<z.infer<typeof deviceSchema>>();
});
