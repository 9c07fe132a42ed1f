import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runBuilt } from "../built.ts";
import type { FaultRule } from "../hub/faults.ts";
import { type StandInHub, startHub } from "../hub/hub.ts";
import { type StandInProxy, startProxy } from "../hub/proxy.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import { type Run, runProgram } from "../program.ts";

// No secret in any log, cache, error or JSON: planted ones are searched for in all that a run leaves.

const GOOD_TOKEN = "hf_valid";
const POOR_TOKEN = "hf_noaccess";
const BAD_TOKEN = "hf_PlantedTokenThatTheHubRefuses";
const PROXY_LOGIN = { name: "planted-proxy-user", password: "planted-proxy-password" };
const ENDPOINT_LOGIN = { name: "planted-endpoint-user", password: "planted-endpoint-password" };
const REDIRECT_SECRET = "planted-redirect-secret";
const ELSEWHERE = `http://127.0.0.1:9/login?Signature=${REDIRECT_SECRET}`;
const WITH_LOGIN = `http://someone:${REDIRECT_SECRET}@127.0.0.1:9/x?Signature=${REDIRECT_SECRET}`;

const PLANTED = [
  GOOD_TOKEN,
  POOR_TOKEN,
  BAD_TOKEN,
  ...[PROXY_LOGIN, ENDPOINT_LOGIN].flatMap(({ name, password }) => [
    name,
    password,
    btoa(`${name}:${password}`),
  ]),
  REDIRECT_SECRET,
  "Signature=",
];

const OPEN = "acme/open";
const GATED = "acme/gated";
const PRIVATE = "acme/private";
const { files } = serveRealModel(realModel("openai-community/gpt2"));

let proxy: StandInProxy;
beforeAll(async () => {
  proxy = await startProxy(`${PROXY_LOGIN.name}:${PROXY_LOGIN.password}`);
});
afterAll(() => proxy.close());

const proxyUrl = () => `http://${PROXY_LOGIN.name}:${PROXY_LOGIN.password}@${proxy.host}`;

let hub: StandInHub;
/** A folder for all that runs write. The token file is not in it. */
let folder: string;
beforeEach(async () => {
  const repositories = [
    { id: OPEN, aliases: ["acme/former"], files },
    { id: GATED, gated: "manual" as const, files },
    { id: PRIVATE, private: true, files },
  ];
  hub = await startHub({ repositories, lacks: ["blobs"] });
  folder = mkdtempSync(join(tmpdir(), "llm-size-test-"));
});
// What a failed run still has under way must not reach the next one's log.
afterEach(() => hub.close());

/** Where the token of a run comes from. */
type Plant = (token: string) => Record<string, string>;
const PLANTS: Record<string, Plant> = {
  HF_TOKEN: (token) => ({ HF_TOKEN: token }),
  HUGGING_FACE_HUB_TOKEN: (token) => ({ HUGGING_FACE_HUB_TOKEN: `${token}\n` }),
  HF_TOKEN_PATH: (token) => {
    const path = join(mkdtempSync(join(tmpdir(), "llm-size-test-")), "token");
    writeFileSync(path, `${token}\n`);
    return { HF_TOKEN_PATH: path };
  },
};

const environment = () => ({
  HF_HOME: join(folder, "home"),
  LLM_SIZE_CACHE: join(folder, "cache"),
  HF_HUB_DOWNLOAD_TIMEOUT: "1",
  NO_COLOR: "1",
});

/** In this process. What is said to a terminal is all that there is to say. */
const runHere = (words: readonly string[], env: Record<string, string>): Promise<Run> =>
  runProgram([...words, "--debug"], { hub, env: { ...environment(), ...env }, terminal: 80 });

const runBuiltHere = (words: readonly string[], env: Record<string, string>): Promise<Run> =>
  runBuilt([...words, "--debug"], { ...environment(), HF_ENDPOINT: hub.endpoint, ...env });

/** Every file below the folder: its name and what is in it, unpacked. */
function readFolder(): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => {
      const bytes = readFileSync(path);
      const text = path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
      return `${relative(folder, path)}\n${text.toString("utf8")}`;
    });
}

