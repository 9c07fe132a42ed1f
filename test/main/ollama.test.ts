/** Models of Ollama's registry, through the whole program and over real HTTP. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  listBlobs,
  makeModel,
  renderManifest,
  startRegistry,
  type StandInRegistry,
} from "../ollama/registry.ts";
import { startHub } from "../hub/hub.ts";
import { runJson, runProgram } from "../program.ts";

const TINY = makeModel(4);
const mmproj = { kind: "projector", content: "GGUF projector", size: 4096 };
const MODELS = {
  "library/tiny:1b": TINY,
  "library/tiny:latest": TINY,
  "library/tiny:1b-instruct-q8_0": TINY,
  "someone/tiny:1b": makeModel(2),
  "library/seeing:latest": makeModel(8, [mmproj, { kind: "draft", content: "GGUF draft", size: 512 }]),
  "library/far:1b-cloud": { layers: [{ kind: "template", content: "x" }] },
  "library/remote:1b": { ...makeModel(1), config: { remote_host: "https://ollama.com" } },
};

let registry: StandInRegistry;
beforeAll(async () => {
  registry = await startRegistry(MODELS);
});
afterAll(() => registry.close());
beforeEach(() => {
  registry.requests.length = 0;
});

/** Run with a token of the Hub, which nothing may be sent, and a Hub that nothing may ask. */
const json = (words: readonly string[], env: Record<string, string> = {}) =>
  runJson([...words, "--retries", "0"], {
    registry,
    env: { HF_TOKEN: "hf_secret", HF_ENDPOINT: "http://127.0.0.1:9", ...env },
  });

test.each([
  ["ollama:tiny:1b", "tiny:1b", 128],
  ["ollama://tiny:1b", "tiny:1b", 128],
  ["ollama:tiny", "tiny:latest", 128],
  ["tiny:1b", "tiny:1b", 128],
  ["ollama:someone/tiny:1b", "someone/tiny:1b", 64],
  ["https://ollama.com/library/tiny:1b", "tiny:1b", 128],
  ["ollama.com/someone/tiny:1b", "someone/tiny:1b", 64],
  ["registry.ollama.ai/library/tiny:1b", "tiny:1b", 128],
  ["https://registry.ollama.ai/v2/library/tiny/manifests/1b", "tiny:1b", 128],
  ["ollama:registry.ollama.ai/library/tiny:1b", "tiny:1b", 128],
])("%s is %s with %i parameters", async (reference, id, total) => {
  const { report } = await json([reference]);
  expect(report).toMatchObject({
    failures: [],
    models: [{ reference, id, source: "ollama", parameters: { total } }],
  });
});

