import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { measure } from "../../src/index.ts";
import { runBuilt } from "../built.ts";
import { certificatePath, readCertificate } from "../hub/certificate.ts";
import { type StandInHub, startHub } from "../hub/hub.ts";
import { type StandInProxy, startProxy } from "../hub/proxy.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import { buildSafetensors } from "../hub/safetensors-file.ts";
import { runJson, runProgram } from "../program.ts";

const GPT2 = "openai-community/gpt2";
const WORDS = [GPT2, "--json", "--debug"];
/** A name and a password with signs that a URL must escape. */
const CREDENTIALS = "al/ice:pa%ss@word";
const ESCAPED = "al%2Fice:pa%25ss%40word";

let hub: StandInHub;
let tlsHub: StandInHub;
/** Its certificate is trusted by nobody unless told to. */
let unsignedHub: StandInHub;
let proxy: StandInProxy;
let lockedProxy: StandInProxy;
let tlsProxy: StandInProxy;
beforeAll(async () => {
  const repositories = [serveRealModel(realModel(GPT2))];
  const quotas = { api: 1e6, resolvers: 1e6 };
  const tls = readCertificate("trusted");
  [hub, tlsHub, unsignedHub, proxy, lockedProxy, tlsProxy] = await Promise.all([
    startHub({ repositories, quotas }),
    startHub({ repositories, quotas, tls }),
    startHub({ repositories, quotas, tls: readCertificate("unsigned") }),
    startProxy(),
    startProxy(CREDENTIALS),
    startProxy(CREDENTIALS, tls),
  ]);
});
beforeEach(() => {
  for (const each of [hub, tlsHub, unsignedHub, proxy, lockedProxy, tlsProxy]) each.clearLog();
});
afterAll(async () => {
  await Promise.all([hub, tlsHub, unsignedHub, proxy, lockedProxy, tlsProxy].map((each) => each.close()));
});

const hostsOf = ({ endpoint, cdnOrigin }: StandInHub) =>
  [endpoint, cdnOrigin].map((url) => new URL(url).host);

/** Whom a process trusts is settled when it starts, so only runs that trust one more need a process. */
async function runWith({ endpoint }: StandInHub, words: readonly string[], given: Record<string, string>) {
  const env: Record<string, string> = { HF_ENDPOINT: endpoint, ...given };
  return env["NODE_EXTRA_CA_CERTS"] === undefined ? runProgram(words, { hub, env }) : runBuilt(words, env);
}

/** Runs the program, which must measure the model. */
async function measureThrough(server: StandInHub, env: Record<string, string>): Promise<string> {
  const { stdout, stderr, exitCode } = await runWith(server, WORDS, env);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringMatching(/^(debug: .*\n)+$/) });
  expect(JSON.parse(stdout)).toMatchObject({
    models: [{ source: "hub", evidence: "headers", parameters: { total: 124_439_808 } }],
    failures: [],
  });
  return stdout + stderr;
}

/** Runs the program, which must fail at once; gives what it writes. */
async function failThrough(
  server: StandInHub,
  env: Record<string, string>,
): Promise<{ exitCode: number; output: string; error: string }> {
  const words = [`${GPT2}@main`, "--debug", "--retries", "0"];
  const { stdout, stderr, exitCode } = await runWith(server, words, env);
  return { exitCode, output: stdout + stderr, error: stderr.replaceAll(/^debug: .*\n/gm, "") };
}