/** The secrets in a text: those planted, and what the CDN signed. */
function findSecrets(text: string): string[] {
  const signatures = hub.requests.flatMap(({ url }) => new URL(url).searchParams.get("Signature") ?? []);
  return [...PLANTED, ...signatures].filter((secret) => text.includes(secret));
}

function expectNoSecret({ stdout, stderr }: Run): void {
  for (const text of [stdout, stderr, ...readFolder()]) expect(findSecrets(text), text).toEqual([]);
}

/** A test in which no token was sent would prove nothing. */
function expectTokenSent(token: string): void {
  const tokensTo = (origin: "hub" | "cdn") =>
    new Set(
      hub.requests
        .filter((request) => request.origin === origin)
        .map(({ authorization }) => authorization)
        .filter((authorization) => authorization !== null),
    );
  expect(tokensTo("hub")).toEqual(new Set([`Bearer ${token}`]));
  expect(tokensTo("cdn")).toEqual(new Set());
}

test("the search finds what is planted", () => {
  mkdirSync(join(folder, "deep", PROXY_LOGIN.name), { recursive: true });
  writeFileSync(join(folder, "deep", "entry.json.gz"), gzipSync(`{"url":"https://cdn/x?Signature=abc"}`));
  writeFileSync(join(folder, "deep", PROXY_LOGIN.name, "empty"), "");
  expect(readFolder().flatMap(findSecrets).toSorted()).toEqual(["Signature=", PROXY_LOGIN.name]);
});

describe("a token", () => {
  const cases: [string, readonly string[], number, string][] = [
    ["text", [OPEN], 0, GOOD_TOKEN],
    ["JSON", [OPEN, "--json"], 0, GOOD_TOKEN],
    ["lines of JSON", [OPEN, "acme/absent", "--format", "ndjson"], 3, GOOD_TOKEN],
    ["Markdown", [OPEN, "--format", "markdown"], 0, GOOD_TOKEN],
    ["CSV", [OPEN, "--format", "csv"], 0, GOOD_TOKEN],
    ["explain", ["explain", OPEN, "--json"], 0, GOOD_TOKEN],
    ["fit", ["fit", OPEN, "--device", "all"], 0, GOOD_TOKEN],
    ["diff", ["diff", OPEN, `${OPEN}@main`], 0, GOOD_TOKEN],
    ["a former name", ["acme/former"], 0, GOOD_TOKEN],
    ["a file", [`https://huggingface.co/${OPEN}/blob/main/model.safetensors`], 0, GOOD_TOKEN],
    ["no cache", [OPEN, "--no-cache"], 0, GOOD_TOKEN],
    ["a gated model", [GATED, "--json"], 0, GOOD_TOKEN],
    ["a gated model, without access", [GATED, "--json"], 3, POOR_TOKEN],
    ["a gated model, with a token that is none", [GATED], 3, BAD_TOKEN],
    ["a private model", [PRIVATE, "--json"], 0, GOOD_TOKEN],
    ["a private model, with a token that is none", [PRIVATE, "--json"], 3, BAD_TOKEN],
    ["a missing model", ["acme/absent", "--json"], 3, GOOD_TOKEN],
    ["a missing revision", [`${OPEN}@nowhere`], 3, GOOD_TOKEN],
    ["an open model, with a token that is none", [OPEN, "--json"], 0, BAD_TOKEN],
  ];
  describe.each(Object.entries(PLANTS))("of %s", (_, plant) => {
    test.each(cases)("%s", async (__, words, expectedExit, token) => {
      const run = await runHere(words, plant(token));
      expect(run.exitCode).toBe(expectedExit);
      expectTokenSent(token);
      expect(run.stderr).toContain(`debug: GET ${hub.endpoint}/`);
      expectNoSecret(run);
    });
  });

  test("is not in the cache, nor in what a second run and one without a network say", async () => {
    for (const words of [[PRIVATE], [PRIVATE], [PRIVATE, "--offline"]]) {
      const run = await runHere(words, { HF_TOKEN: GOOD_TOKEN });
      expect(run.exitCode).toBe(0);
      expectNoSecret(run);
    }
    expectTokenSent(GOOD_TOKEN);
    expect(readFolder().filter((text) => text.includes("wte.weight"))).toHaveLength(1);
  });

  test("is in no file of a run: results, lock file, reports, summary", async () => {
    const path = (name: string) => join(folder, name);
    const env = {
      HF_TOKEN: GOOD_TOKEN,
      GITHUB_ACTIONS: "true",
      GITHUB_STEP_SUMMARY: path("summary.md"),
    };
    const models = [OPEN, PRIVATE, "acme/absent"];
    const reporters = ["text", "markdown", "json", "junit", "github"].flatMap((name) => [
      "--reporter",
      `${name}:${path(`report.${name}`)}`,
    ]);
    const lock = ["--lock", path("lock.json"), "--update"];
    const runs = [
      await runHere([...models, "--resume", path("results.ndjson")], env),
      await runHere(["check", ...models, "--max-params", "1M", ...lock, ...reporters], env),
    ];
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([3, 1]);
    for (const run of runs) expectNoSecret(run);
    expectTokenSent(GOOD_TOKEN);
    const written = readFolder().map((text) => text.slice(0, text.indexOf("\n")));
    expect(written).toEqual(
      expect.arrayContaining([
        "lock.json",
        "report.github",
        "report.json",
        "report.junit",
        "report.markdown",
        "report.text",
        "results.ndjson",
        "summary.md",
      ]),
    );
  });
});

