import { describe, expect, test } from "vitest";
import { PLAIN } from "../../src/render/options.ts";
import type { Verdict } from "../../src/contract/types.ts";
import {
  formatRule,
  formatTally,
  formatVerdict,
  renderVerdicts,
  renderVerdictsMarkdown,
} from "../../src/render/verdicts.ts";
import { HOSTILE, verdict, VERDICTS } from "./verdict.ts";

const NOTHING = {
  context: null,
  batch: null,
  kvDtype: null,
  layout: null,
  device: null,
  recommendedBytes: null,
  draft: null,
  train: null,
  gpuMemoryUtilization: null,
};
const AT_50_MBPS = { ...NOTHING, bitsPerSecond: 50_000_000 };
const AT_8K = {
  context: 8192,
  batch: 1,
  kvDtype: "bf16",
  layout: "optimized",
  device: null,
  recommendedBytes: null,
  bitsPerSecond: null,
  draft: null,
  train: null,
  gpuMemoryUtilization: null,
} as const;

test.each<[string, Partial<Verdict>]>([
  ["gemma-2b at int4 is 1.41 GB, within the 1.50 GB limit", {}],
  ["gemma-2b at int4 is 1.41 GB, 410 MB over the 1 GB limit", { limit: 1e9 }],
  ["gemma-2b at int4 is ~1.41 GB, ~410 MB over the 1 GB limit", { limit: 1e9, basis: "predicted" }],
  [
    "gemma-2b at int4 is 1.41 GB, 410 MB over the 1 GB limit (because of phones)",
    { limit: 1e9, why: "of phones" },
  ],
  ["gemma-2b at int4 is 1.41 GB, within the 1.41 GB limit", { limit: 1_409_830_912 }],
  ["gemma-2b at int4 is 1,409,830,912 B, 1 B over the 1,409,830,911 B limit", { limit: 1_409_830_911 }],
  ["gemma-2b at int4 is 1,409,830,912 B, within the 1,409,830,913 B limit", { limit: 1_409_830_913 }],
  ["gemma-2b as published is 1.41 GB, 410 MB over the 1 GB limit", { limit: 1e9, quantization: null }],
  [
    "gemma-2b as published is 5.01 GB, 12.4 MB over the 5 GB limit",
    { rule: "maxPublished", quantization: null, limit: 5e9, actual: 5_012_363_872 },
  ],
  [
    "gemma-2b has 2.51B parameters, 506M over the 2B limit",
    { rule: "maxParams", quantization: null, limit: 2e9, actual: 2_506_172_416 },
  ],
  [
    "gemma-2b has 2,000,000,001 parameters, 1 over the 2,000,000,000 limit",
    { rule: "maxParams", quantization: null, limit: 2e9, actual: 2e9 + 1 },
  ],
  [
    "gemma-2b has 12.9B active parameters, 2.88B over the 10B limit",
    { rule: "maxActive", quantization: null, limit: 1e10, actual: 12_879_925_248 },
  ],
  [
    "gemma-2b is of class 7B, over the 2B limit",
    { rule: "maxClass", quantization: null, limit: 2e9, actual: 7e9 },
  ],
  [
    "gemma-2b is of class 500M, within the 2B limit",
    { rule: "maxClass", quantization: null, limit: 2e9, actual: 5e8 },
  ],
  [
    "gemma-2b at int4 grew by 3.2 % from 1.40 GB, 1.2 % over the 2 % limit",
    { rule: "maxGrowth", limit: 2, actual: 3.2, lockedBytes: 1.4e9 + 1 },
  ],
  [
    "gemma-2b at int4 grew by 2.001 % from 5 GB, 0.001 % over the 2 % limit",
    { rule: "maxGrowth", limit: 2, actual: 2.001, lockedBytes: 5e9 },
  ],
  [
    "gemma-2b at int4 grew by -3 % from 5 GB, within the 2 % limit",
    { rule: "maxGrowth", limit: 2, actual: -3, lockedBytes: 5e9 },
  ],
  [
    "gemma-2b at int4 needs ~2.01 GB at 8192 tokens, ~13.8 MB over the 2 GB limit",
    { rule: "maxMemory", limit: 2e9, actual: 2_013_810_688, basis: "predicted", conditions: AT_8K },
  ],
  [
    "gemma-2b as published needs ~5.62 GB at 8192 tokens × 2 in fp8 kept in full, within the 8.59 GB limit of iphone-16",
    {
      rule: "maxMemory",
      quantization: null,
      limit: 2 ** 33,
      actual: 5.62e9,
      basis: "predicted",
      conditions: { ...AT_8K, batch: 2, kvDtype: "fp8", layout: "full", device: "iphone-16" },
    },
  ],
  [
    "gemma-2b at int4 downloads in 3 min 46 s at 50 Mbps, 46 s over the 3 min limit",
    { rule: "maxDownloadTime", limit: 180, actual: 225.573, conditions: AT_50_MBPS },
  ],
  [
    "gemma-2b at int4 downloads in 180.4 s at 50 Mbps, 0.4 s over the 180 s limit",
    { rule: "maxDownloadTime", limit: 180, actual: 180.4, conditions: AT_50_MBPS },
  ],
  [
    "gemma-2b at int4 cannot be checked against maxMemory (8.59 GB of iphone-16): its cache is not known",
    {
      rule: "maxMemory",
      limit: 2 ** 33,
      actual: null,
      reason: "its cache is not known",
      conditions: { ...AT_8K, device: "iphone-16" },
    },
  ],
  [
    "gemma-2b cannot be checked against maxActive (3B): it was not measured (because x)",
    {
      rule: "maxActive",
      quantization: null,
      limit: 3e9,
      actual: null,
      reason: "it was not measured",
      why: "x",
    },
  ],
])("%s", (sentence, changes) => {
  const { actual, limit, reason } = { ...verdict(), ...changes };
  const outcome = reason !== null || actual === null ? "unknown" : actual <= limit ? "passed" : "exceeded";
  expect(formatVerdict(verdict({ ...changes, outcome }), "si")).toBe(sentence);
});

