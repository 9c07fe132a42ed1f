import { describe, expect, test } from "vitest";
import type { Report } from "../../../src/contract/types.ts";
import { runProgram } from "../../program.ts";
import { renderPage } from "../../../src/render/html/page.tsx";
import { tabulate, leftColumn } from "../../../src/render/table.ts";

const html = async (...words: string[]): Promise<string> => {
  const { stdout, exitCode } = await runProgram([...words, "--offline", "--format", "html"]);
  expect(exitCode).toBe(0);
  return stdout;
};

describe("a page of models", () => {
  test("draws circles whose areas are the parameters", async () => {
    const page = await html("gemma-2b", "gemma-7b", "distilbert");
    const radii = [...page.matchAll(/<title>(\S+): .*?<\/title><circle r="([\d.]+)"/g)];
    const areas = new Map(radii.map(([, id, radius]) => [id, Number(radius) ** 2]));
    const ratio = (areas.get("google/gemma-7b") ?? 0) / (areas.get("google/gemma-2b") ?? 1);
    expect(ratio).toBeCloseTo(8_537_680_896 / 2_506_172_416, 1);
    expect(areas.size).toBe(3);
  });

  test("has a bar and a figure for each size, and the same table as Markdown", async () => {
    const page = await html("gemma-2b", "--quant", "fp16,int4");
    expect(page).toContain("<title>fp16: 5.01 GB, computed</title>");
    expect(page).toContain("<title>int4: 1.41 GB, computed</title>");
    expect(page).toMatch(/<th scope="row"[^>]*>google\/gemma-2b<\/th>/);
  });

  test("draws a range from the smallest to the largest variant, as the table has it", async () => {
    const page = await html("gemma-2b", "--quant", "Q4_K_M");
    const [, bar = "", start = "", range = ""] =
      /class="predicted"[^>]* width="([\d.]+)".*?class="range" x="([\d.]+)"[^>]* width="([\d.]+)"/.exec(
        page,
      ) ?? [];
    const { stdout } = await runProgram(["gemma-2b", "--quant", "Q4_K_M", "--offline", "--json"]);
    const { models }: Report = JSON.parse(stdout);
    const [size] = models[0]?.sizes ?? [];
    const variants = (size?.variants ?? []).map(({ bytes }) => bytes);
    expect(Number(start) / Number(bar)).toBeCloseTo(Math.min(...variants) / (size?.bytes ?? 1), 6);
    const end = Number(start) + Number(range);
    expect(end / Number(bar)).toBeCloseTo(Math.max(...variants) / (size?.bytes ?? 1), 6);
    expect(page).toContain(">~1.50–1.93 GB</text>");
  });

  test("marks the limits of devices in fit", async () => {
    const page = await html("fit", "gemma-2b", "--device", "rtx-4090");
    expect(page).toMatch(/<g class="limit".*RTX 4090: 25\.8 GB/);
    expect(page).toMatch(/aria-label="Memory of google\/gemma-2b\. [^"]*limit RTX 4090: 25\.8 GB"/);
    expect(page).toContain('<td class="right fits">fits</td>');
  });

  test("draws the weights of one model by layer, role and dtype in explain", async () => {
    const { stdout } = await runProgram(["explain", "fixtures/checkpoints/gpt2", "--format", "html"]);
    expect(stdout).toMatch(
      /<g tabindex="0" role="button" data-zoom="[^"]+"><text class="name">transformer\.h\.0: \S+ parameters/,
    );
    expect(stdout).toContain('class="role-attention"');
  });

  test("shows verdicts, and is written as a report of check", async () => {
    const { stdout, exitCode } = await runProgram([
      "check",
      "gemma-2b",
      "--quant",
      "int4",
      "--max-size",
      "1GB",
      "--offline",
      "--reporter",
      "html",
    ]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/<td class="left exceeded">exceeded<\/td>/);
    expect(stdout).toMatch(/<text class="limit [^>]*>maxSize at int4: 1 GB<\/text>/);
  });
});

describe("a page of hostile names", () => {
  const HOSTILE =
    '</title>]]></script><script>alert(1)</script><img src=x onerror="alert(2)">\u001b[31m\r\n::error::##[x]\ud800';
  const weights = [{ layer: HOSTILE, role: "other" as const, dtype: HOSTILE, parameters: 64 }];
  const section = {
    title: HOSTILE,
    caption: [HOSTILE],
    lines: [HOSTILE],
    table: tabulate([HOSTILE], [leftColumn(HOSTILE, (text) => text)]),
    picture: { kind: "treemap", weights } as const,
  };

  test("runs nothing, loads nothing, and states that in its policy", async () => {
    const page = await renderPage([section], "si");
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page.match(/<\/script/g)).toHaveLength(1);
    expect(page).not.toContain("\u001b");
    expect(page).not.toMatch(/\r|^\s*::/m);
    expect(page).not.toMatch(/<img|<[a-z][^<>]*(?:src|href)=/);
    expect(page).toContain(`content="default-src 'none'; `);
    const [, policy = ""] = /script-src '(sha256-[^']+)'/.exec(page) ?? [];
    const [, script = ""] = /<script>([^]*)<\/script>/.exec(page) ?? [];
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(script));
    expect(policy).toBe(`sha256-${Buffer.from(digest).toString("base64")}`);
  });
});
