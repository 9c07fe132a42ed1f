import { expect, test } from "vitest";
import type { Explanation, Size } from "../../src/contract/types.ts";
import { renderExplanation } from "../../src/render/explanation.ts";
import { PLAIN } from "../../src/render/options.ts";
import { GEMMA_2B, report } from "./models.ts";

const EXPLANATION: Explanation = {
  schemaVersion: 1,
  generator: report().generator,
  model: GEMMA_2B,
  tensors: null,
  quantized: [],
  files: {
    used: Array.from({ length: 20 }, (_, index) => ({
      path: `shard-${index + 1}`,
      bytes: 1_000_000,
      sha256: null,
    })),
    notUsed: [],
  },
  hub: null,
  failures: [],
};

const render = (isTerminal: boolean, explanation = EXPLANATION) =>
  renderExplanation(explanation, "text", { width: 80, paint: PLAIN, units: "si", isTerminal });

test("a terminal gets the first files and the sum of the others", async () => {
  const text = await render(true);
  expect(text).toMatch(/^ {2}shard-11 +1 MB\n {2}and 9 more +9 MB$/m);
  expect(text).not.toContain("shard-12");
});

test("a pipe or a file gets them all", async () => {
  const text = await render(false);
  expect(text).toContain("shard-20");
  expect(text).not.toContain("more");
});

test("without a model there is nothing to explain", async () => {
  expect(await render(false, { ...EXPLANATION, model: null })).toBe("");
});

test("a size that differs by publisher has a table of its variants, and one of its tensors", async () => {
  const size = { ...GEMMA_2B.sizes[0], quantization: "gguf:Q2_K", bytes: 1_158_000_000 };
  const variants = [{ because: "llama.cpp before March 2024", bytes: 900_000_000 }];
  const row = {
    name: "blk.*.attn_v.weight",
    type: "Q6_K",
    layers: "0-1,4",
    tensors: 3,
    parameters: 9,
    bytes: 7,
  };
  const text = await render(false, {
    ...EXPLANATION,
    model: { ...GEMMA_2B, sizes: [{ ...size, variants } as Size] },
    quantized: [{ quantization: "gguf:Q2_K", tensors: [row] }],
  });
  expect(text).toMatch(/llama\.cpp before March 2024 +900 MB +900,000,000/);
  expect(text).toMatch(/blk\.0-1,4\.attn_v\.weight +Q6_K +9 +7 B/);
});