test("in powers of two", () => {
  expect(formatVerdict(verdict({ limit: 2 ** 30, outcome: "exceeded" }), "iec")).toBe(
    "gemma-2b at int4 is 1.31 GiB, 321 MiB over the 1 GiB limit",
  );
});

test("one line a verdict, and a tally", () => {
  const verdicts = [
    verdict(),
    verdict({
      reference: "Qwen/Qwen3-32B",
      limit: 16e9,
      actual: 18.4e9,
      outcome: "exceeded",
      why: "one GPU",
    }),
    verdict({
      reference: "acme/x",
      actual: null,
      basis: null,
      outcome: "unknown",
      reason: "acme/x is gated",
    }),
  ];
  expect(renderVerdicts(verdicts, { paint: PLAIN, units: "si" })).toMatchInlineSnapshot(`
    "within budget: gemma-2b at int4 is 1.41 GB, within the 1.50 GB limit
    over budget: Qwen/Qwen3-32B at int4 is 18.4 GB, 2.40 GB over the 16 GB limit (because one GPU)
    unknown: acme/x at int4 cannot be checked against maxSize (1.50 GB): acme/x is gated
    3 limits: 1 passed, 1 exceeded, 1 unknown"
  `);
});

test("nothing judged, nothing said", () => {
  expect(renderVerdicts([], { paint: PLAIN, units: "si" })).toBe("");
});

test("one limit", () => {
  expect(formatTally([verdict()])).toBe("1 limit: 1 passed");
});

