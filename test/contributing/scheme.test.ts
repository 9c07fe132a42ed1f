import { expect, test } from "vitest";
import { ECOSYSTEMS } from "../../src/quant/ecosystems.ts";
import { readLinearLayer } from "../../src/quant/layers.ts";
import { parseQuantization } from "../../src/quant/registry.ts";
import { buildSchemes, sumArrays, type Ecosystem } from "../../src/quant/scheme.ts";
import { computeSize } from "../../src/quant/sizes.ts";
import { modelOf, weightOf } from "../quant/tiny-model.ts";

/** A made-up tool that stores linear layers in 4 or 6 bits with one 2-byte scale per row, everything else in 16 bits. */
const NIBBLE = {
  name: "nibble",
  isSelfContained: false,
  schemes: buildSchemes({ n4: 4, n6: 6 }, ({ weights, config }, bits) => ({
    ...sumArrays(
      weights.map((weight) => {
        const layer = readLinearLayer(weight, config);
        return layer ? (weight.parameters * bits) / 8 + 2 * layer.outputs : weight.parameters * 2;
      }),
    ),
    errorBand: 0.001, // Measured on published files, which the comment names.
    assumptions: ["embeddings stay in 16 bits"],
  })),
} as const satisfies Ecosystem;

test("a new ecosystem is one file and one row of ECOSYSTEMS", () => {
  const quantization = parseQuantization("n4", {}, [...ECOSYSTEMS, NIBBLE]);
  expect(quantization.name).toBe("nibble:n4");
  const model = modelOf(
    { model_type: "llama" },
    weightOf("model.embed_tokens.weight", 100, 32),
    weightOf("model.layers.0.mlp.up_proj.weight", 64, 32),
  );
  expect(computeSize(quantization, model, { parameters: 5248, publishedBytes: null })).toEqual({
    quantization: "nibble:n4",
    bytes: 100 * 32 * 2 + (64 * 32) / 2 + 64 * 2,
    bitsPerWeight: 11.512,
    basis: "predicted",
    largestArrayBytes: 100 * 32 * 2,
    errorBand: 0.001,
    assumptions: ["embeddings stay in 16 bits"],
    reason: null,
    variants: [],
    projectorBytes: null,
  });
});
