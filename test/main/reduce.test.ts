import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reduce } from "../../src/index.ts";
import { TECHNIQUES, type Technique } from "../../src/contract/terms.ts";
import { reductionSchema } from "../../src/contract/reduction.ts";
import { writeGguf } from "../format/gguf/gguf-file.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runProgram, type RunOptions } from "../program.ts";

let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({
    repositories: [
      serveRealModel(realModel("openai-community/gpt2")),
      { ...serveRealModel(realModel("google/gemma-2b-it")), id: "acme/secret-2b", gated: "manual" },
      { id: "acme/bundle", files: { "model.task": { head: new Uint8Array(), size: 1_000_000 } } },
      {
        id: "acme/adapter",
        files: {
          "adapter_config.json": { content: JSON.stringify({ peft_type: "LORA", r: 4 }) },
          "adapter_model.safetensors": buildSafetensors([["m.lora_A.weight", [4, 10], "F32"]]),
        },
      },
    ],
  });
});
afterAll(() => hub.close());

async function run(line: string, options: RunOptions = {}) {
  const { stdout, ...rest } = await runProgram(["reduce", ...line.split(" "), "--json"], options);
  return { ...rest, report: reductionSchema.strict().parse(JSON.parse(stdout)) };
}

test("every technique has rows, each with its arithmetic and a limit, or the reason why not", async () => {
  const { report, exitCode } = await run("gemma-2b --offline");
  expect(exitCode).toBe(0);
  expect([...new Set(report.rows.map(({ technique }) => technique))]).toEqual(TECHNIQUES);
  for (const { parameters, arithmetic, caveat, reason, sizes } of report.rows) {
    if (reason === null) {
      expect(parameters).toBeGreaterThan(0);
      expect(arithmetic).toMatch(/\w/);
      expect(caveat).toMatch(/\.$/);
      expect(sizes.length).toBeGreaterThan(0);
    } else expect([parameters, sizes]).toEqual([null, []]);
  }
  expect(report.recipe).toBeNull();
});

test("the model's own sizes, and the family asked for", async () => {
  const { report } = await run("gemma-2b --offline --only quantization --quant int4 --for mediapipe");
  expect(report.rows.map(({ name, sizes }) => [name, sizes[0]?.bytes, sizes[0]?.basis])).toEqual([
    ["int4", 1_409_830_912, "computed"],
    ["mediapipe:int4", 1_346_389_611, "predicted"],
    ["mediapipe:int8", expect.any(Number), "predicted"],
  ]);
  expect(report.rows[0]?.sizes[0]?.shareOfModel).toBeCloseTo(1_409_830_912 / 5_012_363_872, 5);
});

test("a share has six digits of its own", async () => {
  const { report } = await run("gpt2 --offline --only lora --rank 1 --quant fp32");
  const [size] = report.rows[0]?.sizes ?? [];
  expect(size?.shareOfModel).toBe(Number(((size?.bytes ?? 0) / (124_439_808 * 4)).toPrecision(6)));
  expect(String(size?.shareOfModel)).toMatch(/^0\.000?[1-9]\d{5}$/);
});

test("ranks and tasks as asked for, once each", async () => {
  const { report } = await run("gemma-2b --offline --only lora --rank 4,32 --rank 4 --tasks 7");
  const names = report.rows.map(({ name }) => name);
  expect(names).toContain("rank 32, all-linear, DoRA");
  expect(names).toContain("7 tasks, rank 4 adapters");
  expect(names.filter((name) => name === "rank 4, all-linear")).toHaveLength(1);
  expect(names.join()).not.toContain("rank 8");
  const row = report.rows.find(({ name }) => name === "rank 32, default");
  expect(row).toMatchObject({
    tensors: 72,
    inputs: { rank: 32, targetModules: "q_proj,v_proj", matrices: 36, modulesToSave: "" },
  });
});

