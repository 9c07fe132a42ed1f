import fc from "fast-check";
import { expect, test } from "vitest";
import { choose, madeRepository } from "./made-repository.ts";

/** A model in each format, by names that people use, and what else it comes with. */
const MODELS: Readonly<Record<string, readonly string[]>> = {
  safetensors: ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
  "by a name of its own": ["flux1-dev.safetensors"],
  pytorch: ["pytorch_model.bin"],
  ranks: ["consolidated.00.pth", "consolidated.01.pth"],
  gguf: ["m-Q4_K_M.gguf", "m-Q8_0.gguf"],
  "gguf shards": ["m-Q4_K_M-00001-of-00002.gguf", "m-Q4_K_M-00002-of-00002.gguf"],
  openvino: ["openvino_model.xml", "openvino_model.bin", "openvino_tokenizer.xml", "openvino_tokenizer.bin"],
  coreml: ["X.mlpackage/Data/com.apple.CoreML/weights/weight.bin", "X.mlpackage/Manifest.json"],
  savedModel: ["saved_model.pb", "variables/variables.data-00000-of-00001", "variables/variables.index"],
  nemo: ["asr.nemo"],
  task: ["gemma-int4.task"],
  executorch: ["m.pte"],
  tensorrt: ["rank0.engine", "rank1.engine"],
};

/** Files that are small next to the model and are not it. */
const DECOYS = [
  "lora/adapter_model.safetensors",
  "adapter_model.safetensors",
  "voices/af.pt",
  "mmproj-F16.gguf",
  "mtp-m.gguf",
  "vae/diffusion_pytorch_model.safetensors",
  "sub/model.safetensors",
  "optimizer.pt",
  "weights.pb",
  "other.safetensors",
  "onnx/model.onnx",
  "tokenizer.json",
  "README.md",
  ".git/config",
];

const repository = fc.record({
  model: fc.constantFrom(...Object.values(MODELS)),
  modelBytes: fc.integer({ min: 3_000_000, max: 5_000_000_000 }),
  decoys: fc.uniqueArray(fc.constantFrom(...DECOYS), { maxLength: 6 }),
  decoyShare: fc.double({ min: 0.0001, max: 0.9, noNaN: true }),
});

test("every file is in the account once, and decoys never take away from the figure without a doubt", async () => {
  await fc.assert(
    fc.asyncProperty(repository, fc.infiniteStream(fc.nat()), async (made, order) => {
      const own = made.model.map((path) => [path, made.modelBytes] as const);
      const decoys = made.decoys.map(
        (path) => [path, Math.round(made.modelBytes * made.decoyShare)] as const,
      );
      const shuffled = [...own, ...decoys]
        .map((file) => ({ file, key: order.next().value }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ file }) => file);
      const alone = await choose(madeRepository(Object.fromEntries(own)));
      const choice = await choose(madeRepository(Object.fromEntries(shuffled))).catch(
        (error: unknown) => error,
      );
      if (choice instanceof Error) {
        expect(choice).toMatchObject({ code: "SEVERAL_MODELS" });
        return;
      }
      const found = choice as Awaited<ReturnType<typeof choose>>;
      expect(found?.account.map(({ path }) => path).toSorted()).toEqual(
        shuffled.map(([path]) => path).toSorted(),
      );
      // A budget passes by the figure, or by the bound of its doubt: neither is less than the model.
      const bound = found?.doubt ? found.doubt.atMostBytes : found?.bytes;
      if (bound !== null) expect(bound).toBeGreaterThanOrEqual(alone?.bytes ?? 0);
      if (found?.doubt === null) expect(found.bytes).toBeGreaterThanOrEqual(alone?.bytes ?? 0);
      const total = found?.account.reduce((sum, { is, bytes }) => sum + (is === "checkpoint" ? bytes : 0), 0);
      expect(total).toBe(found?.bytes);
    }),
    { numRuns: 400 },
  );
}, 60_000);