describe("when something goes wrong", () => {
  const cases: [string, number, FaultRule][] = [
    ["503 for the info", 4, { stage: "info", fault: "status", status: 503 }],
    ["503 of the CDN", 4, { stage: "cdn", fault: "status", status: 503 }],
    ["an address of the CDN that has run out", 4, { stage: "cdn", fault: "status", status: 403 }],
    ["a limit of the rate", 4, { stage: "tree", fault: "rate-limit", resetSeconds: 295 }],
    ["a reset", 4, { stage: "tree", fault: "reset" }],
    ["a reset of the CDN", 4, { stage: "cdn", fault: "reset" }],
    ["a stalled listing", 4, { stage: "tree", fault: "stall" }],
    ["a stalled range", 4, { stage: "cdn", fault: "stall" }],
    ["a sign-in page", 4, { stage: "info", fault: "html" }],
    ["a sign-in page of the CDN", 4, { stage: "cdn", fault: "html" }],
    ["an API that leads elsewhere", 4, { stage: "info", fault: "redirect", location: ELSEWHERE }],
    ["a file that leads elsewhere", 4, { stage: "header", fault: "redirect", location: ELSEWHERE }],
    ["a redirect with a password", 4, { stage: "header", fault: "redirect", location: WITH_LOGIN }],
    ["an API that leads to a password", 4, { stage: "info", fault: "redirect", location: WITH_LOGIN }],
    ["a redirect to no address", 4, { stage: "header", fault: "redirect", location: `http://[${ELSEWHERE}` }],
    ["a next page elsewhere", 4, { stage: "tree", fault: "foreign-link", origin: "http://127.0.0.1:9" }],
    ["a circle", 4, { stage: "cdn", fault: "redirect-loop" }],
    ["a truncated answer", 4, { stage: "cdn", fault: "truncate", keepBytes: 20 }],
    ["too few bytes", 4, { stage: "cdn", fault: "short-body", keepBytes: 20 }],
    ["garbage", 3, { stage: "cdn", fault: "garbage" }],
    [
      "an answer that repeats the token",
      4,
      { stage: "info", fault: "json", body: { error: `Bearer ${GOOD_TOKEN} is not welcome` } },
    ],
    [
      "an answer of another shape with the token in it",
      4,
      { stage: "tree", fault: "json", body: [{ type: "file", path: 7, size: GOOD_TOKEN }] },
    ],
  ];

  describe.each([
    ["and is tried again", "1", () => ({})],
    ["through a proxy", "0", () => ({ HTTP_PROXY: proxyUrl() })],
  ])("%s", (_, retries, choose) => {
    test.each(cases)("%s", async (__, expectedExit, fault) => {
      hub.fail(fault);
      const words = [OPEN, "--json", "--retries", retries, "--timeout", "2500ms"];
      const run = await runHere(words, { HF_TOKEN: GOOD_TOKEN, ...choose() });
      expect(run.exitCode).toBe(expectedExit);
      expect(run.stderr).toContain("error: ");
      expectTokenSent(GOOD_TOKEN);
      expectNoSecret(run);
    });
  });
});

