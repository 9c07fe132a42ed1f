import { describe, expect, test } from "vitest";
import { CORPORA, scanCorpus } from "../accuracy/scan-corpus.ts";

describe.each(CORPORA)("the code of %s", (corpus) => {
  const { models, lookAlikes, missed, mistaken, recall, precision } = scanCorpus(corpus);

  test("has as many look-alikes as models", () => {
    expect(models).toBeGreaterThanOrEqual(40);
    expect(lookAlikes).toBeGreaterThanOrEqual(40);
  });

  test("names models that are found", () => {
    expect(recall, missed.join("\n")).toBeGreaterThanOrEqual(0.95);
  });

  test("has names of other things, which are not", () => {
    expect(precision, mistaken.join("\n")).toBeGreaterThanOrEqual(0.95);
  });
});