test("a real student, with its sizes and their ratio", async () => {
  const { report } = await run("bert --offline --only distillation --student distilbert --quant int8");
  expect(report.student?.id).toBe("distilbert/distilbert-base-uncased");
  expect(report.rows.at(-1)).toMatchObject({
    name: "distilbert/distilbert-base-uncased",
    parameters: 66_985_530,
    sizes: [{ quantization: "int8", bytes: 67_226_344, shareOfModel: 0.608425 }],
  });
});

test("a recipe: what is left after each step, over what is published", async () => {
  const { report, exitCode } = await run("gemma-2b --offline --apply prune:2:4,quant:int4");
  expect(exitCode).toBe(0);
  expect(report.rows).toEqual([]);
  expect(report.recipe?.text).toBe("prune:2:4,quant:int4");
  expect(report.recipe?.steps.map(({ name, parameters }) => [name, parameters])).toEqual([
    ["prune:2:4", 1_515_268_096],
    ["quant:int4", 1_515_268_096],
  ]);
  expect(report.recipe?.steps[1]?.sizes).toEqual([
    {
      quantization: "int4",
      bytes: 1_162_106_848,
      basis: "computed",
      errorBand: null,
      shareOfModel: Math.round((1e6 * 1_162_106_848) / 5_012_363_872) / 1e6,
      reason: null,
    },
  ]);
});

