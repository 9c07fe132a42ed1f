/** What survives each fault at each stage of a measurement, how it ends, and what it leaves behind. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pMap from "p-map";
import { TEMPORARY_ENDING } from "../../src/files/atomic-write.ts";
import type { Failure, ModelReport } from "../../src/contract/types.ts";
import { startHub, type StandInHub } from "../hub/hub.ts";
import type { Repository } from "../hub/repository.ts";
import type { LoggedRequest } from "../hub/request.ts";
import { buildSafetensors, type TensorSpec } from "../hub/safetensors-file.ts";
import { runJson } from "../program.ts";
import {
  FAULTS,
  FAULT_NAMES,
  STAGES,
  STAGE_NAMES,
  type FaultName,
  type FaultRow,
  type Stage,
} from "./faults.ts";

/** One time and then no more, or for as long as anybody asks. */
export const DURATIONS = ["once", "always"] as const;

export interface Case {
  readonly fault: FaultName;
  readonly stage: Stage;
  readonly times: (typeof DURATIONS)[number];
}

export interface CaseResult extends Case {
  /** The exact count, with exit code 0. */
  readonly survived: boolean;
  /** Null for a run that had not ended when it was given up. */
  readonly exitCode: number | null;
  readonly code: string | null;
  /** The failure's sentence. */
  readonly message: string | null;
  /** Codes of what is said beside the figures. */
  readonly notes: readonly string[];
  readonly ms: number;
  readonly requests: number;
  /** Files in the cache that were being written and never finished. */
  readonly leftovers: readonly string[];
  /** With the same cache and without the fault: every figure as if nothing had happened. */
  readonly nextRunIsRight: boolean;
}

const MODEL = "acme/mixture";
const SILENCE_SECONDS = "0.8";
/** More than five tries take. A limit that is met again and again is waited for as long. */
const TIMEOUT_SECONDS = 12;
/** A machine with other things to do may be late by so much. */
const SLACK_MS = 5000;
const GIVEN_UP_MS = 30_000;
/** Nearly all of the time is waiting. */
const CASES_AT_A_TIME = 40;

const LAYERS = 4;
const EXPERTS = 8;
const ROUTED = 2;
const EMBEDDING = 1000 * 64;
const EXPERT = 3 * 64 * 32;
/** So long that the header takes a second range. */
const METADATA = { format: "pt", notes: "x".repeat(110_000) };
/** What must be counted in every run that ends well: the head is stored, but tied. */
const PARAMETERS = {
  total: EMBEDDING + LAYERS * EXPERTS * EXPERT,
  active: EMBEDDING + LAYERS * ROUTED * EXPERT,
};

/** A model whose header takes a second range, and whose figures are wrong without its config. */
const repository: Repository = {
  id: MODEL,
  files: {
    "config.json": {
      content: JSON.stringify({
        model_type: "mixtral",
        architectures: ["MixtralForCausalLM"],
        num_local_experts: EXPERTS,
        num_experts_per_tok: ROUTED,
        tie_word_embeddings: true,
      }),
    },
    "model.safetensors": buildSafetensors(listTensors(), METADATA),
  },
};

function listTensors(): TensorSpec[] {
  const projections = [
    ["w1", [32, 64]],
    ["w2", [64, 32]],
    ["w3", [32, 64]],
  ] as const;
  const experts = Array.from({ length: LAYERS * EXPERTS }, (_, index) => {
    const prefix = `model.layers.${Math.floor(index / EXPERTS)}.block_sparse_moe.experts.${index % EXPERTS}`;
    return projections.map(([name, shape]) => [`${prefix}.${name}.weight`, shape, "BF16"] as const);
  });
  return [
    ["model.embed_tokens.weight", [1000, 64], "BF16"],
    ["lm_head.weight", [1000, 64], "BF16"],
    ...experts.flat(),
  ];
}

export function listCases(): Case[] {
  // Those that last begin first, so that the last ones are short.
  return DURATIONS.toReversed().flatMap((times) =>
    FAULT_NAMES.flatMap((fault) => {
      const { stages = STAGE_NAMES }: FaultRow = FAULTS[fault];
      return stages.map((stage) => ({ fault, stage, times }));
    }),
  );
}

/** Runs cases side by side; those whose fault cannot befall their stage are left out. */
export async function runMatrix(cases: readonly Case[] = listCases()): Promise<CaseResult[]> {
  // The first run of a process takes longer, and no silence should be its loading.
  const expected = await runUndisturbed();
  const results = await pMap(cases, (one) => runCase(one, expected), { concurrency: CASES_AT_A_TIME });
  return results.filter((result) => result !== null);
}

async function runUndisturbed(): Promise<ModelReport> {
  return withHub(async (hub, cacheFolder) => {
    const { model } = await measure(hub, cacheFolder);
    if (!model || !isExact(model)) throw new Error("without a fault the model is not measured right");
    return model;
  });
}

/** Null where the fault cannot befall the stage. */
export async function runCase(one: Case, expected: ModelReport): Promise<CaseResult | null> {
  try {
    return await tryCase(one, expected);
  } catch (error) {
    throw new Error(`${nameCase(one)}: the run cannot be judged`, { cause: error });
  }
}

