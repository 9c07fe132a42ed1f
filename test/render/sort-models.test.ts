import { expect, test } from "vitest";
import { sortModels } from "../../src/render/sort-models.ts";
import { DISTILBERT, GATED, GEMMA_2B, MIXTRAL, model } from "./models.ts";

const GEMMA_10B = model({ id: "google/gemma-10b", published: null });

test.each([
  ["name", false, "acme/secret distilbert/… google/gemma-2b google/gemma-10b mistralai/…"],
  ["params", false, "mistralai/… google/gemma-2b google/gemma-10b acme/secret distilbert/…"],
  // As published: unknown of Mixtral and of the invented Gemma.
  ["size", false, "google/gemma-2b distilbert/… acme/secret mistralai/… google/gemma-10b"],
  // At the first quantization that was chosen.
  ["size", true, "mistralai/… google/gemma-2b google/gemma-10b acme/secret distilbert/…"],
] as const)("by %s (sizes chosen: %s)", (key, isChosen, ids) => {
  const sorted = sortModels([MIXTRAL, GEMMA_2B, GEMMA_10B, DISTILBERT, GATED], key, { isChosen });
  expect(sorted.map(({ id }) => id.replace(/(?<=mistralai|distilbert\/?)\/.*/, "/…")).join(" ")).toBe(ids);
});
