import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runJson, runProgram } from "../program.ts";

const FOUR = ["gemma-2b", "gemma-7b", "mistral-7b", "distilbert", "--offline"];
const ESCAPE = "\u001b";

describe("formats", () => {
  test("text", async () => {
    expect((await runProgram(FOUR)).stdout).toMatchInlineSnapshot(`
      "Model             Params  Class   On Hub     fp32     fp16     int8     int4
      google/gemma-2b    2.51B     2B  5.01 GB  10.0 GB  5.01 GB  2.51 GB  1.41 GB
      google/gemma-7b    8.54B     7B  17.1 GB  34.2 GB  17.1 GB  8.54 GB  4.80 GB
      mistralai/         7.24B     7B  14.5 GB  29.0 GB  14.5 GB  7.24 GB  4.07 GB
      Mistral-7B-v0.1
      distilbert/        67.0M    66M   268 MB   268 MB   134 MB  67.2 MB  37.8 MB
      distilbert-base-
      uncased
      "
    `);
  });

  test("markdown", async () => {
    expect((await runProgram([...FOUR, "--format", "markdown", "--quant", "fp16,int4"])).stdout)
      .toMatchInlineSnapshot(`
        "| Model | Params | Class | On Hub | fp16 | int4 |
        | --- | ---: | ---: | ---: | ---: | ---: |
        | google/gemma-2b | 2.51B | 2B | 5.01 GB | 5.01 GB | 1.41 GB |
        | google/gemma-7b | 8.54B | 7B | 17.1 GB | 17.1 GB | 4.80 GB |
        | mistralai/Mistral-7B-v0.1 | 7.24B | 7B | 14.5 GB | 14.5 GB | 4.07 GB |
        | distilbert/distilbert-base-uncased | 67.0M | 66M | 268 MB | 134 MB | 37.8 MB |
        "
      `);
  });

  test("csv", async () => {
    expect((await runProgram([...FOUR, "--format", "csv", "--quant", "int4"])).stdout).toMatchInlineSnapshot(`
      "reference,id,revision,source,evidence,parameters,active,stored,class,classBasis,publishedBytes,publishedBasis,int4Bytes,int4Basis,failure,message
      gemma-2b,google/gemma-2b,,catalog,headers,2506172416,2506172416,2506172416,2B,name,5012363872,published,1409830912,computed,,
      gemma-7b,google/gemma-7b,,catalog,headers,8537680896,8537680896,8537680896,7B,name,17075361792,computed,4802697216,computed,,
      mistral-7b,mistralai/Mistral-7B-v0.1,,catalog,headers,7241732096,7241732096,7241732096,7B,name,14483464192,computed,4073857024,computed,,
      distilbert,distilbert/distilbert-base-uncased,,catalog,headers,66985530,66985530,66985530,66M,count,267954768,published,37814868,computed,,
      "
    `);
  });

  test("--quant keeps the order asked, once each", async () => {
    const { report } = await runJson(["gemma-2b", "--offline", "--quant", "int4,fp16", "--quant", "INT4"]);
    expect(report.models[0]?.sizes.map(({ quantization }) => quantization)).toEqual(["int4", "fp16"]);
  });

  test("--units iec", async () => {
    const { stdout } = await runProgram(["gemma-7b", "--offline", "--units", "iec", "--quant", "fp16"]);
    expect(stdout).toMatch(/GiB +GiB\n.*15\.9 +15\.9/);
  });
});

