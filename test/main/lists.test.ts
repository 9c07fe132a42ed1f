/** Many models: from a file or standard input, streamed, in shares. */
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runShell, runUntilSaid } from "../built.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { buildSafetensors, splitSafetensors } from "../hub/safetensors-file.ts";
import { runProgram } from "../program.ts";

const COUNT = 40;
const ids = Array.from({ length: COUNT }, (_, index) => `acme/model-${index}`);
const config = { content: '{"model_type":"llama"}' };
const many = splitSafetensors(
  Array.from(
    { length: 300 },
    (_, index) => [`model.layers.${index}.mlp.up_proj.weight`, [8, 4], "F32"] as const,
  ),
  { shards: 300 },
);

let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({
    repositories: [
      ...ids.map((id, index) => ({
        id,
        files: {
          "config.json": config,
          "model.safetensors": buildSafetensors([["model.embed_tokens.weight", [index + 1, 4], "F32"]]),
        },
      })),
      { id: "acme/many-shards", files: { ...many, "config.json": config } },
    ],
    latencyMs: 2,
    quotas: { api: 1e6, resolvers: 1e6 },
  });
});
afterAll(() => hub.close());

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llm-size-list-"));
  hub.clearFaults();
  hub.clearLog();
});

interface Line {
  readonly reference: string;
  readonly code?: string;
  readonly parameters?: { readonly total: number };
}
const parseLines = (text: string) =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
const references = (text: string) => parseLines(text).map(({ reference }) => reference);

function writeList(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.join("\n"));
  return path;
}
const run = (words: readonly string[], stdin?: string) =>
  runProgram(words, { hub, ...(stdin !== undefined && { stdin }) });

describe("--from", () => {
  test("a file, with comments, blank lines, CRLF and repetitions", async () => {
    const path = writeList("list.txt", [
      "# ours",
      "acme/model-3\r",
      "",
      "  acme/model-1  # small",
      "acme/model-3",
    ]);
    const { stdout, exitCode } = await run(["--from", path, "--json"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      models: [{ reference: "acme/model-3" }, { reference: "acme/model-1" }],
    });
  });

  test("standard input, after what is typed", async () => {
    const { stdout } = await run(
      ["acme/model-0", "--from", "-", "--format", "csv"],
      "acme/model-2\nacme/model-1",
    );
    expect(
      stdout
        .split("\n")
        .slice(1, 4)
        .map((line) => line.split(",")[0]),
    ).toEqual(["acme/model-0", "acme/model-2", "acme/model-1"]);
  });

  test("one wrong line costs only itself", async () => {
    const { stdout, exitCode } = await run(
      ["--from", "-", "--format", "ndjson"],
      "acme/model-0\ndatasets/acme/x\nacme/none",
    );
    const codes = new Map(parseLines(stdout).map(({ reference, code }) => [reference, code]));
    expect(codes).toEqual(
      new Map([
        ["acme/model-0", undefined],
        ["datasets/acme/x", "INVALID_REFERENCE"],
        ["acme/none", "MODEL_NOT_FOUND"],
      ]),
    );
    expect(exitCode).toBe(3);
  });

  test("so does one of ten thousand characters, which is not repeated", async () => {
    const { stdout } = await run(
      ["--from", "-", "--format", "ndjson"],
      `acme/model-0\n${"x".repeat(10_000)}`,
    );
    expect(parseLines(stdout)).toMatchObject([
      {
        reference: `${"x".repeat(60)}…`,
        message: expect.stringMatching(/^invalid model "x{60}…": .* longer than 4096/),
      },
      { reference: "acme/model-0" },
    ]);
  });

  test.each([
    ["400B", 3, "passed"],
    ["1B", 1, "exceeded"],
  ])("one wrong line leaves the others to be judged, within %s", async (limit, expected, outcome) => {
    const words = ["check", "--from", "-", "--max-size", limit, "--json"];
    const { stdout, exitCode } = await run(words, "datasets/acme/x\nacme/model-0");
    expect(exitCode).toBe(expected);
    expect(JSON.parse(stdout)).toMatchObject({
      failures: [{ reference: "datasets/acme/x", code: "INVALID_REFERENCE" }],
      verdicts: [
        { reference: "datasets/acme/x", outcome: "unknown" },
        { reference: "acme/model-0", outcome },
      ],
      passed: false,
    });
  });

  test("budgets for a list", async () => {
    const words = ["check", "--from", "-", "--max-size", "400B"];
    expect(await run(words, "acme/model-0\nacme/model-9")).toMatchObject({ exitCode: 0 });
    expect(await run(words, "acme/model-0\nacme/model-39")).toMatchObject({ exitCode: 1 });
    expect(await run(words, "acme/none")).toMatchObject({ exitCode: 3 });
  });

  test.each([
    [["--from", "nowhere.txt"], undefined, /nowhere\.txt does not exist/],
    [["--from", "."], undefined, /\. is a folder/],
    [["--from", "-"], "\n# nothing\n", /standard input lists no models/],
    [["datasets/acme/x", "--from", "-"], "acme/model-0", /invalid model/],
    [["check", "datasets/acme/x", "--from", "-", "--max-params", "1B"], "acme/model-0", /invalid model/],
  ])("%j is refused", async (words, stdin, message) => {
    const { exitCode, stderr } = await run(words, stdin);
    expect([exitCode, hub.requests.length]).toEqual([2, 0]);
    expect(stderr).toMatch(message);
  });
});

