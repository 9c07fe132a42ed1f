import { expect, test } from "vitest";
import { buildGgufCommands, buildVllmCommand, joinWords } from "../../src/memory/commands.ts";
import { placeLayers } from "../../src/memory/llama-cpp/place.ts";

const HUB = { hub: "bartowski/Qwen_Qwen3-30B-A3B-GGUF", revision: null, label: "Q4_K_M" };
const PLAIN = { context: 8192, batch: 1, kvDtype: "bf16", place: HUB, draft: null } as const;

const place = (gpuBytes: readonly number[], ramBytes: number | null) =>
  placeLayers({
    weights: {
      inputBytes: 5,
      outputBytes: 20,
      layers: Array.from({ length: 8 }, () => ({ bytes: 10, expertBytes: 8, largestBytes: 0 })),
    },
    kvCacheBytes: [],
    overhead: { layerBytes: 0, outputBytes: 0 },
    draftBytes: 0,
    gpuBytes,
    ramBytes,
  });

const SERVER = "llama-server -hf bartowski/Qwen_Qwen3-30B-A3B-GGUF:Q4_K_M --ctx-size 8192 --parallel 1";

test.each([
  ["everything on the GPUs", [60, 60], null, "--n-gpu-layers 9"],
  ["a split of its own", [70, 36], null, "--n-gpu-layers 9 --tensor-split 7,2"],
  ["some experts in RAM", [90], 100, "--n-gpu-layers 9 --n-cpu-moe 2"],
  ["all experts in RAM", [36], 100, "--n-gpu-layers 9 --cpu-moe"],
  ["layers in RAM, too", [30], 100, "--n-gpu-layers 6 --cpu-moe"],
  [
    "some experts of each GPU",
    [45, 45],
    100,
    "--n-gpu-layers 9 -ot 'blk\\.(0|5)\\.ffn_(up|down|gate|gate_up)_(ch|)exps=CPU'",
  ],
])("%s: %j %j", (_what, gpuBytes, ramBytes, words) => {
  const [server] = buildGgufCommands(PLAIN, place(gpuBytes, ramBytes));
  expect(server).toBe(`${SERVER} ${words}`);
});

test("Ollama runs what needs no more than the model", () => {
  const run = (changes: object, gpus: readonly number[] = [200]) =>
    buildGgufCommands({ ...PLAIN, ...changes }, place(gpus, null))[1];
  expect(run({})).toBe("ollama run hf.co/bartowski/Qwen_Qwen3-30B-A3B-GGUF:Q4_K_M");
  expect(run({}, [70, 36])).toBeUndefined();
  expect(run({ place: { path: "a.gguf" } })).toBeUndefined();
});

test.each([
  [{ batch: 4 }, "-hf bartowski/Qwen_Qwen3-30B-A3B-GGUF:Q4_K_M --ctx-size 32768 --parallel 4"],
  [{ place: { path: "my models/it's.gguf" } }, "-m 'my models/it'\\''s.gguf' --ctx-size 8192 --parallel 1"],
  [
    { place: { path: "a.gguf" }, draft: { path: "b.gguf" } },
    "-m a.gguf -md b.gguf --ctx-size 8192 --parallel 1",
  ],
  [
    { place: { path: "a.gguf" }, draft: HUB },
    `-m a.gguf -hfd ${HUB.hub}:Q4_K_M --ctx-size 8192 --parallel 1`,
  ],
])("%j", (changes, words) => {
  const [server] = buildGgufCommands({ ...PLAIN, ...changes }, null);
  expect(server).toBe(`llama-server ${words}`);
});

test("a quantized cache needs flash attention", () => {
  const [server] = buildGgufCommands({ ...PLAIN, kvDtype: "q8_0" }, null);
  expect(server).toBe(`${SERVER} --cache-type-k q8_0 --cache-type-v q8_0 --flash-attn on`);
});

const QWEN = { hub: "Qwen/Qwen3-8B", revision: null, label: null };

test.each([
  [1, {}, "--gpu-memory-utilization 0.9 --max-model-len 8192"],
  [4, {}, "--tensor-parallel-size 4 --gpu-memory-utilization 0.9 --max-model-len 8192"],
  [1, { kvDtype: "fp8" as const }, "--gpu-memory-utilization 0.9 --max-model-len 8192 --kv-cache-dtype fp8"],
  [
    1,
    { draft: { ...QWEN, hub: "Qwen/Qwen3-0.6B" } },
    `--gpu-memory-utilization 0.9 --max-model-len 8192 --speculative-config '{"model":"Qwen/Qwen3-0.6B","num_speculative_tokens":5}'`,
  ],
])("vllm on %d GPUs: %j", (gpus, changes, words) => {
  expect(buildVllmCommand({ ...PLAIN, place: QWEN, ...changes }, { gpus, gpuMemoryUtilization: 0.9 })).toBe(
    `vllm serve Qwen/Qwen3-8B ${words}`,
  );
});

test.each([
  [["a", "b c"], "a 'b c'"],
  [["$(rm -rf ~)", "`x`"], "'$(rm -rf ~)' '`x`'"],
  [["it's"], "'it'\\''s'"],
  [[""], "''"],
])("%j is quoted as %s", (words, line) => {
  expect(joinWords(words)).toBe(line);
});
