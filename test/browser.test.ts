/** The library for browsers: what it loads, and that it measures the same as in Node.js. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explain, measure, measureEach, type MeasureOptions } from "../src/browser.ts";
import { measure as measureInNode } from "../src/index.ts";
import { startHub, type StandInHub } from "./hub/hub.ts";
import { realModel, serveRealModel } from "./hub/real-models.ts";

const BUNDLE = fileURLToPath(new URL("../dist/bundle/browser.js", import.meta.url));
const GPT2 = "openai-community/gpt2";
let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({ repositories: [serveRealModel(realModel(GPT2))] });
});
afterAll(() => hub.close());

/** Everything but where the figures came from. */
const options = (more: MeasureOptions = {}): MeasureOptions => ({ endpoint: hub.endpoint, ...more });

describe("it bundles for browsers without any option", () => {
  test("with esbuild, as one file", async () => {
    const { outputFiles, warnings } = await build({ entryPoints: [BUNDLE], bundle: true, write: false });
    expect([outputFiles.length, warnings]).toEqual([1, []]);
  });

  test("with rolldown, as Vite does, and the parts that few models need stay apart", async () => {
    const warnings: string[] = [];
    const bundle = await rolldown({
      input: BUNDLE,
      platform: "browser",
      onLog: (_, { message }) => void warnings.push(message),
    });
    const { output } = await bundle.generate();
    expect(warnings).toEqual([]);
    expect(output.length).toBeGreaterThan(6);
    expect(
      output
        .flatMap((chunk) => ("imports" in chunk ? chunk.imports : []))
        .filter((name) => !name.endsWith(".js")),
    ).toEqual([]);
  });
});

test("it measures what the library of Node.js measures", async () => {
  const quantizations = ["int4", "gguf:Q4_K_M"];
  const memory = { context: 1024 };
  const [here, node] = await Promise.all([
    measure(GPT2, options({ quantizations, memory })),
    measureInNode(GPT2, { env: {}, endpoint: hub.endpoint, quantizations, memory }),
  ]);
  expect(here.models).toHaveLength(1);
  expect(here).toEqual(node);
});

test("it explains, streams, and reports progress", async () => {
  const progress: unknown[] = [];
  const { tensors } = await explain(GPT2, options());
  expect(tensors?.weights.map(({ parameters }) => parameters).reduce((sum, each) => sum + each, 0)).toBe(
    124_439_808,
  );
  for await (const { reference, models, failures } of measureEach(
    [GPT2, "acme/none", "./folder"],
    options({ onProgress: (now) => progress.push(now) }),
  ))
    expect([reference, models.length, failures[0]?.code]).toEqual(
      { [GPT2]: [GPT2, 1, undefined], "acme/none": ["acme/none", 0, "MODEL_NOT_FOUND"] }[reference] ?? [
        "./folder",
        0,
        "PATH_NOT_FOUND",
      ],
    );
  expect(progress.at(-1)).toEqual({ read: 1, known: 1 });
});

test("a token goes to the Hub alone, and an aborted signal ends everything with its reason", async () => {
  const sent: [string, string | null][] = [];
  const watch: typeof fetch = (input, init) => {
    sent.push([new URL(String(input)).origin, new Headers(init?.headers).get("authorization")]);
    return fetch(input, init);
  };
  await measure(GPT2, options({ token: "hf_valid", fetch: watch }));
  const origins = new Set(
    sent.map(([origin, token]) => `${origin === hub.endpoint ? "Hub" : "CDN"} ${token}`),
  );
  expect(origins).toEqual(new Set(["Hub Bearer hf_valid", "CDN null"]));
  const reason = new Error("enough");
  await expect(measure(GPT2, options({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
});

test("a fetch that follows redirects itself, as a browser's does, reads the same", async () => {
  const opaque: typeof fetch = async (input, init) => {
    if (init?.redirect === "follow") return fetch(input, init);
    const response = await fetch(input, { ...init, redirect: "manual" });
    if (response.status < 300 || response.status >= 400) return response;
    await response.body?.cancel();
    return Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" });
  };
  const { models } = await measure(GPT2, options({ fetch: opaque }));
  expect(models[0]?.parameters.total).toBe(124_439_808);
});

test("where the Hub does not answer, the catalog does", async () => {
  const fetch = () => Promise.reject(new TypeError("fetch failed"));
  const { models } = await measure(["gpt2"], { fetch, retries: 0 });
  expect(models[0]).toMatchObject({ source: "catalog", parameters: { total: 124_439_808 } });
});
