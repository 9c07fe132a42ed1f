import { describe, expect, test } from "vitest";
import { parseQuantization, listQuantizations } from "../../src/quant/registry.ts";
import { subjectOf } from "./subjects.ts";

const SCHEMES = listQuantizations()
  .map(parseQuantization)
  .flatMap(({ scheme }) => (scheme ? [scheme] : []));

describe("every scheme", () => {
  test.each([
    "google/gemma-3-4b-it",
    "google-t5/t5-base",
    "microsoft/phi-2",
    "openai-community/gpt2",
    "openai/clip-vit-large-patch14",
    "openai/gpt-oss-20b",
    "Qwen/Qwen3-0.6B",
    "sentence-transformers/all-MiniLM-L6-v2",
  ])("gives %s a whole number with a band, or a reason", (id) => {
    const subject = subjectOf(id);
    for (const scheme of SCHEMES) {
      const prediction = scheme.predict(subject);
      if (prediction.bytes === null) expect(prediction.reason).not.toBe("");
      else {
        expect(Number.isSafeInteger(prediction.bytes)).toBe(true);
        expect(prediction.band).toBeGreaterThan(0);
        expect(prediction.band).toBeLessThan(0.1);
      }
    }
  });
});