describe("text", () => {
  test("help fits 80 columns", async () => {
    const { stdout, exitCode } = await runProgram(["reduce", "--help"]);
    expect(exitCode).toBe(0);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test.each(["gemma-2b", "qwen3-30b", "llava", "albert", "t5", "gpt-oss"])(
    "%s: everything within 80 columns of a pipe",
    async (model) => {
      const { stdout, exitCode } = await runProgram(["reduce", model, "--offline"]);
      expect(exitCode).toBe(0);
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
      for (const title of ["Quantization", "LoRA adapters", "10 tasks, 10 models", "Pruning", "Sharing"])
        expect(stdout).toContain(title);
    },
  );

  test("a narrow terminal loses nothing", async () => {
    const line = ["reduce", "gemma-2b", "--offline", "--only", "pruning"];
    const { stdout } = await runProgram(line, { terminal: 40 });
    const wide = await runProgram(line, { terminal: 200 });
    const numbers = (text: string) => text.match(/\d+\.\d\d+ [MG]B/g)?.length;
    expect(numbers(stdout)).toBe(numbers(wide.stdout));
    expect(stdout).toContain("12288 of 16384 inner width");
  });

  test("what is not possible says why, and the rest is shown", async () => {
    const { stdout } = await runProgram(["reduce", "deepseek-v2-lite", "--offline", "--only", "pruning"]);
    expect(stdout).toContain("25 % of heads: not possible; heads of its attention are not known:");
    expect(stdout).toMatch(/^ {2}21 of 27 layers/m);
  });

  test("a whole recipe is a sentence", async () => {
    const { stdout } = await runProgram([
      "reduce",
      "gemma-2b",
      "--offline",
      "--apply",
      "prune:2:4,quant:int4",
    ]);
    expect(stdout).toMatch(
      /prune:2:4,quant:int4 leaves 1\.16 GB at int4, 23\.2 % of the original 5\.01 GB\.\n$/,
    );
  });

  test("a scheme at the end of a recipe has a column of its own", async () => {
    const line = ["reduce", "gemma-2b", "--offline", "--apply", "prune:50:dense,quant:Q4_K_M"];
    const { stdout } = await runProgram(line);
    expect(stdout).toMatch(
      /^quant:gguf:Q4_K_M\n {2}params +1\.52B\n {2}gguf:Q4_K_M +~1\.63 GB\n {2}% left +32\.5$/m,
    );
  });

  test("what a format cannot hold is `?`, and why", async () => {
    const { stdout } = await runProgram([
      "reduce",
      "gemma-2b",
      "--offline",
      "--only",
      "pruning",
      "--quant",
      "Q4_K_M",
    ]);
    expect(stdout).toMatch(/^ {2}2:4 with its metadata +1\.52B +\? +\?$/m);
    expect(stdout).toContain("gguf:Q4_K_M ?: gguf files cannot hold sparse weights");
  });
});

test("markdown has a heading and a table a technique", async () => {
  const { stdout } = await runProgram(["reduce", "gemma-2b", "--offline", "--format", "markdown"]);
  expect(stdout).toMatch(/^### google\/gemma-2b\n\n2\.51B parameters/);
  expect(stdout).toContain("|  | params | fp32 | fp16 | int8 | int4 | % left |\n| --- | ---: |");
  expect(stdout).toContain("| **Pruning** |");
  expect(stdout).toContain("\n| 6 of 8 heads |");
  expect(stdout).toContain("### Pruning\n\n- 50 % zeros, dense: ");
});

describe("refused before anything is asked: exit 2, nothing on stdout", () => {
  test.each([
    ["--apply shrink:2", /unknown step "shrink:2"/],
    ["--apply lora:8,prune:50", /pruning an adapter makes no sense/],
    ["--apply quant:int4,quant:int8", /quantizes once/],
    ["--apply prune:120", /whole number from 1 to 99/],
    ["--rank 0", /invalid rank/],
    ["--tasks 0", /from 1 to 9999/],
    ["--only magic", /Allowed choices/],
    ["--student --json", /value is missing/],
    ["--format csv", /Allowed choices/],
    ["--quant int3", /unknown quantization/],
    ["--only pruning --rank 8", /a rank needs the technique lora/],
    ["--only pruning --tasks 8", /a number of tasks needs the technique lora/],
    ["--only pruning --student bert", /a student needs the technique distillation/],
    ["--apply quant:int4 --student bert", /a student needs the technique distillation/],
    ["--only lora --for mlx", /a family of quantizations needs the technique quantization/],
  ])("%s", async (flags, message) => {
    const { exitCode, stderr } = await runProgram(["reduce", "gemma-2b", ...flags.split(" ")]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });

  test("two models", async () => {
    expect((await runProgram(["reduce", "gemma-2b", "bert"])).exitCode).toBe(2);
  });
});

describe("refused by the model: exit 3, one JSON document, the reason in it", () => {
  test.each([
    ["gemma-2b", "lora:300:attention", /rank 300 is above the matrix/],
    ["gemma-2b", "share:layers:5", /5 groups do not divide the 18 layers/],
    ["albert", "distill:half-layers", /faster, not smaller/],
    ["llama-2-7b", "prune:50,quant:Q4_K_M", /cannot hold sparse weights/],
  ])("%s, %s", async (model, recipe, message) => {
    const { report, exitCode, stderr } = await run(`${model} --offline --apply ${recipe}`);
    expect(exitCode).toBe(3);
    expect(report.recipe?.steps.at(-1)?.reason).toMatch(message);
    expect(report.failures).toMatchObject([
      { code: "RECIPE_REFUSED", message: expect.stringMatching(message) },
    ]);
    expect(stderr).toMatch(message);
  });

  test("an adapter has nothing to reduce but its bits", async () => {
    const { report, exitCode } = await run("acme/adapter", { hub });
    expect(exitCode).toBe(0);
    const others = report.rows.filter(({ technique }) => technique !== "quantization");
    expect(others).toHaveLength(TECHNIQUES.length - 1);
    for (const { reason } of others) expect(reason).toMatch(/^it is an adapter/);
    const applied = await run("acme/adapter --apply prune:50", { hub });
    expect(applied.exitCode).toBe(3);
    expect(applied.report.failures[0]?.message).toBe(
      "acme/adapter cannot be reduced by prune:50:bitmask: it is an adapter; reduce its base model instead",
    );
  });

  test.each([
    ["acme/adapter --only pruning", "pruning", /^pruning does not apply to acme\/adapter: it is an adapter/],
    ["openai-community/gpt2 --only lora --rank 800", "rank 800, default", /rank 800 is above the matrix/],
    ["openai-community/gpt2 --rank 800", "rank 800, default", /rank 800 is above the matrix/],
  ])("nothing left of what was asked for: %s", async (line, name, message) => {
    const { report, exitCode } = await run(line, { hub });
    expect(exitCode).toBe(3);
    expect(report.rows.find(({ reason }) => reason !== null)?.name).toBe(name);
    expect(report.failures).toMatchObject([
      { code: "REDUCTION_REFUSED", message: expect.stringMatching(message) },
    ]);
  });

  test("of a gated model only the total is known: sizes, and no shapes to reduce", async () => {
    const { report, exitCode } = await run("acme/secret-2b", { hub });
    expect(exitCode).toBe(0);
    expect(report.rows[0]).toMatchObject({
      name: "fp32",
      sizes: [{ bytes: 10_024_689_664, basis: "predicted" }],
    });
    for (const { technique, reason } of report.rows)
      if (technique !== "quantization") expect(reason).toBe("the shapes of its weights are not known");
  });
});

test("of a format that cannot be read, nothing is known but why", async () => {
  const { report, exitCode } = await run("acme/bundle", { hub });
  expect(exitCode).toBe(0);
  for (const { sizes, reason } of report.rows) {
    expect(sizes).toEqual([]);
    expect(reason).toMatch(/not known$/);
  }
});

test("a GGUF without an output matrix multiplies with the embedding", async () => {
  const { header, bytes } = writeGguf({
    metadata: { "general.architecture": "llama", "llama.block_count": 1 },
    tensors: [
      { name: "token_embd.weight", shape: [512, 256], type: "F16" },
      { name: "blk.0.attn_q.weight", shape: [256, 256], type: "F16" },
    ],
  });
  hub.addRepository({ id: "acme/gguf", files: { "acme-F16.gguf": { head: header, size: bytes } } });
  const { report } = await run("acme/gguf --only sharing", { hub });
  expect(report.rows[0]).toMatchObject({
    name: "embedding tied (today)",
    inputs: { savedParameters: 512 * 256 },
  });
});

test("a model from the Hub is reduced by its real headers", async () => {
  const { report } = await run("openai-community/gpt2 --only lora --rank 8", { hub });
  expect(report.model?.source).toBe("hub");
  expect(report.rows[0]).toMatchObject({ name: "rank 8, default", parameters: 294_912, tensors: 24 });
});

test.each([
  ["acme/none", "gemma-2b", true],
  ["gemma-2b", "acme/none", false],
])("%s with student %s: what failed is told, the rest is there", async (model, student, isNull) => {
  const { report, exitCode } = await run(`${model} --offline --student ${student} --only distillation`);
  expect(exitCode).toBe(3);
  expect(report.model === null).toBe(isNull);
  expect(report.failures).toMatchObject([{ reference: "acme/none", code: "NOT_AVAILABLE_OFFLINE" }]);
});

test("the library: the same report", async () => {
  const { report } = await run("gemma-2b --offline --only sharing --quant int4");
  expect(
    await reduce("gemma-2b", { offline: true, techniques: ["sharing"], quantizations: ["int4"] }),
  ).toEqual(report);
  const whole = await run("gemma-2b --offline --only quantization --for mediapipe --head-bits 4");
  const family = ["mediapipe:int4", "mediapipe:int8"];
  expect(
    await reduce("gemma-2b", {
      offline: true,
      techniques: ["quantization"],
      extraQuantizations: family,
      scheme: { headBits: 4 },
    }),
  ).toEqual(whole.report);
  await expect(reduce("gemma-2b", { offline: true, recipe: "nonsense" })).rejects.toMatchObject({
    code: "USAGE",
  });
  const techniques = ["foo"] as unknown as readonly Technique[];
  await expect(reduce("gemma-2b", { offline: true, techniques })).rejects.toMatchObject({ code: "USAGE" });
  await expect(reduce("gemma-2b", { offline: true, tasks: 0.5 })).rejects.toMatchObject({ code: "USAGE" });
});