describe("terminals", () => {
  test.each([
    ["a pipe", [], {}, undefined, false],
    ["a terminal", [], {}, 80, true],
    ["a terminal with NO_COLOR", [], { NO_COLOR: "1" }, 80, false],
    ["a terminal with an empty NO_COLOR", [], { NO_COLOR: "" }, 80, true],
    ["a dumb terminal", [], { TERM: "dumb" }, 80, false],
    ["a terminal with --no-color", ["--no-color"], { FORCE_COLOR: "1" }, 80, false],
    ["a pipe with FORCE_COLOR", [], { FORCE_COLOR: "1" }, undefined, true],
    ["FORCE_COLOR=0", [], { FORCE_COLOR: "0" }, 80, false],
    ["a pipe with --color", ["--color"], { NO_COLOR: "1" }, undefined, true],
  ] as const)("%s", async (_, words, env, terminal, colored) => {
    const { stdout } = await runProgram(["gemma-2b", "--offline", ...words], {
      env,
      ...(terminal !== undefined && { terminal }),
    });
    expect(stdout.includes(ESCAPE)).toBe(colored);
  });

  test.each([1, 2, 3, 4, 5])("%i models fit 80 columns", async (count) => {
    const models = [
      "distilbert-sst2",
      "Qwen/Qwen3-30B-A3B",
      "mixtral",
      "Phi-3-mini-128k-instruct",
      "bloom",
    ].slice(0, count);
    const { stdout } = await runProgram([...models, "--offline"]);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("a narrow terminal gets a block a model, nothing cut", async () => {
    const { stdout } = await runProgram(["gemma-2b", "--offline", "--no-color"], { terminal: 40 });
    expect(stdout).toContain("google/gemma-2b\n");
    expect(stdout).toMatch(/int4 +1\.41 GB/);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  test("progress is shown on a terminal and gone when done", async () => {
    const hub = await startHub({ repositories: [serveRealModel(realModel("google/gemma-2b-it"))] });
    const { stderr } = await runProgram(["google/gemma-2b-it"], { hub, terminal: 80 });
    await hub.close();
    expect(stderr).toContain("reading headers: 2 of 2 files");
    expect(stderr.endsWith(`\r${ESCAPE}[2K`)).toBe(true);
  });
});

describe("text of strangers", () => {
  test("control characters in names reach neither the terminal nor the JSON", async () => {
    const evil = "model\u001b[31m\u009b.safetensors";
    const hub = await startHub({
      repositories: [
        { id: "acme/evil", files: { [evil]: { content: "nonsense, not a header", lfs: true } } },
      ],
    });
    const { stdout, stderr, report } = await runJson(["acme/evil"], { hub });
    await hub.close();
    expect(report.failures).toMatchObject([{ code: "MALFORMED_WEIGHTS" }]);
    expect(`${stdout}${stderr}`).not.toContain("\u001b");
    expect(`${stdout}${stderr}`).not.toContain("\u009b");
  });
});

describe("names that are commands", () => {
  const EVIL = "::error::x ##[error]y\u001b]0;z\u0007\u009b\u202e=cmd|`<img>`";
  const tensors = buildSafetensors([
    [`model.${EVIL}.weight`, [4, 4], "F32"],
    [`::set-output name=${EVIL}`, [64], "F32"],
  ]);
  const files = {
    "config.json": { content: JSON.stringify({ model_type: EVIL, architectures: [EVIL] }) },
    "model.safetensors": tensors,
    [`${EVIL}.bin`]: { content: "x".repeat(100) },
    [`${EVIL}.gguf`]: { content: "x".repeat(100) },
  };
  let hub: StandInHub;
  beforeAll(async () => {
    hub = await startHub({
      repositories: [
        { id: "acme/evil", files },
        { id: "acme/broken", files: { [`${EVIL}.safetensors`]: { content: "nonsense", lfs: true } } },
      ],
    });
  });
  afterAll(() => hub.close());

  const models = ["acme/evil", "acme/broken"];
  const check = ["check", ...models, "--max-size", "1kB", "--max-active", "1B", "--quant", "Q4_K_M"];
  test.each<[readonly string[]]>([
    [models],
    [[...models, "--for", "gguf"]],
    [["acme/evil", "--for", "gguf"]],
    [["acme/evil", "--for", "gguf", "--format", "markdown"]],
    [[...models, "--format", "csv", "--for", "mlx"]],
    [[...models, "--format", "ndjson"]],
    [[...models, "--json"]],
    [["explain", "acme/evil"]],
    [["explain", "acme/evil", "--format", "markdown"]],
    [["explain", "acme/evil", "--json"]],
    [["fit", ...models, "--for", "gguf"]],
    [["reduce", "acme/evil"]],
    [["reduce", "acme/evil", "--format", "markdown"]],
    [["diff", "acme/evil", "acme/broken"]],
    [check],
    [[...check, "--reporter", "junit"]],
    [[...check, "--reporter", "markdown"]],
    [[...check, "--json"]],
  ])("%j", async (words) => {
    for (const terminal of [undefined, 40]) {
      const { stdout, stderr } = await runProgram(words, { hub, ...(terminal && { terminal }) });
      // eslint-disable-next-line no-control-regex -- chalk writes these
      const own = /\u001b\[\d{1,2}m|(?:\r\u001b\[2K)|\n/g; // colors, and the line of progress
      const text = `${stdout}\n${stderr}`;
      expect(text.replace(own, "")).not.toMatch(/[\p{Cc}\u202e]/u);
      for (const line of text.split("\n")) expect(line).not.toMatch(/^\s*::|##\[/);
    }
  });

  test.each([
    ["stdout", ["--reporter", "github"], {}] as const,
    ["stderr", [], { GITHUB_ACTIONS: "true" }] as const,
  ])("annotations on %s are the only commands", async (stream, words, env) => {
    const run = await runProgram([...check, ...words], { hub, env });
    const commands = `${run.stdout}\n${run.stderr}`.split("\n").filter((line) => /^\s*::|##\[/.test(line));
    expect(commands.map((line) => line.slice(0, 44))).toEqual([
      "::error title=budget unknown%3A acme/evil::a",
      "::error title=budget unknown%3A acme/broken:",
    ]);
    expect(run[stream]).toContain(commands[0]);
  });
});

describe("usage", () => {
  test.each([
    [["--nope"], /unknown option '--nope'/],
    [["gemma-2b", "--json", "--format", "csv"], /--json conflicts with --format csv/],
    [["gemma-2b", "--format", "xml"], /Allowed choices are text, markdown, html, csv, json/],
    [["gemma-2b", "--quant", "--json"], /value is missing/],
    [["gemma-2b", "--quant", "constructor"], /unknown quantization "constructor"/],
    [["gemma-2b", "--quant", "__proto__"], /unknown quantization "__proto__"/],
    [
      ["gemma-2b", "--quant", "int5"],
      /unknown quantization "int5"\n +hint: fp32, fp16, int8, int4, or one of an ecosystem/,
    ],
    [["gemma-2b", "list"], /"list" is a command and has to come first/],
    [["gemma-2b", "--endpoint", "ftp://x"], /not an http or https URL/],
    [["--json"], /no model was named/],
    [[""], /invalid model/],
    [[], /How big is that model/],
  ])("%j ends with 2", async (words, message) => {
    const { stderr, exitCode } = await runProgram(words);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });

  test.each([[["--help"]], [["-h"]], [["list", "--help"]]])("%j is help on stdout", async (words) => {
    const { stdout, stderr, exitCode } = await runProgram(words);
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^Usage: llm-size/);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
