import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import { runJson, runProgram } from "../program.ts";

const home = process.cwd();
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llm-size-fit-"));
  process.chdir(folder);
});
afterEach(() => process.chdir(home));

const writeConfig = (value: unknown, name = "llm-size.config.json") =>
  writeFileSync(join(folder, name), JSON.stringify(value));

const memoryOf = async (words: string, options = {}) => {
  const { report } = await runJson(words.split(" "), options);
  return report.models[0]?.memory ?? null;
};

const DISTILBERT = realModel("distilbert/distilbert-base-uncased-finetuned-sst-2-english");

describe("llm-size fit", () => {
  test("memory is weights, cache and an estimate of the rest", async () => {
    const memory = await memoryOf("fit gemma-2b --offline --context 8k --quant int4");
    // 18 layers, one head of 256 for keys and one for values, 2 bytes each: 18,432 bytes a token.
    expect(memory).toMatchObject({
      context: 8192,
      layout: "optimized",
      modelContext: 8192,
      kvCacheBytesPerToken: 18_432,
      kvCacheBytes: 8192 * 18_432,
    });
    const [weights] = memory?.weights ?? [];
    expect(weights?.totalBytes).toBe(1_409_830_912 + 8192 * 18_432 + (memory?.overheadBytes ?? 0));
  });

  test.each([
    ["gemma-2b", "1GB", "exceeds"],
    ["gemma-2b", "2.3GB", "fits"],
    ["gemma-2b", "2.05GB", "fits"],
    ["distilbert-sst2", "200MB", "fits"],
  ])("%s at int4 in %s %s", async (model, size, outcome) => {
    const memory = await memoryOf(`fit ${model} --offline --memory ${size} --quant int4`);
    expect(memory?.fits).toMatchObject([{ device: size, outcome }]);
    expect(memory?.devices).toMatchObject([{ id: size, kind: "own", source: null }]);
  });

  test("the longest context is what is left of the memory, at most what the model was made for", async () => {
    const longest = async (size: string) =>
      (await memoryOf(`fit mistral-7b --offline --memory ${size} --quant int4`))?.weights[0]?.maxContext;
    expect(await longest("4GB")).toBe(0);
    expect(await longest("80GB")).toBe(32_768);
    const some = (await longest("4.4GB")) ?? 0;
    expect(some).toBeGreaterThan(0);
    expect(some).toBeLessThan(4096);
  });

  test("one answer for each device comes first, also that none fits", async () => {
    const words = "fit gemma-7b --offline --context 8k --device iphone-16,mac-16gb,wasm32";
    expect((await memoryOf(words))?.recommendations).toMatchObject([
      { device: "iphone-16", quantization: null, outcome: "exceeds", maxContext: null },
      { device: "mac-16gb", quantization: "int4", outcome: "fits", better: { quantization: "int8" } },
      { device: "wasm32", quantization: null, outcome: "exceeds", better: { quantization: "int4" } },
    ]);
    const { stdout } = await runProgram(words.replace("8k", "5k").split(" "));
    expect(stdout).toMatch(/^mac-16gb +int8 +~11\.4 GB +5k +fp16: 8\.51 GB more +int4 \(8k\)$/m);
    expect(stdout).toMatch(/^wasm32 +none fits +int4: 3\.39 GB more$/m);
    expect(stdout).toContain("32-bit\n  address space (wasm32)");
  });

  test("a long table is printed on request, and always in other formats", async () => {
    const words = "fit mistral-7b --offline --for gguf --memory 8GB".split(" ");
    const { stdout } = await runProgram(words);
    expect(stdout).toMatch(/^8GB +Q6_K_L +~6\.67 GB +13k +Q8_0: 359 MB more +Q6_K \(14k\)$/m);
    expect(stdout).toMatch(/^--all lists all 3\d quantizations$/m);
    expect(stdout).not.toContain("TQ1_0");
    expect((await runProgram([...words, "--all"])).stdout).toMatch(/^TQ1_0 /m);
    expect((await runProgram([...words, "--format", "markdown"])).stdout).toContain("| TQ1_0 |");
  });

  test("without a bandwidth it is the connections people know, each with its source", async () => {
    const memory = await memoryOf("fit gemma-2b --offline --quant int4");
    expect(memory?.connections).toMatchObject([
      { id: "4g", bitsPerSecond: 10_000_000, source: expect.stringMatching(/^https:/) },
      { id: "broadband", bitsPerSecond: 100_000_000, source: expect.stringMatching(/^https:/) },
    ]);
    const times = memory?.downloads.map(({ weightsSeconds }) => weightsSeconds);
    expect(times).toEqual([1_127.8647296, 112.78647296]);
    expect(memory?.weights[0]?.downloadSeconds).toBe(1_127.8647296);
  });

  test("of a repository, the time of all that is fetched is known, too", async () => {
    const hub = await startHub({ repositories: [serveRealModel(DISTILBERT)] });
    const words = `fit ${DISTILBERT.id} --bandwidth 80Mbps --quant`;
    const memory = await memoryOf(`${words} int8,Q8_0`, { hub });
    const { stdout } = await runProgram([...words.split(" "), "int8"], { hub });
    await hub.close();
    const [int8, gguf] = memory?.weights ?? [];
    // The tokenizer alone has 9 MB; a GGUF file holds its own.
    expect((int8?.fetchBytes ?? 0) - (int8?.bytes ?? 0)).toBeGreaterThan(9_085_657);
    expect(gguf?.fetchBytes).toBe(gguf?.bytes);
    expect(memory?.downloads[0]?.fetchSeconds).toBe((int8?.fetchBytes ?? 0) / 10_000_000);
    expect(stdout).toMatch(/^plus tokenizer and config: 9\.09 MB, 0\.9 s at 80Mbps$/m);
  });

  test("an overhead that is a share of the weights is said as a range", async () => {
    const model = realModel("Qwen/Qwen2.5-0.5B-Instruct");
    const { vocab_size: _, ...config } = model.config;
    const hub = await startHub({ repositories: [serveRealModel({ ...model, config })] });
    const { stdout } = await runProgram(["fit", model.id, "--quant", "fp32,int4", "--memory", "8GB"], {
      hub,
    });
    await hub.close();
    expect(stdout).toMatch(/\(bf16\), overhead ~13\.9 MB to 98\.8 MB$/m);
  });

  test("the table fits 80 columns, a block a model", async () => {
    const { stdout } = await runProgram(["fit", "gemma-2b", "distilbert-sst2", "--offline"]);
    expect(stdout).toMatch(/^google\/gemma-2b\n4096 tokens: KV cache 75\.5 MB \(bf16\), overhead ~533 MB\n/);
    expect(stdout).toMatch(/^int4 +1\.41 +~2\.02 +fits +fits +fits +18 min 48 s +1 min 53 s$/m);
    expect(stdout).toMatch(/^4096 tokens \(the model supports 512\): no KV cache, overhead ~12\.6 MB/m);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("in Markdown, a heading, a table and a list", async () => {
    const words =
      "fit gemma-2b --offline --memory 2.5GB --bandwidth 50Mbps --quant int8,int4 --format markdown";
    expect((await runProgram(words.split(" "))).stdout).toMatchInlineSnapshot(`
      "### google/gemma-2b

      4096 tokens: KV cache 75.5 MB (bf16), overhead ~533 MB

      |  | take | needs | tokens | next better | next safer |
      | --- | --- | ---: | ---: | --- | --- |
      | 2.5GB | int4 | ~2.02 GB | 8k | int8: 616 MB more |  |

      - limits: memory given (2.5GB)

      |  | weights (GB) | memory (GB) | 2.5GB | longest (tokens) | download (at 50 Mbps) |
      | --- | ---: | ---: | ---: | ---: | ---: |
      | int8 | 2.51 | ~3.12 | exceeds | 0 | 6 min 41 s |
      | int4 | 1.41 | ~2.02 | fits | 8k | 3 min 46 s |
      "
    `);
  });

  test("a model type that is not known is unknown, not small", async () => {
    const config = { ...DISTILBERT.config, model_type: "novel", architectures: ["NovelModel"] };
    const repository = { ...serveRealModel({ ...DISTILBERT, config }), id: "acme/novel" };
    const hub = await startHub({ repositories: [repository] });
    const { stdout } = await runProgram(["fit", "acme/novel", "--memory", "80GB", "--quant", "int8"], {
      hub,
    });
    await hub.close();
    expect(stdout).toContain("KV cache unknown: the model type novel is not known");
    expect(stdout).toMatch(/^int8 +67\.2 +\? +unknown /m);
    expect(stdout).toMatch(/^80GB +\?$/m);
  });
});

describe("devices of the config file", () => {
  const devices = [
    { id: "kiosk", memory: "4GB", source: "its label", date: "2026-11" },
    { id: "tab", buffer: "300MB" },
  ];

  test("are named as the built-in ones, in files that need no budgets", async () => {
    writeConfig({ devices });
    const memory = await memoryOf("fit gemma-2b --offline --device kiosk,tab,iphone-16 --quant int4");
    expect(memory?.fits).toMatchObject([
      { device: "kiosk", outcome: "fits", limitName: "memory" },
      { device: "tab", outcome: "fits", limitName: "largest buffer" },
      { device: "iphone-16", outcome: "fits" },
    ]);
    expect(memory?.devices[0]).toMatchObject({ source: "its label", date: "2026-11", limitBytes: 4e9 });
    const all = await memoryOf("fit gemma-2b --offline --device all --quant int4");
    expect(all?.devices.map(({ id }) => id)).toEqual(expect.arrayContaining(["h200", "kiosk", "tab"]));
  });

  test("or in a file that is named", async () => {
    writeConfig({ devices }, "other.json");
    const words = "fit gemma-2b --offline --device kiosk --config other.json --quant int4";
    expect((await memoryOf(words))?.fits).toMatchObject([{ device: "kiosk" }]);
  });

  test("a file that is wrong does not matter to a device of the table", async () => {
    writeConfig({ devices: [{ id: "kiosk" }] });
    expect((await runProgram(["fit", "gemma-2b", "--offline", "--device", "iphone-16"])).exitCode).toBe(0);
    const { exitCode, stderr } = await runProgram(["fit", "gemma-2b", "--device", "kiosk"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/llm-size\.config\.json: devices\[0\]: needs exactly one limit/);
  });

  test("a misspelled one is guessed", async () => {
    writeConfig({ devices });
    const { stderr } = await runProgram(["fit", "gemma-2b", "--device", "kiosks"]);
    expect(stderr).toMatch(/unknown device "kiosks"\n +hint: did you mean kiosk\?/);
  });
});

describe("without the command", () => {
  test("a context adds the memory to the JSON, and a column for the cache", async () => {
    expect(await memoryOf("gemma-2b --offline")).toBeNull();
    expect(await memoryOf("gemma-2b --offline --context 8k --kv-dtype fp8")).toMatchObject({
      context: 8192,
      kvDtype: "fp8",
      kvCacheBytes: 4096 * 18_432,
      fits: [],
      downloads: [],
      weights: [{ quantization: "fp32" }, {}, {}, { quantization: "int4", maxContext: null }],
    });
    const { stdout } = await runProgram(["gemma-2b", "--offline", "--context", "8k"]);
    expect(stdout).toMatch(/KV 8k\n.* MB\n.* 151$/m);
    const csv = await runProgram(["gemma-2b", "--offline", "--context", "8k", "--format", "csv"]);
    expect(csv.stdout).toMatch(
      /,int4Bytes,int4Basis,kvCacheBytes,context,failure,message\n.*,150994944,8192,,\n$/,
    );
    const uneven = await runProgram(["gemma-2b", "--offline", "--context", "5000"]);
    expect(uneven.stdout).toMatch(/KV 5000\n/);
  });
});

test("a list that is resumed at another context is planned anew", async () => {
  const run = (...words: string[]) =>
    runProgram(["gemma-2b", "--offline", "--resume", "results.ndjson", ...words]);
  const lines = () => readFileSync(join(folder, "results.ndjson"), "utf8").trim().split("\n").length;
  const counts: number[] = [];
  for (const words of [[], ["--context", "8k"], ["--context", "8k"], ["--context", "4k"], []]) {
    await run(...words);
    counts.push(lines());
  }
  expect(counts).toEqual([1, 2, 2, 3, 3]);
});

test.each([
  ["--device toaster", /unknown device "toaster"\n +hint: the devices are iphone-15, .*devices/],
  ["--device rtx-3060", /hint: did you mean rtx-3060-8gb or rtx-3060-12gb\?/],
  ["--device --json", /A value is missing/],
  ["--memory -8GB", /invalid size "-8GB": it has to be above zero/],
  ["--context 0", /8192, 8k or 1m/],
  ["--context 9999999k", /8192, 8k or 1m/],
  ["--batch 0", /whole number/],
  ["--memory 8", /unit is missing/],
  ["--memory 0GB", /above zero/],
  ["--bandwidth fast", /invalid speed "fast"/],
  ["--bandwidth 4g,", /invalid speed ""/],
  ["--kv-dtype int3", /Allowed choices/],
  ["--layout half", /Allowed choices/],
  ["--device kiosk --config none.json", /none\.json/],
  ["--gpus 0x24GB", /^error: "0x24GB" means 0 GPUs$/m],
  ["--gpus 2x24GB --gpu-memory-utilization 1.5", /a share above 0 and up to 1/],
  ["--gpu-memory-utilization 0.8", /comes with --gpus/],
  ["--gpus 2x24GB --max-model-len 8k", /^ +hint: use --context$/m],
])("llm-size fit %s is refused", async (flags, message) => {
  const { exitCode, stderr } = await runProgram(["fit", "gemma-2b", ...flags.split(" ")]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(message);
});

describe("on several GPUs", () => {
  test("one answer with the GPUs alone and one with RAM, and the command that runs each", async () => {
    const words = "fit qwen3-30b --offline --gpus 2x16GB --ram 64GB --context 32k --quant Q6_K,Q8_0,F16";
    const memory = await memoryOf(words);
    expect(memory?.recommendations).toMatchObject([
      { device: "2x16GB", quantization: "gguf:Q6_K", better: { quantization: "gguf:Q8_0" } },
      { device: "2x16GB+64GB-ram", quantization: "gguf:F16", better: null },
    ]);
    const { stdout } = await runProgram(words.split(" "));
    expect(stdout).toMatch(/^2x16GB, llama.cpp: 25 \+ 24 layers, ~14\.\d GB \+ ~13\.\d GB; RAM ~\d+ MB$/m);
    expect(stdout).toContain(
      "  llama-server -m Qwen3-30B-A3B-Q6_K.gguf --ctx-size 32768 --parallel 1 --n-gpu-layers 49\n",
    );
    expect(stdout).toMatch(/ -ot 'blk\\\.\([\d|]+\)\\\.ffn_\(up\|down\|gate\|gate_up\)_\(ch\|\)exps=CPU'$/m);
  });

  test("vLLM runs the checkpoint itself, with as many sequences as there is room for", async () => {
    const words = "fit qwen3-30b --offline --gpus 4xrtx-4090 --context 32k --quant fp16";
    const [placement] = (await memoryOf(words))?.placements ?? [];
    expect(placement).toMatchObject({ engine: "vllm", outcome: "fits" });
    expect(placement?.gpus).toHaveLength(4);
    expect(placement?.maxSequences).toBeGreaterThan(1);
    expect(placement?.commands).toEqual([
      "vllm serve Qwen/Qwen3-30B-A3B --tensor-parallel-size 4 --gpu-memory-utilization 0.9 --max-model-len 32768",
    ]);
    const [more] = (await memoryOf(`${words} --gpu-memory-utilization .95 --batch 2`))?.placements ?? [];
    expect(more?.maxSequences).toBeGreaterThan(placement?.maxSequences ?? 0);
    expect(more?.commands[0]).toMatch(/-utilization 0\.95 --max-model-len 32768 --max-num-seqs 2$/);
  });

  test("vLLM uses as many GPUs as divide the heads", async () => {
    const { stdout } = await runProgram("fit mistral-7b --offline --gpus 3x24GB --quant fp16".split(" "));
    expect(stdout).toMatch(/^3x24GB, vllm: 2 × .*; on 2 of 3 GPUs, as 3 do not\s+divide the heads$/m);
  });

  test("without --quant: what the engines load", async () => {
    const names = (await memoryOf("fit mistral-7b --offline --gpus 24GB"))?.weights.map(
      (row) => row.quantization,
    );
    expect(names?.slice(0, 2)).toEqual(["fp16", "gguf:F32"]);
  });

  test.each([
    ["2x24GB", "passed", 0],
    ["2x3GB", "exceeded", 1],
    ["2x3GB+16GB-ram", "passed", 0],
  ])("check --max-memory %s: %s", async (machine, outcome, exitCode) => {
    const words = `check mistral-7b --offline --quant Q8_0 --max-memory ${machine}`;
    const { report, exitCode: code } = await runJson(words.split(" "));
    expect(report.verdicts).toMatchObject([{ rule: "maxMemory", outcome, conditions: { device: machine } }]);
    expect(code).toBe(exitCode);
  });

  test("a level that no engine loads is unknown, not passed", async () => {
    const { report } = await runJson(
      "check mistral-7b --offline --quant int4 --max-memory 2x24GB".split(" "),
    );
    expect(report.verdicts).toMatchObject([{ outcome: "unknown", reason: expect.stringContaining("split") }]);
  });
});

test("a draft model is added in the same quantization", async () => {
  const words = "fit qwen2.5-14b --offline --quant Q4_K_M --memory 16GB --draft qwen2.5-0.5b";
  const alone = await memoryOf(words.replace(/ --draft .*/, ""));
  const memory = await memoryOf(words);
  const [row] = memory?.weights ?? [];
  expect(memory?.draft).toBe("Qwen/Qwen2.5-0.5B");
  expect(row?.draftBytes).toBeGreaterThan(390e6);
  expect(row?.totalBytes).toBe((alone?.weights[0]?.totalBytes ?? 0) + (row?.draftBytes ?? 0));
  const gpus = await memoryOf(words.replace("--memory 16GB", "--gpus 2x8GB"));
  expect(gpus?.placements[0]?.commands).toEqual([
    "llama-server -m Qwen2.5-14B-Q4_K_M.gguf -md Qwen2.5-0.5B-Q4_K_M.gguf --ctx-size 4096 --parallel 1 --n-gpu-layers 49",
  ]);
});

test("a draft model that cannot be measured is an error of its own", async () => {
  const run = await runProgram("fit gemma-2b --offline --draft no/such-model".split(" "));
  expect(run).toMatchObject({ exitCode: 3, stdout: "" });
  expect(run.stderr).toContain("no/such-model");
});

describe("training", () => {
  test("without checkpointing and with it, each on every device", async () => {
    const words = "fit qwen2.5-0.5b --offline --train lora --context 2k --memory 8GB --bandwidth 4g";
    const training = (await memoryOf(words))?.training;
    expect(training).toMatchObject({ mode: "lora", rank: 16, trainedParameters: 8_798_208, reason: null });
    expect(training?.fits.map(({ outcome }) => outcome)).toEqual(["exceeds", "fits"]);
    const { stdout } = await runProgram(words.split(" "));
    expect(stdout).toContain(
      "training LoRA of rank 16 (8.80M parameters) with adamw in bf16, 1 × 2048 tokens",
    );
    expect(stdout).toMatch(/^checkpointing +/m);
  });

  test("an encoder is unknown, with the reason", async () => {
    const memory = await memoryOf("fit distilbert-sst2 --offline --train full");
    expect(memory?.training).toMatchObject({ runs: [], reason: expect.stringContaining("every layer") });
  });

  test.each([
    ["--rank 8", "come with --train"],
    ["--train full --rank 8", "--rank comes with"],
    ["--train lora --quant Q4_K_M", "one --quant"],
    ["--train lora --gpus 2x24GB", "for one device"],
  ])("%s is refused", async (words, message) => {
    const { stderr, exitCode } = await runProgram(`fit gemma-2b --offline ${words}`.split(" "));
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  test.each([
    ["--max-memory 2GB", "exceeded"],
    ["--max-memory 8GB", "passed"],
    ["--max-memory 3GB --checkpointing", "passed"],
    ["--max-memory 1GB --checkpointing", "exceeded"],
  ])("check --train lora %s: %s", async (words, outcome) => {
    const { report } = await runJson(
      `check qwen2.5-0.5b --offline --train lora --context 512 ${words}`.split(" "),
    );
    expect(report.verdicts).toMatchObject([{ rule: "maxMemory", outcome }]);
  });

  test("check adds a draft model, and never passes without it", async () => {
    const check = async (words: string) => {
      const { report } = await runJson(`check qwen2.5-14b --offline --quant Q4_K_M ${words}`.split(" "));
      return report.verdicts[0];
    };
    const alone = await check("--max-memory 16GB");
    const drafted = await check("--max-memory 16GB --draft qwen2.5-0.5b");
    expect(drafted).toMatchObject({ outcome: "passed", conditions: { draft: "qwen2.5-0.5b" } });
    expect(drafted?.actual).toBeGreaterThan(alone?.actual ?? Infinity);
    expect(await check("--max-memory 16GB --draft no/such-model")).toMatchObject({ outcome: "unknown" });
  });
});