describe("of the built program", () => {
  test.each([
    ["success", [OPEN, PRIVATE, "--json"], 0, GOOD_TOKEN],
    ["a token that is none", [OPEN, PRIVATE, "--format", "ndjson"], 3, BAD_TOKEN],
    ["a gated model", [GATED, "acme/absent"], 3, GOOD_TOKEN],
  ])("%s through a proxy", async (_, words, expectedExit, token) => {
    proxy.clearLog();
    const run = await runBuiltHere(words, { ...PLANTS["HF_TOKEN_PATH"]?.(token), HTTP_PROXY: proxyUrl() });
    expect(run.exitCode).toBe(expectedExit);
    expectTokenSent(token);
    expect(proxy.passages).toHaveLength(hub.requests.length);
    expectNoSecret(run);
  });

  test.each([
    ["503", { stage: "cdn", fault: "status", status: 503 }],
    ["a redirect with a password", { stage: "header", fault: "redirect", location: WITH_LOGIN }],
  ] satisfies [string, FaultRule][])("%s", async (_, fault) => {
    hub.fail(fault);
    const env = { HF_TOKEN: GOOD_TOKEN, HTTP_PROXY: proxyUrl() };
    const run = await runBuiltHere([OPEN, "--retries", "0"], env);
    expect(run.exitCode).toBe(4);
    expectTokenSent(GOOD_TOKEN);
    expectNoSecret(run);
  });
});

describe("credentials", () => {
  const { name, password } = ENDPOINT_LOGIN;

  test.each([
    ["--endpoint", (url: string) => [[OPEN, "--endpoint", url], {}] as const],
    ["HF_ENDPOINT", (url: string) => [[OPEN], { HF_ENDPOINT: url }] as const],
  ])("in %s are refused and not repeated", async (_, use) => {
    const [words, env] = use(`http://${name}:${password}@${new URL(hub.endpoint).host}`);
    const run = await runHere(words, { HF_TOKEN: GOOD_TOKEN, ...env });
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(/^error: invalid endpoint "…@127\.0\.0\.1:\d+": not/);
    expect(hub.requests).toEqual([]);
    expectNoSecret(run);
  });

  test.each(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])("in a %s that is none", async (variable) => {
    const { name: user, password: secret } = PROXY_LOGIN;
    const run = await runHere([OPEN], { [variable]: `socks5://${user}:${secret}@127.0.0.1:1080` });
    expect(run.exitCode).toBe(2);
    expectNoSecret(run);
  });

  test.each([
    ["a table", ["--format", "text"]],
    ["JSON", ["--json"]],
    ["lines of JSON", ["--format", "ndjson"]],
    ["results", ["--resume"]],
    ["a gate", ["check", "--max-params", "1B", "--json"]],
  ])("in a line of a list are not repeated in %s", async (_, words) => {
    const list = join(mkdtempSync(join(tmpdir(), "llm-size-test-")), "list.txt");
    const login = `${name}:${password}@`;
    const lines = [
      `https://${login}huggingface.co/${OPEN}`,
      `https://${login}hugging\u0007face.co/${OPEN}`,
      `htps://${login}huggingface.co/${OPEN}`,
      `https://${login}huggingface.co/${"x".repeat(5000)}`,
    ];
    writeFileSync(list, lines.join("\n"));
    const results = words.includes("--resume") ? [join(folder, "results.ndjson")] : [];
    const run = await runHere([...words, ...results, "--from", list], {});
    expect(run.exitCode).toBe(3);
    expect(run.stderr.match(/invalid model/g)?.length).toBeGreaterThan(3);
    expect(hub.requests).toEqual([]);
    expectNoSecret(run);
  });
});
