import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type StandInHub, startHub } from "./hub.ts";
import type { Repository } from "./repository.ts";
import { buildSafetensors } from "./safetensors-file.ts";
import { hash } from "./stored-file.ts";

const BIG = 70_000_000_000;
const MAIN = "607a30d783dfa663caf39e06633721c8d4cfcd7e";
const PULL = "11a30d783dfa663caf39e06633721c8d4cfcd7e2";
const head = buildSafetensors([["wte.weight", [4, 4], "F32"]]).head;
const files: Repository["files"] = {
  "config.json": { content: '{"model_type":"gpt2"}' },
  "empty.txt": { content: "" },
  "model.safetensors": { head, size: BIG },
  "onnx/model.onnx": { content: "onnx", lfs: true },
  "onnx/fp16/a b.txt": { content: "deep" },
};
const gpt2: Repository = {
  id: "openai-community/gpt2",
  aliases: ["gpt2"],
  commit: MAIN,
  refs: { "refs/pr/1": PULL },
  revisions: { [PULL]: { files: { "pull.txt": { content: "pull request" } } } },
  info: {
    library_name: "transformers",
    safetensors: { parameters: { F32: 137022720 }, total: 137022720 },
    downloads: 9,
  },
  files,
};
const many = Object.fromEntries(
  Array.from({ length: 1200 }, (_, index) => [`data/${1000 + index}.txt`, { content: "x" }]),
);

let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({
    repositories: [
      gpt2,
      { id: "org/gated", gated: "manual", files },
      { id: "org/private", private: true, files },
      { id: "org/disabled", disabled: true, files },
      { id: "org/many", files: many },
    ],
  });
});
afterAll(() => hub.close());

