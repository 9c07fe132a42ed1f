/** What is timed: whole processes, ours and what a user of another tool would run. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GGUFS, HUGE, listId, LONG_LIST, MODELS, SHARDED, SINGLE } from "./repositories.ts";

export interface Contender {
  readonly name: string;
  /** Words after `node`. */
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** fitllm ends with 1 for a model that does not fit. */
  readonly exitCodes?: readonly number[];
}

export interface Case {
  readonly name: string;
  readonly runs: number;
  readonly ours: Contender;
  readonly theirs: Contender;
  /** Runs once before: what fills the cache. */
  readonly before?: Contender;
  /** What the ratio of ours to theirs should stay below. */
  readonly aim: number;
}

const BIN = fileURLToPath(new URL("../../bin/llm-size.js", import.meta.url));
export const FOLDER = mkdtempSync(join(tmpdir(), "llm-size-bench-"));

const BARE: Contender = { name: "node -e 0", words: ["-e", "0"] };

/** Each name is one folder for the whole benchmark; without one, every run begins with an empty cache. */
export function ours(words: readonly string[], endpoint: string | null, cache?: string): Contender {
  return {
    name: "llm-size",
    words: [BIN, ...words],
    get env() {
      return {
        LLM_SIZE_CACHE: join(FOLDER, cache ?? randomUUID()),
        ...(endpoint === null ? {} : { HF_ENDPOINT: endpoint }),
      };
    },
  };
}

/** A module as its user would write it; a wrong count fails the benchmark. */
function script(name: string, lines: readonly string[]): Contender {
  return { name, words: ["--input-type=module", "-e", lines.join("\n")] };
}

/** `xet: false` spares it two more hosts. */
function parseMetadata(endpoint: string, id: string, dtype: string, total: number): Contender {
  return script("@huggingface/hub", [
    'import { parseSafetensorsMetadata } from "@huggingface/hub";',
    `const { parameterCount } = await parseSafetensorsMetadata({ repo: "${id}", hubUrl: "${endpoint}", computeParametersCount: true, xet: false });`,
    `if (parameterCount.${dtype} !== ${total}) throw new Error("miscounted");`,
  ]);
}

function parseList(endpoint: string, count: number): Contender {
  return script("@huggingface/hub", [
    'import { parseSafetensorsMetadata } from "@huggingface/hub";',
    "let next = 0;",
    "await Promise.all(Array.from({ length: 16 }, async () => {",
    `  while (next < ${count}) {`,
    `    const repo = "acme/model-" + next++;`,
    `    const { parameterCount } = await parseSafetensorsMetadata({ repo, hubUrl: "${endpoint}", computeParametersCount: true, xet: false });`,
    '    if (!parameterCount.F32) throw new Error("miscounted");',
    "  }",
    "}));",
  ]);
}

function parseGguf(endpoint: string): Contender {
  return script("@huggingface/gguf", [
    'import { listFiles } from "@huggingface/hub";',
    'import { gguf } from "@huggingface/gguf";',
    `for await (const _ of listFiles({ repo: "${GGUFS}", hubUrl: "${endpoint}" }));`,
    `const { tensorInfos } = await gguf("${endpoint}/${GGUFS}/resolve/main/acme-Q4_K_M.gguf");`,
    'if (tensorInfos.length !== 1) throw new Error("misread");',
  ]);
}

/** Its host is fixed, so its requests are turned; it reads no headers, only sizes and the config. */
function fitllm(endpoint: string, id: string): Contender {
  const turn = `const { fetch } = globalThis; globalThis.fetch = (url, init) => fetch(String(url).replace("https://huggingface.co", "${endpoint}"), init);`;
  const bin = fileURLToPath(new URL("bin/fitllm.mjs", import.meta.resolve("fitllm")));
  return {
    name: "fitllm",
    words: [
      "--import",
      `data:text/javascript,${encodeURIComponent(turn)}`,
      bin,
      id,
      "--gpu",
      "RTX 4090",
      "--json",
    ],
    exitCodes: [0, 1],
  };
}

export function writeList(count: number): string {
  const path = join(FOLDER, `${count}.txt`);
  writeFileSync(path, Array.from({ length: count }, (_, index) => listId(index)).join("\n"));
  return path;
}

export function listCases(endpoint: string): Case[] {
  const many = ["--from", writeList(MODELS), "--format", "ndjson"];
  const measure = (id: string, cache?: string) => ours([id, "--json"], endpoint, cache);
  const single = parseMetadata(endpoint, SINGLE, "BF16", 751_632_384);
  const sharded = parseMetadata(endpoint, SHARDED, "BF16", 70_553_706_496);
  return [
    { name: "`--version`", runs: 15, aim: 1.3, ours: ours(["--version"], null), theirs: BARE },
    { name: "`--help`", runs: 15, aim: 1.6, ours: ours(["--help"], null), theirs: BARE },
    {
      name: "four models of the catalog",
      runs: 15,
      aim: 2.2,
      ours: ours(["gemma-2b", "gemma-7b", "mistral-7b", "distilbert", "--offline"], null),
      theirs: BARE,
    },
    {
      name: "30 shards again, `--offline`",
      runs: 15,
      aim: 2.2,
      before: measure(SHARDED, "warm"),
      ours: ours([SHARDED, "--json", "--offline"], endpoint, "warm"),
      theirs: BARE,
    },
    {
      name: "30 shards again",
      runs: 7,
      aim: 0.3,
      before: measure(SHARDED, "warm"),
      ours: measure(SHARDED, "warm"),
      theirs: sharded,
    },
    { name: "one file", runs: 7, aim: 1, ours: measure(SINGLE), theirs: single },
    { name: "one file", runs: 7, aim: 2, ours: measure(SINGLE), theirs: fitllm(endpoint, SINGLE) },
    { name: "30 shards", runs: 7, aim: 0.5, ours: measure(SHARDED), theirs: sharded },
    {
      name: "163 shards, 92,000 tensors",
      runs: 3,
      aim: 1,
      ours: measure(HUGE),
      theirs: parseMetadata(endpoint, HUGE, "BF16", 92_000 * 2048 * 7168),
    },
    { name: "20 GGUF files", runs: 3, aim: 1, ours: measure(GGUFS), theirs: parseGguf(endpoint) },
    {
      name: "1,000 models",
      runs: 1,
      aim: 1,
      ours: ours(many, endpoint),
      theirs: parseList(endpoint, MODELS),
    },
  ];
}

/** The lists whose memory is compared. */
export const LISTS = [100, MODELS, LONG_LIST] as const;