function tryCase(one: Case, expected: ModelReport): Promise<CaseResult | null> {
  return withHub(async (hub, cacheFolder) => {
    const hasBefallen = addFault(hub, one);
    const { model, failure, exitCode, ms } = await measure(hub, cacheFolder);
    if (!hasBefallen()) return null;
    const requests = hub.requests.length;
    const leftovers = await listDrafts(cacheFolder);
    hub.clearFaults();
    const next = await measure(hub, cacheFolder, "10"); // nothing is silent any more but a busy machine
    return {
      ...one,
      survived: exitCode === 0 && model !== null && isExact(model),
      exitCode,
      code: failure?.code ?? null,
      message: failure?.message ?? null,
      notes: model?.notes.map(({ code }) => code) ?? [],
      ms,
      requests,
      leftovers,
      nextRunIsRight: next.exitCode === 0 && next.model !== null && isSame(next.model, expected),
    };
  });
}

/** Works with a Hub and a cache of its own. */
async function withHub<Result>(
  work: (hub: StandInHub, cacheFolder: string) => Promise<Result>,
): Promise<Result> {
  const hub = await startHub({ repositories: [repository], lacks: ["blobs"] });
  const cacheFolder = await mkdtemp(join(tmpdir(), "llm-size-faults-"));
  try {
    return await work(hub, cacheFolder);
  } finally {
    await hub.close();
    await rm(cacheFolder, { recursive: true, force: true });
  }
}

/** Gives a function that tells whether the fault has befallen any request. */
function addFault(hub: StandInHub, { fault, stage, times }: Case): () => boolean {
  const befallen = new Set<LoggedRequest>();
  hub.fail({
    ...FAULTS[fault].fault({ hub, stage }),
    ...(times === "once" && { times: 1 }),
    when(request) {
      if (STAGES[stage](request)) befallen.add(request);
      return STAGES[stage](request);
    },
  });
  // A rule behind it sees the requests that the fault had to pass over.
  hub.fail({
    fault: "reset",
    when(request) {
      befallen.delete(request);
      return false;
    },
  });
  return () => befallen.size > 0;
}

interface Outcome {
  readonly model: ModelReport | null;
  readonly failure: Failure | null;
  readonly exitCode: number | null;
  readonly ms: number;
}

async function measure(
  hub: StandInHub,
  cacheFolder: string,
  silenceSeconds = SILENCE_SECONDS,
): Promise<Outcome> {
  const begun = performance.now();
  const giveUp = new AbortController();
  const run = await Promise.race([
    runJson([MODEL, "--timeout", `${TIMEOUT_SECONDS}s`], {
      hub,
      env: { LLM_SIZE_CACHE: cacheFolder, HF_HUB_DOWNLOAD_TIMEOUT: silenceSeconds },
    }),
    sleep(GIVEN_UP_MS, null, { signal: giveUp.signal }),
  ]).finally(() => giveUp.abort());
  return {
    model: run?.report.models[0] ?? null,
    failure: run?.report.failures[0] ?? null,
    exitCode: run?.exitCode ?? null,
    ms: Math.round(performance.now() - begun),
  };
}

function isExact({ parameters: { total, active } }: ModelReport): boolean {
  return total === PARAMETERS.total && active === PARAMETERS.active;
}

/** Alike in all but where it was read. */
function isSame(model: ModelReport, expected: ModelReport): boolean {
  return JSON.stringify({ ...model, source: "" }) === JSON.stringify({ ...expected, source: "" });
}

async function listDrafts(folder: string): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true });
  return paths.filter((path) => path.endsWith(TEMPORARY_ENDING));
}

/** What must hold for every case: the sentences that a case breaks. */
export function findBroken(result: CaseResult): string[] {
  const { fault, stage, times, survived, exitCode, code, message, leftovers } = result;
  const { passes }: FaultRow = FAULTS[fault];
  const rules: [boolean, string][] = [
    [isInTime(result), `it took ${result.ms} ms`],
    [exitCode === 0 || exitCode === 3 || exitCode === 4, `it ended with exit code ${exitCode}`],
    [exitCode !== 0 || survived, "its figures are wrong"],
    [exitCode === 0 || (code !== null && Boolean(message)), "it failed without a reason"],
    [survived || times === "always" || !passes.includes(stage), "it did not survive what has passed"],
    [leftovers.length === 0, `it left ${leftovers.join(", ")} half-written`],
    [result.nextRunIsRight, "it spoiled the next run"],
  ];
  return rules.flatMap(([holds, sentence]) => (holds ? [] : [`${nameCase(result)}: ${sentence}`]));
}

function nameCase({ fault, stage, times }: Case): string {
  return `${fault} at ${stage}, ${times}`;
}

/** A run that needs all the time it was given would have needed more. */
export function isInTime({ exitCode, ms }: CaseResult): boolean {
  return exitCode !== null && ms < TIMEOUT_SECONDS * 1000 + SLACK_MS;
}
