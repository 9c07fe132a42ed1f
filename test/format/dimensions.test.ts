import { expect, test } from "vitest";
import { keysOf, readDimension } from "../../src/format/dimensions.ts";

test.each([
  [{ hidden_size: 2048 }, 2048],
  [{ n_embd: 768 }, 768],
  [{ n_embed: 1024, hidden_size: 64 }, 1024], // bigscience/bloom-560m prefers n_embed
  [{ hidden_size: "2048", d_model: 512 }, 512],
  [{ hidden_size: -1 }, null],
  [{}, null],
])("the hidden size of %o is %s", (config, hiddenSize) => {
  expect(readDimension(config, "hiddenSize")).toBe(hiddenSize);
});

test("of several dimensions the first that is stated is read", () => {
  const bart = { num_hidden_layers: 12, encoder_layers: 12, decoder_layers: 6 };
  expect(readDimension(bart, "decoderLayers", "layers")).toBe(6);
  expect(readDimension(bart, "layers", "decoderLayers")).toBe(12);
  expect(keysOf("vocabSize", "encoderHeads")).toEqual(["vocab_size", "encoder_attention_heads"]);
});