describe("text of strangers", () => {
  test.each([
    ["reference", { reference: "a\u001b[31m\nover budget: b" }],
    ["why", { why: "\u001b]0;x\u0007\r\n::error::y\u202e" }],
    ["reason", { outcome: "unknown", reason: "\u009b2J\nwithin budget: all" }],
  ] as const)("in %s stays on its line", (_, changes) => {
    const text = renderVerdicts([verdict(changes)], { paint: PLAIN, units: "si" });
    expect(text.split("\n")).toHaveLength(2);
    // eslint-disable-next-line no-control-regex -- these are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

describe("as Markdown", () => {
  test("a tally, and a table with the worst first", () => {
    expect(renderVerdictsMarkdown(VERDICTS, { units: "si" })).toMatchInlineSnapshot(`
      "❌ **3 limits: 1 passed, 1 exceeded, 1 unknown**

      | Verdict | Model | Rule | Limit | Actual | Over by | Why |
      | --- | --- | --- | ---: | ---: | ---: | --- |
      | ❌ exceeded | Qwen/Qwen3-32B | maxSize at int4 | 16 GB | 18.4 GB | 2.40 GB | one GPU |
      | ❓ unknown | acme/x | maxActive | 3B | ? |  | acme/x is gated |
      | ✅ passed | gemma-2b | maxSize at int4 | 1.50 GB | 1.41 GB |  |  |"
    `);
  });

  test("--hide-passed leaves out what passed, not the tally", () => {
    const options = { units: "si", hidePassed: true } as const;
    const text = renderVerdictsMarkdown(VERDICTS, options);
    expect(text).toMatch(/^❌ \*\*3 limits: 1 passed, 1 exceeded, 1 unknown\*\*$/m);
    expect(text).not.toMatch(/\| ✅/);
    expect(renderVerdictsMarkdown([verdict()], options)).toBe("✅ **1 limit: 1 passed**");
    expect(renderVerdicts([verdict()], { ...options, paint: PLAIN })).toBe("1 limit: 1 passed");
  });

  test("nothing judged, nothing said", () => {
    expect(renderVerdictsMarkdown([], { units: "si" })).toBe("");
  });

  test("text of strangers stays in its cell", () => {
    const text = renderVerdictsMarkdown([verdict({ reference: HOSTILE, why: HOSTILE })], { units: "si" });
    const row = text.split("\n").at(-1) ?? "";
    expect(text.split("\n")).toHaveLength(5);
    expect(row.match(/(?<!\\)\|/g)).toHaveLength(7); // "Over by" is left out
    expect(row).not.toMatch(/(?<!\\)[<>`]/);
  });

  test("a rule of memory or time says what it is judged for", () => {
    const memory = {
      context: 8192,
      batch: 1,
      kvDtype: "fp8",
      layout: "optimized",
      bitsPerSecond: null,
    } as const;
    expect(formatRule(verdict({ rule: "maxMemory", conditions: { ...NOTHING, ...memory } }))).toBe(
      "maxMemory at int4 at 8192 tokens in fp8",
    );
    const training = { ...NOTHING, ...memory, train: "lora, rank 16, adamw, bf16" };
    expect(formatRule(verdict({ rule: "maxMemory", conditions: training }))).toBe(
      "maxMemory at int4 to train at 8192 tokens (lora, rank 16, adamw, bf16)",
    );
    const time = verdict({ rule: "maxDownloadTime", conditions: { ...NOTHING, bitsPerSecond: 5e7 } });
    expect(formatRule(time)).toBe("maxDownloadTime at int4 at 50 Mbps");
    expect(formatRule(verdict())).toBe("maxSize at int4");
  });
});

test("a verdict that passes tightly says what is recommended for the device", () => {
  const tight = verdict({
    rule: "maxMemory",
    quantization: null,
    limit: 6 * 2 ** 30,
    actual: 5.62e9,
    basis: "predicted",
    outcome: "passed",
    reason: "above the memory recommended for iphone-16",
    conditions: { ...AT_8K, device: "iphone-16", recommendedBytes: 3 * 2 ** 30 },
  });
  expect(formatVerdict(tight, "si")).toBe(
    "gemma-2b as published needs ~5.62 GB at 8192 tokens, within the 6.44 GB limit of iphone-16, but above its recommended 3.22 GB",
  );
});
