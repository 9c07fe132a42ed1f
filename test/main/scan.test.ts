import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { scanSchema } from "../../src/contract/scan.ts";
import type { ScanReport } from "../../src/contract/types.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runJson, runProgram, type RunOptions } from "../program.ts";

const WORKED = fileURLToPath(new URL("../../fixtures/scan/worked", import.meta.url));
const home = process.cwd();
let folder = "";
let hub: StandInHub;

const weights = buildSafetensors([["layer.weight", [100, 10], "F32"]]);

const zeros = (size: number) => ({ head: new Uint8Array(), size });
const config = { content: JSON.stringify({ architectures: ["BertModel"], model_type: "bert" }) };
const onnx = (id: string, unit: number) => ({
  id,
  files: {
    "config.json": config,
    "tokenizer.json": zeros(unit),
    "onnx/model.onnx": zeros(40 * unit),
    "onnx/model_fp16.onnx": zeros(20 * unit),
    "onnx/model_quantized.onnx": zeros(10 * unit),
  },
});

beforeAll(async () => {
  hub = await startHub({
    repositories: [
      onnx("Xenova/small-bert", 1000),
      onnx("Xenova/large-bert", 4000),
      {
        id: "BAAI/bge-m3",
        files: { "config.json": config, "tokenizer.json": zeros(700), "model.safetensors": weights },
      },
    ],
  });
});
afterAll(() => hub.close());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llm-size-scan-"));
  process.chdir(folder);
});
afterEach(() => process.chdir(home));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

async function scan(words: readonly string[] = [], options: RunOptions = { hub }) {
  const run = await runProgram(["scan", ...words, "--json"], options);
  const report: ScanReport = scanSchema.strict().parse(JSON.parse(run.stdout));
  return { ...run, report };
}

const pipeline = (id: string, dtype: string) => `pipeline("fill-mask", "${id}", { dtype: "${dtype}" });\n`;

describe("scan", () => {
  test("measures a model as the code loads it", async () => {
    write({
      "a.js": pipeline("Xenova/small-bert", "q8") + pipeline("Xenova/small-bert", "fp16"),
      "b.py": 'AutoModel.from_pretrained("BAAI/bge-m3")\n',
      "c.py": 'AutoTokenizer.from_pretrained("BAAI/bge-m3")\n',
    });
    const { report, exitCode } = await scan();
    expect(exitCode).toBe(0);
    expect(
      report.downloads.map(({ id, quantization, bytes, basis, places }) => [
        id,
        quantization,
        bytes,
        basis,
        places.length,
      ]),
    ).toEqual([
      ["Xenova/small-bert", "onnx:q8", 10_000, "published", 1],
      ["Xenova/small-bert", "onnx:fp16", 20_000, "published", 1],
      ["BAAI/bge-m3", null, weights.size, "published", 1],
    ]);
    expect(report.finds).toHaveLength(4);
  });

  test("a tokenizer alone is the files of the tokenizer", async () => {
    write({ "c.py": 'AutoTokenizer.from_pretrained("BAAI/bge-m3")\n' });
    const { report } = await scan();
    expect(report.downloads).toMatchObject([{ loads: "tokenizer", bytes: 700 + config.content.length }]);
  });

  test("a doubtful name is shown, and measured with --all", async () => {
    write({ "a.py": 'import openai\nMODEL_NAME = "BAAI/bge-m3"\n' });
    const { stdout } = await runProgram(["scan"], { hub });
    expect(stdout).toContain("BAAI/bge-m3 in a.py:2: a service may run it");
    expect((await scan()).report).toMatchObject({ downloads: [], finds: [{ confidence: "doubtful" }] });
    expect((await scan(["--all"])).report.downloads).toHaveLength(1);
  });

  test("a model that cannot be measured is a failure, and the rest is measured", async () => {
    write({
      "a.sh": "ollama run llama3.2:1b\nhf download BAAI/bge-m3\n",
      "b.py": 'AutoModel.from_pretrained("BAAI/nothing-here")\n',
    });
    const { report, exitCode } = await scan();
    expect(exitCode).toBe(3);
    expect(report.models.map(({ id }) => id)).toContain("BAAI/bge-m3");
    expect(report.failures.map(({ reference }) => reference)).toContain("BAAI/nothing-here");
    expect(report.downloads.find(({ id }) => id === "BAAI/nothing-here")).toMatchObject({ bytes: null });
  });

  test("a name that is a path of this disk is not read", async () => {
    write({ "org-x/model.json": "{}", "a.py": 'AutoModel.from_pretrained("hf://org-x/model.json")\n' });
    const { report } = await scan(["a.py"]);
    expect(report.models).toEqual([]);
  });

  test("in GitHub Actions each model is a notice at its line", async () => {
    write({ "a.js": `\n${pipeline("Xenova/small-bert", "q8")}` });
    const { stderr } = await runProgram(["scan"], { hub, env: { GITHUB_ACTIONS: "true" } });
    expect(stderr).toContain("::notice file=a.js,line=2,col=24,title=Xenova/small-bert::10 kB");
  });

  test("a path that does not exist is refused before anything is fetched", async () => {
    expect(await runProgram(["scan", "nowhere"])).toMatchObject({ exitCode: 2, stdout: "" });
  });

  test("an ML-BOM has commits and the hashes that the Hub states", async () => {
    write({ "b.py": 'AutoModel.from_pretrained("BAAI/bge-m3")\n' });
    const { stdout, exitCode } = await runProgram(["scan", "--sbom"], { hub });
    expect(exitCode).toBe(0);
    const hashes = [{ alg: "SHA-256", content: expect.stringMatching(/^[\da-f]{64}$/) as string }];
    expect(JSON.parse(stdout)).toMatchObject({
      bomFormat: "CycloneDX",
      components: [
        {
          name: "bge-m3",
          version: expect.stringMatching(/^[\da-f]{40}$/) as string,
          hashes,
          components: [{ hashes }],
        },
      ],
    });
  });

  test("--sbom and another format are refused", async () => {
    expect(await runProgram(["scan", "--sbom", "--json"])).toMatchObject({ exitCode: 2, stdout: "" });
  });

  test("Markdown has the same table", async () => {
    write({ "a.js": pipeline("Xenova/small-bert", "q8") });
    const { stdout } = await runProgram(["scan", "--format", "markdown"], { hub });
    expect(stdout).toContain("| Xenova/small-bert | onnx:q8 | 10 | a.js:1 |");
  });
});