test("a model is its pull: every layer is a file with its digest, and the header is read by range", async () => {
  const { report } = await json(["ollama:seeing"]);
  const [model] = report.models;
  expect(model?.published).toMatchObject({ format: "gguf", projectorBytes: 4096, doubt: null });
  expect(model?.published?.files.map(({ path }) => path)).toEqual([
    "model-Q8_0.gguf",
    "template.txt",
    "LICENSE",
    "LICENSE-2",
    "params.json",
    "draft-model.gguf",
    "manifest-config.json",
  ]);
  const layers = [...listBlobs(MODELS["library/seeing:latest"]).values()];
  const bytes = layers.reduce((sum, { length }) => sum + length, 0);
  expect(model?.published?.bytes).toBe(bytes - 4096);
  expect(model?.published?.repositoryBytes).toBe(bytes);
  expect(model?.published?.files.every(({ sha256 }) => sha256 !== null)).toBe(true);
  expect(model?.revision).toMatch(/^[0-9a-f]{64}$/);
  const asked = registry.requests.map(
    ({ origin, path }) => `${origin} ${path.replace(/[0-9a-f]{64}.*/, "")}`,
  );
  expect(asked).toEqual([
    "registry /v2/library/seeing/manifests/latest",
    "registry /v2/library/seeing/blobs/sha256:",
    "blobs /sha256:",
    "registry /v2/library/seeing/blobs/sha256:",
    "blobs /sha256:",
  ]);
  for (const { headers } of registry.requests) {
    expect(headers.authorization).toBeUndefined();
    expect(headers["user-agent"]).toMatch(/^llm-size\//);
  }
});

const failure = async (words: readonly string[], env = {}) => {
  const { report, exitCode } = await json(words, env);
  return [
    exitCode,
    ...report.failures.map(({ code, message, hint }) => `${code}: ${message}; ${hint}`),
  ].join();
};

test.each([
  ["ollama:tiny:9b", /^3,MODEL_NOT_FOUND: tiny:9b was not found at 127.*; check the name and the tag/],
  [
    "llama3.2:9b",
    /^3,MODEL_NOT_FOUND: llama3.2:9b was not found at .* did you mean llama3.2-1b, llama3.2-3b, llama3.2-11b, llama3.2-1b-instruct\?$/,
  ],
  [
    "ollama:far:1b-cloud",
    /^3,MANIFEST_UNSUPPORTED: far:1b-cloud .* lists no weights, as for models that run in the cloud/,
  ],
  ["ollama:remote:1b", /^3,MANIFEST_UNSUPPORTED: remote:1b cannot be measured: it runs in the cloud/],
])("%s is refused with a sentence", async (reference, expected) => {
  expect(await failure([reference])).toMatch(expected);
});

const list = JSON.stringify({ schemaVersion: 2, manifests: [] });
const docker = { kind: "application/vnd.docker.image.rootfs.diff.tar.gzip", content: "x" };
const manifest = (body: string) => ["/manifests/", { status: 200, body }] as const;
const changed = (from: string | RegExp, to: string) => manifest(renderManifest(TINY).replace(from, to));

test.each([
  [
    "a private registry",
    ["/manifests/", { status: 401 }],
    /^3,REGISTRY_REFUSED: .* without a login \(401\); .*--offline$/,
  ],
  ["a refusal", ["/manifests/", { status: 403 }], /^3,REGISTRY_REFUSED: .* without a login \(403\)/],
  [
    "an old client",
    ["/manifests/", { status: 412 }],
    /^3,REGISTRY_REFUSED: .* only to a newer Ollama \(412\)/,
  ],
  ["a failure", ["/manifests/", { status: 500 }], /^4,HUB_FAILED: 127.*answered 500 for tiny:1b/],
  ["a rate limit", ["/manifests/", { status: 429 }], /^4,RATE_LIMITED: 127.*; try again later$/],
  ["a sign-in page", manifest("<html>"), /^4,HUB_ANSWER_INVALID: .* it is not JSON/],
  ["a list of manifests", manifest(list), /^3,MANIFEST_UNSUPPORTED: .* is a list of manifests/],
  ["schema 1", manifest('{"schemaVersion":1,"fsLayers":[]}'), /^3,MANIFEST_UNSUPPORTED: .* is of schema 1/],
  [
    "an image",
    manifest(renderManifest({ layers: [docker] })),
    /^3,MANIFEST_UNSUPPORTED: .* image for Docker/,
  ],
  [
    "a bad digest",
    changed(/sha256:[0-9a-f]{64}(?=","size":\d+},\{)/, "sha256:../x"),
    /layer 1 .* lacks a valid digest/,
  ],
  ["a bad size", changed(/"size":(?=13)/, '"size":-'), /layer 2 .* lacks a valid digest or size/],
  [
    "many layers",
    manifest(`{"schemaVersion":2,"layers":[${"1,".repeat(20_000)}1]}`),
    /more than 20000 layers/,
  ],
  ["a long manifest", manifest(" ".repeat(4_000_001)), /^4,HUB_ANSWER_INVALID: .* longer than 4000000 bytes/],
  [
    "a redirect of the manifest",
    ["/manifests/", { status: 307, headers: { location: "http://elsewhere.example/" } }],
    /leads to elsewhere.example/,
  ],
  [
    "a redirect without encryption",
    ["/blobs/", { status: 307, headers: { location: "ftp://elsewhere.example/" } }],
    /^4,HUB_ANSWER_INVALID: .* without encryption/,
  ],
  [
    "other bytes of a text",
    ["/sha256:", { status: 200, body: "x".repeat(85) }],
    /^4,HUB_ANSWER_INVALID: .*not the listed one/,
  ],
  [
    "another size",
    changed(/("size":)(\d+)(?=},\{)/, "$19999999"),
    /^4,HUB_ANSWER_INVALID: .* its range is bytes/,
  ],
] as const)("%s is answered with a sentence", async (_, [part, answer], expected) => {
  registry.answerWith(part, answer);
  try {
    expect(await failure(["tiny:1b", "--no-cache"])).toMatch(expected);
  } finally {
    registry.answerWith(part, null);
  }
});

test("a second run asks for the manifest alone, and an offline one for nothing", async () => {
  const env = { LLM_SIZE_CACHE: mkdtempSync(join(tmpdir(), "llm-size-cache-")) };
  const first = await json(["tiny:1b"], env);
  registry.requests.length = 0;
  const second = await json(["tiny:1b"], env);
  expect(second.report.models).toEqual(first.report.models.map((model) => ({ ...model, source: "cache" })));
  expect(registry.requests.map(({ path }) => path)).toEqual(["/v2/library/tiny/manifests/1b"]);
  registry.requests.length = 0;
  const { report, stderr } = await json(["tiny:1b", "--offline"], env);
  expect(report.models).toMatchObject([{ source: "cache", parameters: { total: 128 } }]);
  expect(stderr).toContain("figures are of the manifest");
  expect(registry.requests).toEqual([]);
  expect(await failure(["someone/tiny:1b", "--offline"], env)).toMatch(/^3,NOT_AVAILABLE_OFFLINE/);
});

/** Write what `ollama pull` keeps. */
function pull(name: string, host: string): string {
  const store = mkdtempSync(join(tmpdir(), "llm-size-ollama-"));
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(store, path)), { recursive: true });
    writeFileSync(join(store, path), content);
  };
  write(`manifests/${host}/${name}`, renderManifest(TINY));
  for (const [digest, bytes] of listBlobs(TINY)) write(`blobs/sha256-${digest}`, bytes);
  return store;
}