describe("a proxy", () => {
  test.each(["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])(
    "of %s passes on every request",
    async (name) => {
      await measureThrough(hub, { [name]: `http://${proxy.host}` });
      expect(hub.requests.length).toBeGreaterThan(3);
      expect(proxy.passages).toHaveLength(hub.requests.length);
      expect(new Set(proxy.passages.map(({ kind }) => kind))).toEqual(new Set(["request"]));
      expect(new Set(proxy.passages.map(({ host }) => host))).toEqual(new Set(hostsOf(hub)));
    },
  );

  test.each(["HTTPS_PROXY", "ALL_PROXY"])("of %s tunnels what is encrypted", async (name) => {
    await measureThrough(tlsHub, { [name]: proxy.host });
    expect(new Set(proxy.passages.map(({ kind }) => kind))).toEqual(new Set(["tunnel"]));
    expect(new Set(proxy.passages.map(({ host }) => host))).toEqual(new Set(hostsOf(tlsHub)));
    expect(proxy.passages.length).toBeLessThan(tlsHub.requests.length); // a tunnel is used again
  });

  test.each([
    ["HTTP_PROXY", "request", () => hub],
    ["https_proxy", "tunnel", () => tlsHub],
  ])("of %s may be encrypted itself", async (name, kind, choose) => {
    const url = `https://${ESCAPED}@${tlsProxy.host}`;
    await measureThrough(choose(), { [name]: url });
    expect(new Set(tlsProxy.passages.map((passage) => passage.kind))).toEqual(new Set([kind]));
    expect(new Set(tlsProxy.passages.map(({ host }) => host))).toEqual(new Set(hostsOf(choose())));
  });

  test("that is encrypted needs a certificate of its own name", async () => {
    const env = { HTTPS_PROXY: `https://${tlsProxy.host.replace("127.0.0.1", "localhost")}` };
    const { exitCode, error } = await failThrough(tlsHub, env);
    expect(exitCode).toBe(4);
    expect(error).toMatch(/^error: \S+ cannot be reached \(ERR_TLS_CERT_ALTNAME_INVALID\)/);
    expect(tlsProxy.passages).toEqual([]);
  });

  test("that never answers does not keep the program", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const env = { HTTPS_PROXY: address, HF_ENDPOINT: "https://hub.example", HF_HUB_DOWNLOAD_TIMEOUT: "0.3" };
    const { exitCode, stderr } = await runBuilt(["acme/model", "--retries", "0"], env);
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/^error: hub\.example did not deliver \S+ within 0\.\d s/);
    silent.close();
  });

  test.each([
    ["of the other scheme", { HTTPS_PROXY: "http://127.0.0.1:9" }],
    ["that NO_PROXY goes around", { HTTP_PROXY: "http://127.0.0.1:9", NO_PROXY: "example.com,127.0.0.1" }],
    ["that no_proxy goes around", { http_proxy: "http://127.0.0.1:9", no_proxy: "*" }],
    ["whose variable is empty", { HTTP_PROXY: "", HTTPS_PROXY: " " }],
  ])("%s is not used", async (_, env) => {
    await measureThrough(hub, env);
  });

  test("that NO_PROXY names for one host only is used for the others", async () => {
    const [hubHost, cdnHost = ""] = hostsOf(hub);
    await measureThrough(hub, { HTTP_PROXY: `http://${proxy.host}`, NO_PROXY: cdnHost });
    expect(new Set(proxy.passages.map(({ host }) => host))).toEqual(new Set([hubHost]));
  });

  test.each([
    ["HTTP_PROXY", () => hub],
    ["HTTPS_PROXY", () => tlsHub],
  ])("of %s gets its credentials, and nobody else does", async (name, choose) => {
    const output = await measureThrough(choose(), { [name]: `http://${ESCAPED}@${lockedProxy.host}` });
    expect(lockedProxy.passages.length).toBeGreaterThan(1);
    for (const secret of [...CREDENTIALS.split(":"), ...ESCAPED.split(":"), btoa(CREDENTIALS)])
      expect(output).not.toContain(secret);
  });

  test.each([
    ["HTTP_PROXY", () => hub],
    ["HTTPS_PROXY", () => tlsHub],
  ])("of %s that wants others says so, and they are not repeated", async (name, choose) => {
    const env = { [name]: `http://mallory:guessed@${lockedProxy.host}` };
    const { exitCode, output, error } = await failThrough(choose(), env);
    expect(exitCode).toBe(4);
    expect(error).toMatch(
      /^error: \S+ cannot be reached \(the proxy answered 407\)\n {2}hint: .*HTTPS_PROXY/,
    );
    expect(output).not.toMatch(/mallory|guessed/);
    expect(lockedProxy.refusals).toBeGreaterThan(0);
  });

  test.each([
    ["HTTP_PROXY", () => hub],
    ["HTTPS_PROXY", () => tlsHub],
  ])("of %s that is down is not gone around", async (name, choose) => {
    const env = { [name]: "http://alice:wonderland@127.0.0.1:9" };
    const { exitCode, output, error } = await failThrough(choose(), env);
    expect(exitCode).toBe(4);
    expect(error).toMatch(/^error: \S+ cannot be reached \(ECONNREFUSED\)\n {2}hint: .*HTTPS_PROXY/);
    expect(output).not.toMatch(/alice|wonderland/);
    expect(choose().requests).toEqual([]);
  });

  test.each([
    ["HTTPS_PROXY", "http://alice:wonderland@"],
    ["http_proxy", "alice:wonderland@proxy:port"],
    ["HTTP_PROXY", "socks5://alice:wonderland@127.0.0.1:1080"],
    ["ALL_PROXY", "socks5://alice:wonderland@127.0.0.1:1080"],
    ["HTTP_PROXY", "http://alice:wonderland%zz@127.0.0.1:8080"],
  ])("%s=%s is none", async (name, value) => {
    const { exitCode, output, error } = await failThrough(hub, { [name]: value });
    expect(exitCode).toBe(2);
    expect(error.split("\n")[0]).toBe(
      `error: invalid ${name.toUpperCase()}: not the http or https URL of a proxy`,
    );
    expect(output).not.toMatch(/alice|wonderland/);
    expect(hub.requests).toEqual([]);
  });
});