test.each([
  [
    "a list",
    [],
    /^note: 127\.0\.0\.1:\d+ limits the rate of requests \(it takes \d+ in 5 min\); waiting 29[67] s\n/,
  ],
  ["a list in a hurry", ["--timeout", "1m"], /the limit resets in 295 s\n {2}hint: .* --timeout 6m\n/],
])("%s and the Hub's limit on requests", async (_, flags, said) => {
  hub.fail({ fault: "rate-limit", resetSeconds: 295 });
  const path = writeList("list.txt", ["acme/model-0"]);
  const words = ["--from", path, "--format", "ndjson", ...flags];
  expect(await runUntilSaid(said, words, { HF_ENDPOINT: hub.endpoint })).toMatch(said);
});

describe("NDJSON", () => {
  test("a line a model, each as soon as it is measured, whatever holds another", async () => {
    // The last models have been asked for, so all but those under way have been printed.
    const isAtTheEnd = () => hub.requests.some(({ path }) => path.includes(`model-${COUNT - 1}/`));
    const when = ({ path }: { path: string }) => path.includes("model-0/");
    hub.fail({ fault: "hold", until: isAtTheEnd, when, times: 1 });
    hub.fail({ fault: "status", status: 503, times: 2, when });
    const { stdout, stderr, exitCode } = await run(["--from", "-", "--format", "ndjson"], ids.join("\n"));
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(new Set(references(stdout))).toEqual(new Set(ids));
    expect(references(stdout).indexOf("acme/model-0")).toBeGreaterThan(10); // it was held, and had to try again
    for (const { reference, parameters } of parseLines(stdout))
      expect(parameters?.total).toBe(4 * (Number(reference.split("-")[1]) + 1));
  });

  test("a model of many files leaves the others their turn", async () => {
    const { stdout } = await run(
      ["--from", "-", "--format", "ndjson"],
      ["acme/many-shards", ...ids.slice(0, 10)].join("\n"),
    );
    expect(references(stdout).indexOf("acme/many-shards")).toBe(10);
  });

  test("a reader that leaves ends it early", async () => {
    const env = { HF_ENDPOINT: hub.endpoint };
    const path = writeList("list.txt", ids);
    const left = join(folder, "left");
    hub.fail({
      fault: "hold",
      until: () => existsSync(left),
      when: ({ path: asked }) => asked.includes("/resolve/") && !asked.includes("model-0/"),
    });
    const { stdout, stderr, exitCode } = await runShell(
      `llm-size --from ${path} --format ndjson | { head -1; exec 0<&-; touch ${left}; }`,
      env,
    );
    expect(references(stdout)).toHaveLength(1);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(hub.requests.length).toBeLessThan(COUNT * 5);
  });
});

describe("--shard", () => {
  test.each([1, 2, 3, 8, 50])("%i shares are alike, apart, and the whole", async (count) => {
    const shares: string[][] = [];
    for (let index = 1; index <= count; index++) {
      const words = ["--from", "-", "--shard", `${index}/${count}`, "--format", "ndjson", "--offline"];
      shares.push(references((await run(words, ids.join("\n"))).stdout).toSorted());
    }
    expect(shares.flat().toSorted()).toEqual(ids.toSorted());
    const sizes = shares.map(({ length }) => length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  test("an empty share is no failure", async () => {
    expect(await run(["--from", "-", "--shard", "2/2", "--format", "ndjson"], "acme/model-0")).toEqual({
      stdout: "",
      stderr: "",
      exitCode: 0,
    });
  });

  test("an index that counts from 0 names the same parts", async () => {
    const measurePart = async (shard: string) =>
      references(
        (
          await run(
            ["--from", "-", "--shard", shard, "--format", "ndjson", "--offline"],
            ids.slice(0, 5).join("\n"),
          )
        ).stdout,
      ).toSorted(); // lines come as soon as they are known
    expect(await measurePart("index:0/3")).toEqual(await measurePart("1/3"));
    expect(await measurePart("index:2/3")).toEqual(await measurePart("3/3"));
  });

  test.each([
    ["0/2", /write 1\/2 for the first, or index:0\/2 for an index that counts from 0/],
    ["3/2", /2\/8, the second of eight parts/],
    ["2", /index:1\/8 is the same part/],
    ["1/0", /2\/8/],
    ["0/0", /2\/8/],
    ["index:2/2", /2\/8/],
    ["index:/2", /2\/8/], // JOB_COMPLETION_INDEX is not set
    ["a/b", /2\/8/],
    ["-1/2", /2\/8/],
  ])("%s is refused", async (shard, reason) => {
    const { stderr, exitCode } = await run(["acme/model-0", "--shard", shard]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(reason);
  });
});