/** One request, redirects not followed. */
async function ask(path: string, headers: Record<string, string> = {}, method = "GET") {
  const url = path.startsWith("http") ? path : hub.endpoint + path;
  const response = await fetch(url, { method, headers, redirect: "manual" });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const bearer = (token: string | null) => (token ? { Authorization: `Bearer ${token}` } : undefined);
const MODEL = "/api/models/openai-community/gpt2";
const FILE = "/openai-community/gpt2/resolve/main";
const LOGIN = "Invalid username or password.";
const GATED =
  "Access to model org/gated is restricted. You must have access to it and be authenticated to access it. Please log in.";

describe("denials", () => {
  test.each([
    ["/api/models/no/model", null, 401, null, `{"error":"${LOGIN}"}`],
    ["/api/models/openai-community", null, 401, null, `{"error":"${LOGIN}"}`],
    ["/no/model/resolve/main/config.json", null, 401, null, LOGIN],
    ["/api/models/no/model", "hf_noaccess", 404, "RepoNotFound", '{"error":"Repository not found"}'],
    ["/api/models/org/private", null, 401, null, `{"error":"${LOGIN}"}`],
    ["/api/models/org/private", "hf_noaccess", 404, "RepoNotFound", '{"error":"Repository not found"}'],
    ["/org/gated/resolve/main/config.json", null, 401, "GatedRepo", GATED],
    ["/org/gated/resolve/main/config.json", "hf_bad", 401, "GatedRepo", GATED],
    ["/org/gated/raw/main/config.json", null, 401, "GatedRepo", GATED],
    ["/api/models/org/gated/auth-check", null, 401, "GatedRepo", `{"error":"${GATED}"}`],
    ["/org/disabled/resolve/main/config.json", null, 403, null, "Access to this resource is disabled."],
    [MODEL, "hf_bad", 401, null, `{"error":"${LOGIN}"}`],
    [MODEL, "hf_expired", 401, null, '{"error":"User Access Token \\"stand-in\\" is expired"}'],
    ["/api/whoami-v2", null, 401, null, `{"error":"${LOGIN}"}`],
    ["/api/whoami-v2", "hf_bad", 401, null, `{"error":"${LOGIN}"}`],
    [`${MODEL}/tree/nope`, null, 404, "RevisionNotFound", '{"error":"Invalid rev id: nope"}'],
    [`${MODEL}/revision/n%C3%B6`, null, 404, "RevisionNotFound", '{"error":"Invalid rev id: nö"}'],
    [`${MODEL}/tree/main/nope`, null, 404, "EntryNotFound", '{"error":"Entry not found"}'],
    [`${FILE}/nope.json`, null, 404, "EntryNotFound", "Entry not found"],
    [`${FILE}/Config.json`, null, 404, "EntryNotFound", "Entry not found"],
    ["/api/nope", null, 404, null, '{"error":"Sorry, we can\'t find the page you are looking for."}'],
  ])("%s as %s: %i %s", async (path, token, status, code, body) => {
    const answer = await ask(path, bearer(token));
    expect([answer.status, answer.headers.get("x-error-code"), answer.text]).toEqual([status, code, body]);
    const withoutBody = await ask(path, bearer(token), "HEAD");
    expect([withoutBody.status, withoutBody.headers.get("x-error-code"), withoutBody.text]).toEqual([
      status,
      code,
      "",
    ]);
  });

  test.each([
    ["/api/models/org/gated", null],
    ["/api/models/org/gated/tree/main", null],
    ["/api/models/org/disabled", null],
    ["/api/models/org/private", "hf_valid"],
    ["/api/models/org/gated/auth-check", "hf_valid"],
    ["/api/whoami-v2", "hf_noaccess"],
  ])("%s as %s is open", async (path, token) => {
    expect((await ask(path, bearer(token))).status).toBe(200);
  });

  test("messages are in headers too, except for a bad token", async () => {
    const missing = await ask("/api/models/no/model");
    expect(missing.headers.get("x-error-message")).toBe(LOGIN);
    expect(missing.headers.get("www-authenticate")).toBe(
      'Bearer realm="Authentication required", charset="UTF-8"',
    );
    const refused = await ask("/org/gated/resolve/main/config.json", bearer("hf_noaccess"));
    expect(refused.status).toBe(403);
    expect(refused.headers.get("x-error-message")).toContain("not in the authorized list");
    expect((await ask(MODEL, bearer("hf_bad"))).headers.get("x-error-message")).toBeNull();
    expect((await ask(`${FILE}/nope`)).headers.get("x-repo-commit")).toBe(MAIN);
  });
});

describe("headers of every answer", () => {
  test("the request id, the rate limit per bucket and caller, the anonymous warning", async () => {
    const fresh = await startHub({ repositories: [gpt2], quotas: { api: 2 } });
    const url = `${fresh.endpoint}/api/models/openai-community/gpt2`;
    const first = await fetch(url);
    expect(first.headers.get("x-request-id")).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(first.headers.get("ratelimit")).toMatch(/^"api";r=1;t=\d+$/);
    expect(first.headers.get("ratelimit-policy")).toBe('"fixed window";"api";q=2;w=300');
    expect(first.headers.get("x-hf-warning")).toMatch(/^unauthenticated; /);
    await fetch(url);
    expect((await fetch(url)).status).toBe(429);
    const known = await fetch(url, { headers: { Authorization: "Bearer hf_valid" } });
    expect([known.status, known.headers.get("x-hf-warning")]).toEqual([200, null]);
    const file = await fetch(`${fresh.endpoint}/gpt2/resolve/main/nope`, { redirect: "manual" });
    expect(file.headers.get("ratelimit")).toMatch(/^"resolvers";r=2999;/);
    await fresh.close();
  });
});

describe("model info", () => {
  test("the whole, an expansion in both spellings, blobs", async () => {
    const whole = JSON.parse((await ask(MODEL)).text);
    expect(whole).toMatchObject({ id: "openai-community/gpt2", sha: MAIN, gated: false, downloads: 9 });
    expect(whole.siblings).toContainEqual({ rfilename: "config.json" });
    expect(whole.usedStorage).toBe(BIG + 4);
    const { _id } = whole;
    for (const query of [
      "expand=sha&expand=gguf&expand=likes",
      "expand[]=sha&expand[]=gguf&expand[]=likes",
    ]) {
      expect(JSON.parse((await ask(`${MODEL}/revision/HEAD?${query}`)).text)).toEqual({
        _id,
        id: "openai-community/gpt2",
        sha: MAIN,
        likes: 0,
      });
    }
    const blobs = JSON.parse((await ask(`${MODEL}?blobs=true`)).text).siblings[2];
    expect(blobs).toMatchObject({ size: BIG, lfs: { size: BIG, pointerSize: 136 } });
  });

  test("an unknown expansion lists the known ones", async () => {
    const answer = await ask(`${MODEL}?expand[]=_id`);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text).error).toContain('"usedStorage"|"widgetData"');
  });

  test.each([
    ["main", MAIN],
    [MAIN, MAIN],
    ["607a30d", MAIN],
    ["refs%2Fpr%2F1", PULL],
    ["refs/pr/1", PULL],
  ])("revision %s", async (revision, commit) => {
    const { text } = await ask(`${MODEL}/revision/${revision}?expand=sha`);
    expect(JSON.parse(text).sha).toBe(commit);
  });

  test("a revision has its own files", async () => {
    expect(await pathsOf(`${MODEL}/tree/refs%2Fpr%2F1`)).toEqual(["pull.txt"]);
    expect((await ask("/openai-community/gpt2/raw/refs/pr/1/pull.txt")).text).toBe("pull request");
  });
});

