import { describe, expect, test } from "vitest";
import { runJson, runProgram } from "../program.ts";

describe("llm-size fit", () => {
  test("memory is weights, cache and an estimate of the rest", async () => {
    const { report } = await runJson(["fit", "gemma-2b", "--offline", "--context", "8k", "--quant", "int4"]);
    const memory = report.models[0]?.memory;
    // 18 layers, one head of 256 for keys and one for values, 2 bytes each: 18,432 bytes a token.
    expect(memory).toMatchObject({ context: 8192, cacheBytesPerToken: 18_432, cacheBytes: 8192 * 18_432 });
    const [weights] = memory?.weights ?? [];
    expect(weights?.totalBytes).toBe(1_409_830_912 + 8192 * 18_432 + (memory?.overheadBytes ?? 0));
  });

  test.each([
    ["gemma-2b", "1GB", "exceeds"],
    ["gemma-2b", "2.3GB", "fits"],
    ["gemma-2b", "2.05GB", "tight"],
    ["distilbert-sst2", "200MB", "fits"],
  ])("%s at int4 in %s %s", async (model, memory, outcome) => {
    const { report } = await runJson(["fit", model, "--offline", "--memory", memory, "--quant", "int4"]);
    expect(report.models[0]?.memory?.fits).toMatchObject([{ device: memory, outcome }]);
  });

  test("the longest context is what is left of the memory, at most what the model was made for", async () => {
    const longest = async (memory: string) =>
      (await runJson(["fit", "mistral-7b", "--offline", "--memory", memory, "--quant", "int4"])).report
        .models[0]?.memory?.weights[0]?.maxContext;
    expect(await longest("4GB")).toBe(0);
    expect(await longest("80GB")).toBe(32_768);
    const some = (await longest("4.4GB")) ?? 0;
    expect(some).toBeGreaterThan(0);
    expect(some).toBeLessThan(4096);
  });

  test("download time is bits over bandwidth", async () => {
    const { report } = await runJson([
      "fit",
      "gemma-2b",
      "--offline",
      "--bandwidth",
      "80Mbps",
      "--quant",
      "int4",
    ]);
    expect(report.models[0]?.memory?.weights[0]?.downloadSeconds).toBeCloseTo(140.98, 2);
  });

  test("the table fits 80 columns, a block a model", async () => {
    const { stdout } = await runProgram(["fit", "gemma-2b", "distilbert-sst2", "--offline"]);
    expect(stdout).toMatch(/^google\/gemma-2b\n4096 tokens: cache 75\.5 MB in bf16, other ~528 MB\n/);
    expect(stdout).toMatch(/^int4 +1\.41 +~2\.01 +fits/m);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("without --context nothing is planned elsewhere", async () => {
    expect((await runJson(["gemma-2b", "--offline"])).report.models[0]?.memory).toBeNull();
  });

  test.each([
    ["--device toaster", /no known device/],
    ["--context 0", /8192, 8k or 1m/],
    ["--context 9999999k", /8192, 8k or 1m/],
    ["--batch 0", /whole number/],
    ["--memory 8", /unit is missing/],
    ["--bandwidth fast", /no speed/],
    ["--kv-dtype int3", /Allowed choices/],
  ])("%s is refused", async (flags, message) => {
    const { exitCode, stderr } = await runProgram(["fit", "gemma-2b", ...flags.split(" ")]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});
