import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runJson, runProgram } from "../program.ts";

const home = process.cwd();
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llm-size-check-"));
  process.chdir(folder);
});
afterEach(() => process.chdir(home));

const writeConfig = (value: unknown) =>
  writeFileSync(join(folder, "llm-size.config.json"), JSON.stringify(value));

// int4 of Gemma 2B: 1,409,830,912 of weights, 75,497,472 of cache, 543,162,368 of the rest; and 225.57 s.
describe("limits of memory and time from flags", () => {
  test.each([
    ["--quant int4 --max-memory 2018007040B", 0],
    ["--quant int4 --max-memory 2018007039B", 1],
    ["--quant int4 --max-memory 2018007039B --context 4095", 0],
    ["--quant int4 --max-memory 2.11GB --context 8k", 0],
    ["--quant int4 --max-memory 2.05GB --context 8k", 1],
    ["--quant int4 --max-memory 2.05GB --context 8k --kv-dtype fp8", 0],
    ["--quant int4 --max-memory 2.05GB --batch 2", 1],
    ["--quant int4 --max-memory iphone-16", 0],
    ["--max-memory wasm32", 1],
    ["--quant int4 --max-download-time 226s --bandwidth 50Mbps", 0],
    ["--quant int4 --max-download-time 225s --bandwidth 50Mbps", 1],
    ["--quant int4 --max-download-time 1h --bandwidth 4g", 0],
    ["--quant int4 --max-memory 2GB --max-size 2GB", 1],
  ])("gemma-2b %s ends with %i", async (flags, expected) => {
    const { exitCode } = await runProgram(["check", "gemma-2b", "--offline", ...flags.split(" ")]);
    expect(exitCode).toBe(expected);
  });

  test("what fits an iPhone only where its app asks for more passes tightly", async () => {
    const words = "check gemma-2b --offline --max-memory iphone-16 --quant";
    const [fp16, int4] = await Promise.all(
      ["fp16", "int4"].map(async (name) => (await runJson([...words.split(" "), name])).report.verdicts[0]),
    );
    expect(fp16).toMatchObject({ outcome: "passed", reason: "above the memory recommended for iphone-16" });
    expect(int4).toMatchObject({ outcome: "passed", reason: null });
  });

  test.each([
    ["--max-memory 8", /--max-memory: invalid size "8": its unit is missing/],
    ["--max-memory toaster", /--max-memory: unknown device "toaster"/],
    ["--max-memory iphone16", /did you mean iphone-16\?/],
    ["--max-memory webgpu-buffer", /does not limit memory, but its default maxBufferSize/],
    ["--max-memory --json", /A value is missing/],
    ["--max-download-time 30s", /come together/],
    ["--max-size 1GB --bandwidth 4g", /come together/],
    ["--max-download-time 30 --bandwidth 4g", /--max-download-time: invalid time "30": its unit is missing/],
    ["--max-download-time 30s --bandwidth fast", /--bandwidth: invalid speed "fast"/],
    ["--max-size 1GB --context 8k", /come with --max-memory/],
    ["--context 8k", /come with --max-memory/],
    ["--max-memory 8GB --context eight", /8192, 8k or 1m/],
    ["--max-memory 8GB --kv-dtype int3", /Allowed choices/],
    ["--max-memory 8GB --gpu-memory-utilization 0.8", /comes with GPUs in --max-memory/],
    ["--max-memory 2x24GB --gpu-memory-utilization 80", /a share above 0 and up to 1/],
    ["--max-memory 2x24GB --train lora", /one device/],
    ["--max-memory 24GB --train lora --draft gemma-2b", /without --draft/],
  ])("%s is refused before anything is fetched", async (flags, message) => {
    const { exitCode, stdout, stderr } = await runProgram(["check", "gemma-2b", ...flags.split(" ")]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
  });

  test("a CI job sees by how much, and for what", async () => {
    const words =
      "check gemma-2b --offline --quant int4 --max-memory 2GB --max-download-time 3min --bandwidth 50Mbps";
    const { stdout, exitCode } = await runProgram(words.split(" "));
    expect(exitCode).toBe(1);
    expect(stdout).toBe(
      [
        "over budget: gemma-2b at int4 needs ~2.02 GB at 4096 tokens, ~18.0 MB over the 2 GB limit",
        "over budget: gemma-2b at int4 downloads in 3 min 46 s at 50 Mbps, 46 s over the 3 min limit",
        "2 limits: 2 exceeded",
        "",
      ].join("\n"),
    );
    const { report } = await runJson(words.split(" "));
    expect(report.verdicts).toMatchObject([
      { rule: "maxMemory", limit: 2e9, actual: 2_018_007_040, conditions: { context: 4096, device: null } },
      { rule: "maxDownloadTime", limit: 180, conditions: { bitsPerSecond: 50_000_000 } },
    ]);
    expect(report.models[0]?.memory).toMatchObject({ context: 4096, kvCacheBytes: 75_497_472 });
    const github = await runProgram(words.split(" "), { env: { GITHUB_ACTIONS: "true" } });
    expect(github.stderr).toMatch(/^::error title=.*::.*needs ~2\.02 GB at 4096 tokens/m);
  });
});

describe("limits of memory and time from a config file", () => {
  test("each budget is judged under its own conditions, a device may be one of the file", async () => {
    writeConfig({
      devices: [{ id: "kiosk", memory: "2.05GB" }],
      defaults: { bandwidth: "broadband" },
      budgets: [
        { model: "gemma-2b", quantization: "int4", context: 2048, maxMemory: "kiosk", why: "kiosks" },
        { model: "gemma-2b", quantization: "int8", context: "8k", maxMemory: "kiosk" },
        { model: "distilbert-sst2", quantization: "int8", maxDownloadTime: "6s" },
      ],
    });
    const { report, exitCode } = await runJson(["check", "--offline"]);
    expect(exitCode).toBe(1);
    expect(report.verdicts).toMatchObject([
      {
        reference: "gemma-2b",
        outcome: "passed",
        conditions: { context: 2048, device: "kiosk" },
        actual: 1_409_830_912 + 2048 * 18_432 + 532_678_656,
      },
      {
        quantization: "int8",
        outcome: "exceeded",
        conditions: { context: 8192 },
        actual: 2_508_179_456 + 8192 * 18_432 + 532_678_656,
      },
      { reference: "distilbert-sst2", outcome: "passed", conditions: { bitsPerSecond: 100_000_000 } },
    ]);
    expect(report.models.map(({ memory }) => memory?.context ?? null)).toEqual([2048, null]);
    const { stdout } = await runProgram(["check", "--offline"]);
    expect(stdout).toContain(
      "within budget: gemma-2b at int4 needs ~1.98 GB at 2048 tokens, within the 2.05 GB limit of kiosk (because kiosks)",
    );
  });

  // vLLM needs ~23.4 GB on both: the weights of fp16, and twice CUDA and NCCL.
  test("the share of each GPU that vLLM takes is an option like the others, in the file and as a flag", async () => {
    const share = (gpuMemoryUtilization: number, limits: object = {}) =>
      writeConfig({
        defaults: { maxMemory: "2x24GB", gpuMemoryUtilization },
        budgets: [{ model: "mistral-7b", quantization: "fp16", ...limits }],
      });
    const check = async (...flags: string[]) =>
      (await runJson(["check", "--offline", ...flags])).report.verdicts[0];
    share(0.3);
    expect(await check()).toMatchObject({ outcome: "exceeded", conditions: { gpuMemoryUtilization: 0.3 } });
    expect((await runProgram(["check", "--offline"])).stdout).toContain("at 4096 tokens on 30 % of each GPU");
    share(0.3, { gpuMemoryUtilization: 0.5 });
    expect(await check()).toMatchObject({ outcome: "passed", conditions: { gpuMemoryUtilization: 0.5 } });
    const words = "mistral-7b --quant fp16 --max-memory 2x24GB --gpu-memory-utilization".split(" ");
    expect([await check(...words, "0.3"), await check(...words, ".5")]).toMatchObject([
      { outcome: "exceeded" },
      { outcome: "passed" },
    ]);
    share(0.3, { train: "lora", quantization: undefined });
    expect(await check()).toMatchObject({
      outcome: "unknown",
      reason: expect.stringContaining("one device"),
    });
    writeConfig({ defaults: { maxMemory: "8GB", gpuMemoryUtilization: 0.5 } });
    const { exitCode, stderr } = await runProgram(["check", "gemma-2b", "--offline"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("gpuMemoryUtilization needs a maxMemory of GPUs");
  });

  test("a flag may name a device of the file", async () => {
    writeConfig({ devices: [{ id: "kiosk", memory: "2.05GB" }] });
    const { stdout, exitCode } = await runProgram(
      "check gemma-2b --offline --quant int4 --max-memory kiosk".split(" "),
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain("within the 2.05 GB limit of kiosk");
  });

  test("a file of devices alone is no gate", async () => {
    writeConfig({ devices: [{ id: "kiosk", memory: "2GB" }] });
    const { exitCode, stderr } = await runProgram(["check", "--offline"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/no limit is set/);
  });
});

describe("what is not known never passes", () => {
  const served = (id: string, config: Readonly<Record<string, unknown>>) => ({
    ...serveRealModel({ ...realModel("Qwen/Qwen2.5-0.5B-Instruct"), config }),
    id,
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["an unknown model type", { model_type: "novel", architectures: ["NovelModel"] }, /novel is not known/],
    ["a layer that is not known", { layer_types: ["retention"] }, /retention/],
    ["no heads", { num_key_value_heads: 0 }, /num_key_value_heads/],
  ])("%s ends with 3", async (_what, changes, reason) => {
    const { config } = realModel("Qwen/Qwen2.5-0.5B-Instruct");
    const hub = await startHub({ repositories: [served("acme/odd", { ...config, ...changes })] });
    const { stdout, exitCode } = await runProgram(["check", "acme/odd", "--max-memory", "1TB"], { hub });
    await hub.close();
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(
      /^unknown: acme\/odd as published cannot be checked against maxMemory \(1 TB\): its KV cache is not known/,
    );
    expect(stdout).toMatch(reason);
  });

  test("a config.json that cannot be read is not called missing", async () => {
    const { tensors } = realModel("Qwen/Qwen2.5-0.5B-Instruct");
    const files = {
      "config.json": { content: "{bad" },
      "model.safetensors": buildSafetensors(tensors.slice(0, 1)),
    };
    const hub = await startHub({ repositories: [{ id: "acme/bad", files }] });
    const { exitCode, stdout } = await runProgram(["check", "acme/bad", "--max-memory", "1TB"], { hub });
    await hub.close();
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/its KV cache is not known: config\.json cannot be read as JSON$/m);
  });

  test("an adapter is small only beside its base", async () => {
    const { config, tensors } = realModel("Qwen/Qwen2.5-0.5B-Instruct");
    const adapter = { peft_type: "LORA", r: 8, target_modules: ["q_proj"], base_model_name_or_path: "a/b" };
    const files = {
      "config.json": { content: JSON.stringify(config) },
      "adapter_config.json": { content: JSON.stringify(adapter) },
      "adapter_model.safetensors": buildSafetensors(tensors.slice(0, 1)),
    };
    const hub = await startHub({ repositories: [{ id: "acme/lora", files }] });
    const { exitCode, stdout } = await runProgram(["check", "acme/lora", "--max-memory", "1TB"], { hub });
    await hub.close();
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/it is an adapter, and its base model comes on top/);
  });

  test("nor does a model that was not found", async () => {
    const words = "check acme/none --offline --max-memory 8GB --max-download-time 1h --bandwidth 4g";
    const { report, exitCode } = await runJson(words.split(" "));
    expect(exitCode).toBe(3);
    expect(report.verdicts.map(({ outcome }) => outcome)).toEqual(["unknown", "unknown"]);
  });
});