describe("a certificate that nobody signed", () => {
  const behind = [
    ["of the Hub", () => ({})],
    ["of the Hub, behind a proxy,", () => ({ HTTPS_PROXY: proxy.host })],
  ] as const;

  test.each(behind)("%s is refused, and the hint says what to do", async (_, choose) => {
    const { exitCode, error } = await failThrough(unsignedHub, { HF_TOKEN: "hf_valid", ...choose() });
    expect(exitCode).toBe(4);
    expect(error).toMatch(/^error: \S+ cannot be reached \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    expect(error).toMatch(/hint: .*NODE_EXTRA_CA_CERTS/);
    expect(unsignedHub.requests).toEqual([]);
  });

  test.each(behind)("%s is trusted where NODE_EXTRA_CA_CERTS names it", async (_, choose) => {
    await measureThrough(unsignedHub, { NODE_EXTRA_CA_CERTS: certificatePath("unsigned"), ...choose() });
    expect(new Set(unsignedHub.requests.map(({ origin }) => origin))).toEqual(new Set(["hub", "cdn"]));
  });
});

describe("a mirror below a path", () => {
  /** More files than a page of the listing has. */
  const crowded = {
    id: "acme/crowded",
    aliases: ["acme/old-name"],
    files: {
      ...Object.fromEntries(
        Array.from({ length: 2100 }, (_, index) => [`images/${index}.png`, { content: `${index}` }]),
      ),
      "config.json": { content: '{"model_type":"llama","architectures":["LlamaForCausalLM"]}' },
      "zz/README.md": { content: "the last page" },
      "model.safetensors": buildSafetensors([["model.embed_tokens.weight", [8, 4], "F32"]]),
    },
  };
  const expected = {
    models: [{ id: "acme/crowded", modelType: "llama", evidence: "headers", parameters: { total: 32 } }],
    failures: [],
  };

  describe.each([
    ["passes on next pages as huggingface.co writes them", { knownAs: "https://huggingface.co" }],
    ["writes next pages without the path", {}],
  ])("that %s", (_, options) => {
    let mirror: StandInHub;
    beforeAll(async () => {
      mirror = await startHub({ pathPrefix: "/hf", repositories: [crowded], ...options });
    });
    beforeEach(() => mirror.clearLog());
    afterAll(() => mirror.close());

    test("is measured, every page of the listing included", async () => {
      const { report, exitCode } = await runJson(["acme/crowded", "--endpoint", mirror.endpoint], {
        hub: mirror,
      });
      expect(exitCode).toBe(0);
      expect(report).toMatchObject(expected);
      const pages = mirror.requests.filter(({ stage }) => stage === "tree");
      expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(mirror.requests.map(({ path }) => path)).toContainEqual(
        expect.stringMatching(/^\/api\/resolve-cache\/.*\/config\.json$/),
      );
    });

    test("may redirect a former name", async () => {
      const report = await measure("acme/old-name", { endpoint: mirror.endpoint });
      expect(report).toMatchObject(expected);
    });

    test("gets the token, and nobody else does", async () => {
      const env = { HF_TOKEN: "hf_valid" };
      const report = await measure("acme/crowded", { endpoint: `${mirror.endpoint}/`, env });
      expect(report).toMatchObject(expected);
      const tokens = (origin: "hub" | "cdn") =>
        mirror.requests
          .filter((request) => request.origin === origin)
          .map(({ authorization }) => authorization);
      expect(new Set(tokens("hub"))).toEqual(new Set(["Bearer hf_valid"]));
      expect(tokens("cdn")).toEqual([null]);
    });
  });
});