describe("check --scan", () => {
  const CONFIG = { defaults: { maxSize: "15kB", maxGrowth: "10%" } };
  const check = (...words: string[]) => runJson(["check", "--scan", ...words], { hub });

  test("a swapped model fails at its line, by how much, and passes once the budget is raised", async () => {
    write({
      "llm-size.config.json": JSON.stringify(CONFIG),
      "src/a.js": pipeline("Xenova/small-bert", "q8"),
    });
    expect((await check("--update")).exitCode).toBe(0);
    expect((await check()).report.passed).toBe(true);

    write({ "src/a.js": `// faster\n${pipeline("Xenova/large-bert", "q8")}` });
    const { report, exitCode } = await check();
    expect(exitCode).toBe(1);
    expect(report.verdicts).toMatchObject([
      {
        rule: "maxSize",
        quantization: "onnx:q8",
        outcome: "exceeded",
        actual: 40_000,
        places: [{ path: "src/a.js", line: 2 }],
      },
      {
        rule: "maxGrowth",
        outcome: "exceeded",
        actual: 300,
        lockedBytes: 10_000,
        reason: "it replaces Xenova/small-bert at onnx:q8",
      },
    ]);
    expect(report.changes).toMatchObject([
      { id: { before: "Xenova/small-bert", after: "Xenova/large-bert" } },
    ]);
    const { stderr } = await runProgram(["check", "--scan"], { hub, env: { GITHUB_ACTIONS: "true" } });
    expect(stderr).toContain("::error file=src/a.js,line=2,col=24,title=over budget%3A Xenova/large-bert::");
    expect(stderr).toContain("25 kB over the 15 kB limit");

    const paths = [{ path: "src", maxSize: "40kB", maxGrowth: "300%", why: "better answers" }];
    write({ "llm-size.config.json": JSON.stringify({ ...CONFIG, paths }) });
    expect((await check()).exitCode).toBe(0);
    // Or once it is accepted.
    write({ "llm-size.config.json": JSON.stringify({ defaults: { maxGrowth: "10%" } }) });
    expect((await check()).exitCode).toBe(1);
    expect((await check("--update")).exitCode).toBe(0);
  });

  test("another dtype of the same model has grown", async () => {
    write({
      "llm-size.config.json": JSON.stringify({ defaults: { maxGrowth: "10%" } }),
      "a.js": pipeline("Xenova/small-bert", "q8"),
    });
    await check("--update");
    write({ "a.js": pipeline("Xenova/small-bert", "fp16") });
    const { report } = await check();
    expect(report.verdicts).toMatchObject([
      { outcome: "exceeded", actual: 100, reason: "it replaces Xenova/small-bert at onnx:q8" },
    ]);
  });

  test("a model that is new, or moved to another file", async () => {
    write({
      "llm-size.config.json": JSON.stringify({ defaults: { maxGrowth: "10%" } }),
      "a.js": pipeline("Xenova/small-bert", "q8"),
    });
    await check("--update");
    write({ "b.js": pipeline("Xenova/small-bert", "q8"), "c.js": pipeline("Xenova/large-bert", "q8") });
    const { report, exitCode } = await check();
    expect(exitCode).toBe(3);
    expect(report.verdicts).toMatchObject([
      { reference: "Xenova/small-bert", outcome: "passed", places: [{ path: "a.js" }, { path: "b.js" }] },
      { reference: "Xenova/large-bert", outcome: "unknown", reason: "it is not in the lock file" },
    ]);
  });

  test("limits of a path hold for the code below it", async () => {
    const paths = [{ path: "web", maxSize: "5kB" }];
    write({
      "llm-size.config.json": JSON.stringify({ defaults: { maxSize: "15kB" }, paths }),
      "web/a.js": pipeline("Xenova/small-bert", "q8"),
      "server/a.js": pipeline("Xenova/small-bert", "q8"),
    });
    const { report } = await check();
    expect(report.verdicts).toMatchObject([
      { outcome: "passed", places: [{ path: "server/a.js" }] },
      { outcome: "exceeded", limit: 5000, places: [{ path: "web/a.js" }] },
    ]);
    expect((await check("server")).report.passed).toBe(true);
  });

  test("what is ignored is listed with its reason", async () => {
    const paths = [{ path: "demo", ignore: "not shipped" }];
    write({
      "llm-size.config.json": JSON.stringify({ defaults: { maxSize: "15kB" }, paths }),
      "a.js": `// llm-size-ignore: only on servers\n${pipeline("Xenova/large-bert", "fp32")}`,
      "demo/b.js": pipeline("Xenova/large-bert", "fp32"),
      "c.py": 'import openai\nMODEL_NAME = "BAAI/bge-m3"\n',
    });
    const { stdout, exitCode } = await runProgram(["check", "--scan"], { hub });
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      [
        "ignored: Xenova/large-bert in a.js:2: only on servers",
        "ignored: Xenova/large-bert in demo/b.js:1: not shipped",
        "doubtful, not checked: BAAI/bge-m3 in c.py:2: a service may run it: the file uses a client of one",
        "",
      ].join("\n"),
    );
  });

  test("models of code and of the config file keep their entries in one lock file", async () => {
    const budgets = [{ model: "BAAI/bge-m3", maxGrowth: "1%" }];
    write({
      "llm-size.config.json": JSON.stringify({ defaults: { maxGrowth: "1%" }, budgets }),
      "a.js": pipeline("Xenova/small-bert", "q8"),
    });
    await check("--update");
    await runProgram(["check", "--update"], { hub });
    await check("--update");
    const lock = JSON.parse(readFileSync("llm-size.lock.json", "utf8")) as {
      models: { id: string; namedIn?: unknown }[];
    };
    expect(lock.models.map(({ id, namedIn }) => [id, namedIn])).toEqual([
      ["BAAI/bge-m3", undefined],
      ["Xenova/small-bert", { "a.js": ["onnx:q8"] }],
    ]);
  });

  test.each([
    ["--scan", "--from", "x.txt"],
    ["--all", "--max-size", "1GB"],
  ])("check %s %s is refused", async (...words) => {
    expect((await runProgram(["check", ...words])).exitCode).toBe(2);
  });
});

test("the worked repository of docs/scan.md", async () => {
  cpSync(WORKED, folder, { recursive: true });
  const env = { HF_HUB_OFFLINE: "1" };
  expect((await runProgram(["check", "--scan"], { env })).exitCode).toBe(0);
  const code = readFileSync("search.py", "utf8");
  write({ "search.py": code.replace("all-MiniLM-L6-v2", "google-bert/bert-base-uncased") });
  expect((await runProgram(["check", "--scan"], { env })).exitCode).toBe(1);
});

describe("hostile code", () => {
  test("links, large and binary files are left out", async () => {
    write({
      "a.py": 'AutoModel.from_pretrained("BAAI/bge-m3")\n',
      "big.py": `${"x = 1\n".repeat(200_000)}`,
      "data.json": "model\u0000",
    });
    symlinkSync(".", join(folder, "loop"));
    symlinkSync(join(folder, "a.py"), join(folder, "linked.py"));
    const { report } = await scan();
    expect(report.finds.map(({ path }) => path)).toEqual(["a.py"]);
    expect(report.skipped).toEqual([{ path: "big.py", reason: "it is larger than 1 MB" }]);
  });
});