test("what Ollama has pulled is read from its store: offline, where the registry fails, and blobs always", async () => {
  const { host } = new URL(registry.endpoint);
  const env = { OLLAMA_MODELS: pull("library/tiny/1b", host) };
  const [offline, online] = [await json(["tiny:1b", "--offline"], env), await json(["tiny:1b"], env)];
  expect(offline.report.models).toMatchObject([{ source: "cache", parameters: { total: 128 } }]);
  expect(offline.stderr).toBe(
    "note: tiny:1b: figures are of the model that Ollama has pulled to this disk\n",
  );
  expect(offline.report.models[0]?.published).toEqual(online.report.models[0]?.published);
  expect(offline.report.models[0]?.revision).toBe(online.report.models[0]?.revision);
  expect(registry.requests.map(({ path }) => path)).toEqual(["/v2/library/tiny/manifests/1b"]);
  registry.answerWith("/manifests/", { status: 502 });
  const { report, stderr } = await json(["tiny:1b"], env);
  registry.answerWith("/manifests/", null);
  expect(report.models).toMatchObject([{ source: "cache", parameters: { total: 128 } }]);
  expect(stderr).toMatch(/answered 502 for tiny:1b; figures are of the model that Ollama has pulled/);
});

test("--endpoint sets the registry for names of Ollama", async () => {
  const { endpoint } = registry;
  const { report } = await json(["tiny:1b", "--endpoint", endpoint], {
    LLM_SIZE_OLLAMA_ENDPOINT: "http://127.0.0.1:9",
  });
  expect(report.models).toMatchObject([{ id: "tiny:1b", source: "ollama" }]);
  expect(registry.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});

test("models of Ollama work in every command, next to those of the Hub", async () => {
  const hub = await startHub({ repositories: [] });
  const folder = mkdtempSync(join(tmpdir(), "llm-size-code-"));
  writeFileSync(join(folder, "a.sh"), "ollama run tiny:1b\n");
  writeFileSync(join(folder, "Modelfile"), "FROM seeing\n");
  writeFileSync(join(folder, "list.txt"), "tiny:1b\nollama:someone/tiny:1b\n");
  const run = (words: string) => runProgram(words.split(" "), { hub, registry, cwd: folder, env: {} });
  const printed = async (words: string) => {
    const { exitCode, stdout, stderr } = await run(words);
    return `${exitCode} ${stdout}${stderr}`;
  };
  expect(await printed("tiny:1b ollama:someone/tiny:1b")).toMatch(/^0 .*tiny:1b.*someone\/tiny:1b/s);
  expect(await printed("ollama:tiny:1b-instruct-q8_0 --json")).toMatch(
    /"quantization": "gguf:Q8_0".*"basis": "published"/s,
  );
  expect(await printed("fit tiny:1b --context 16")).toMatch(/^0 .*tiny:1b/s);
  expect(await printed("explain tiny:1b")).toMatch(/^0 .*model-Q8_0.gguf.*LICENSE-2/s);
  expect(await printed("diff tiny:1b ollama:someone/tiny:1b")).toMatch(/^0 .*tiny:1b/s);
  expect(await printed("--from list.txt --format csv")).toMatch(/^0 .*tiny:1b.*someone\/tiny:1b/s);
  expect(await printed("scan . --json")).toMatch(
    /^0 .*"reference": "ollama:seeing".*"reference": "ollama:tiny:1b"/s,
  );
  expect(await printed("check tiny:1b --max-published 1MB --update")).toMatch(/^0 /);
  expect(await printed("check tiny:1b --max-published 100B")).toMatch(/^1 /);
  expect(await printed("check tiny:1b --max-growth 1%")).toMatch(/^0 /);
  await hub.close();
});