describe("other names", () => {
  test.each([
    ["/api/models/gpt2?blobs=true", "/api/models/openai-community/gpt2?blobs=true"],
    ["/api/models/gpt2/tree/refs%2Fpr%2F1", `${MODEL}/tree/refs%2Fpr%2F1`],
    ["/gpt2/resolve/main/config.json", `${FILE}/config.json`],
    ["/OpenAI-Community/GPT2/raw/main/a", "/openai-community/gpt2/raw/main/a"],
  ])("%s → %s", async (path, location) => {
    const answer = await ask(path);
    expect([answer.status, answer.headers.get("location")]).toEqual([307, location]);
    expect(answer.text).toBe(`Temporary Redirect. Redirecting to ${location}`);
  });
});

async function pathsOf(path: string): Promise<string[]> {
  const entries = JSON.parse((await ask(path)).text) as { path: string }[];
  return entries.map((entry) => entry.path);
}

describe("listings", () => {
  test("the tree, one level and all of it", async () => {
    expect(await pathsOf(`${MODEL}/tree/main`)).toEqual([
      "onnx",
      "config.json",
      "empty.txt",
      "model.safetensors",
    ]);
    expect(await pathsOf(`${MODEL}/tree/main/onnx?recursive=true`)).toEqual([
      "onnx/fp16",
      "onnx/fp16/a b.txt",
      "onnx/model.onnx",
    ]);
  });

  test("entries as the Hub writes them", async () => {
    const [folder, config, , model] = JSON.parse((await ask(`${MODEL}/tree/main`)).text);
    expect(folder).toMatchObject({ type: "directory", size: 0, path: "onnx" });
    expect(config).toEqual({
      type: "file",
      oid: hash("sha1", 'blob 21\0{"model_type":"gpt2"}'),
      size: 21,
      path: "config.json",
    });
    expect(Object.keys(model)).toEqual(["type", "oid", "size", "lfs", "xetHash", "path"]);
    expect(model.lfs).toMatchObject({ size: BIG, pointerSize: 136 });
  });

  test.each([
    ["recursive=true", [1000, 201]],
    ["recursive=true&limit=500", [500, 500, 201]],
    ["recursive=true&expand=true&limit=1000", Array.from({ length: 25 }, (_, i) => (i < 24 ? 50 : 1))],
  ])("pages of ?%s", async (query, sizes) => {
    const found: number[] = [];
    let url: string | undefined = `${hub.endpoint}/api/models/org/many/tree/main?${query}`;
    while (url) {
      const { text, headers } = await ask(url);
      found.push(JSON.parse(text).length);
      url = /^<(.+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1];
    }
    expect(found).toEqual(sizes);
  });

  test("the next page is on the host that was asked", async () => {
    const url = `http://localhost:${new URL(hub.endpoint).port}/api/models/org/many/tree/main/data`;
    const link = (await ask(url)).headers.get("link");
    expect(link).toMatch(new RegExp(`^<${url}\\?limit=1000&cursor=`));
    expect((await ask(`${url}?cursor=nonsense`)).status).toBe(400);
  });

  test("refs, and paths-info from a form", async () => {
    expect(JSON.parse((await ask(`${MODEL}/refs`)).text).branches).toEqual([
      { name: "main", ref: "refs/heads/main", targetCommit: MAIN },
    ]);
    const body = new URLSearchParams([
      ["paths", "config.json"],
      ["paths", "nope"],
      ["paths", "onnx"],
    ]);
    const response = await fetch(`${hub.endpoint}${MODEL}/paths-info/main`, { method: "POST", body });
    const entries = (await response.json()) as { path: string }[];
    expect(entries.map(({ path }) => path)).toEqual(["config.json", "onnx"]);
  });
});

