import { expect, test } from "vitest";
import { renderBadge } from "../../src/render/badge.ts";
import { GATED, GEMMA_2B, model, report, size } from "./models.ts";
import { verdict } from "./verdict.ts";

const int4 = (basis: "computed" | "predicted") => model({ sizes: [size("int4", 1_409_830_912, basis)] });

test.each([
  [report(GEMMA_2B), "google/gemma-2b", "2.51B parameters, 5.01 GB", "informational"],
  [report(int4("computed")), "google/gemma-2b", "2.51B parameters, 1.41 GB", "informational"],
  [report(int4("predicted")), "google/gemma-2b", "2.51B parameters, ~1.41 GB", "informational"],
  [
    report({ ...GATED, parameters: { ...GATED.parameters, total: null }, published: null }),
    "acme/secret",
    "unknown",
    "lightgrey",
  ],
  [report(), "model size", "unknown", "lightgrey"],
  [
    { ...report(GEMMA_2B), verdicts: [verdict()], passed: true },
    "model size",
    "1 limit: 1 passed",
    "brightgreen",
  ],
  // Verdicts alone do not pass: a model may have failed.
  [{ ...report(GEMMA_2B), verdicts: [verdict()], passed: false }, "model size", "1 limit: 1 passed", "red"],
])("%#", (whole, label, message, color) => {
  expect(JSON.parse(renderBadge(whole, "si"))).toEqual({ schemaVersion: 1, label, message, color });
});