describe("files", () => {
  test("a small file lies behind a redirect on the Hub", async () => {
    const answer = await ask(`${FILE}/config.json`);
    const oid = hash("sha1", 'blob 21\0{"model_type":"gpt2"}');
    expect(answer.status).toBe(307);
    expect(answer.headers.get("x-repo-commit")).toBe(MAIN);
    expect(answer.headers.get("x-linked-etag")).toBe(`"${oid}"`);
    const location = answer.headers.get("location") ?? "";
    expect(location).toBe(
      `/api/resolve-cache/models/openai-community/gpt2/${MAIN}/config.json?%2Fopenai-community%2Fgpt2%2Fresolve%2Fmain%2Fconfig.json=&etag=%22${oid}%22`,
    );
    const content = await ask(location);
    expect([content.status, content.text]).toEqual([200, '{"model_type":"gpt2"}']);
    expect(content.headers.get("etag")).toBe(`"${oid}"`);
    expect((await ask(location, { "If-None-Match": `"${oid}"` })).status).toBe(304);
    expect((await ask(location, { Range: "bytes=2-11" })).text).toBe("model_type");
  });

  test("an LFS file lies behind a redirect to the CDN, which alone knows the range", async () => {
    const answer = await ask(`${FILE}/model.safetensors`, { Range: "bytes=0-7" }, "HEAD");
    expect(answer.status).toBe(302);
    expect(answer.headers.get("x-linked-size")).toBe(String(BIG));
    expect(answer.headers.get("x-linked-etag")).toMatch(/^"[0-9a-f]{64}"$/);
    expect(Number(answer.headers.get("content-length"))).toBeLessThan(500);
    const signed = answer.headers.get("location") ?? "";
    expect(new URL(signed).origin).toBe(hub.cdnOrigin);
    const part = await ask(signed, { Range: "bytes=8-17" });
    expect([part.status, part.text]).toEqual([206, '{"__metada']);
    expect(part.headers.get("content-range")).toBe(`bytes 8-17/${BIG}`);
    expect(part.headers.get("etag")).toBe(`"${answer.headers.get("x-xet-hash")}"`);
    expect(part.headers.get("x-request-id")).toBeNull();
  });

  test("the xet facts when they are accepted, the pointer when raw", async () => {
    const xet = await ask(`${FILE}/model.safetensors`, {
      Accept: "application/vnd.xet-fileinfo+json, */*",
    });
    expect([xet.status, JSON.parse(xet.text).size]).toEqual([200, BIG]);
    expect(xet.headers.get("link")).toMatch(/^<http:.+>; rel="xet-auth", <https:.+>; rel="xet-recon/);
    const raw = await ask("/openai-community/gpt2/raw/main/onnx/model.onnx");
    expect(raw.text).toBe(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${hash("sha256", "onnx")}\nsize 4\n`,
    );
    expect((await ask(`${FILE}/empty.txt`)).status).toBe(200);
  });

  test.each([
    ["bytes=0-0", 206, `bytes 0-0/${BIG}`, 1],
    [`bytes=${BIG - 3}-`, 206, `bytes ${BIG - 3}-${BIG - 1}/${BIG}`, 3],
    ["bytes=-2", 206, `bytes ${BIG - 2}-${BIG - 1}/${BIG}`, 2],
    [`bytes=${BIG - 1}-${BIG + 9}`, 206, `bytes ${BIG - 1}-${BIG - 1}/${BIG}`, 1],
    [`bytes=${BIG}-`, 416, `bytes */${BIG}`, 0],
    ["bytes=5-4", 416, `bytes */${BIG}`, 0],
  ])("range %s", async (range, status, contentRange, bytes) => {
    const signed = (await ask(`${FILE}/model.safetensors`)).headers.get("location") ?? "";
    const answer = await ask(signed, { Range: range });
    expect([answer.status, answer.headers.get("content-range")]).toEqual([status, contentRange]);
    expect(answer.text).toHaveLength(bytes);
  });

  test("the CDN refuses a token, a forged and an expired address", async () => {
    const signed = (await ask(`${FILE}/onnx/model.onnx`)).headers.get("location") ?? "";
    expect((await ask(signed)).text).toBe("onnx");
    expect((await ask(signed, bearer("hf_valid") ?? {})).status).toBe(400);
    expect((await ask(signed.replace("Expires=1", "Expires=2"))).status).toBe(403);
    expect((await ask(new URL(signed).pathname.replace(/^/, hub.cdnOrigin))).status).toBe(403);
    const stale = await startHub({ repositories: [gpt2], signedUrlSeconds: -1 });
    const late = await fetch(`${stale.endpoint}${FILE}/onnx/model.onnx`);
    expect(late.status).toBe(403);
    await stale.close();
  });
});

describe("the log", () => {
  test("tells both origins, what was sent, and that no token left the Hub", async () => {
    hub.clearLog();
    const headers = { Range: "bytes=0-99", Authorization: "Bearer hf_valid", "User-Agent": "test/1" };
    await fetch(`${hub.endpoint}${FILE}/model.safetensors`, { headers }).then((answer) => answer.text());
    expect(hub.requests).toMatchObject([
      { origin: "hub", stage: "header", status: 302, range: "bytes=0-99", authorization: "Bearer hf_valid" },
      { origin: "cdn", stage: "cdn", status: 206, bytesSent: 100, authorization: null, userAgent: "test/1" },
    ]);
    expect(hub.requests.map(({ file }) => file)).toEqual(["model.safetensors", "model.safetensors"]);
  });
});
