import { expect, test } from "vitest";
import { renderAnnotations } from "../../src/render/annotations.ts";
import { HOSTILE, verdict, VERDICTS } from "./verdict.ts";

test("one error a model that did not pass", () => {
  const second = verdict({
    reference: "Qwen/Qwen3-32B",
    rule: "maxClass",
    quantization: null,
    limit: 7e9,
    actual: 32e9,
    outcome: "exceeded",
  });
  expect(renderAnnotations([...VERDICTS, second], "si")).toMatchInlineSnapshot(`
    "::error title=over budget%3A Qwen/Qwen3-32B::Qwen/Qwen3-32B at int4 is 18.4 GB, 2.40 GB over the 16 GB limit (because one GPU)%0AQwen/Qwen3-32B is of class 32B, over the 7B limit
    ::error title=budget not known%3A acme/x::acme/x cannot be held against maxActive 3B: acme/x is gated"
  `);
});

test("all passed, nothing said", () => {
  expect(renderAnnotations([verdict()], "si")).toBe("");
});

test.each([
  ["100%", "title=over budget%3A 100%25::100%25 at int4"],
  ["a:b,c", "title=over budget%3A a%3Ab%2Cc::a:b,c at int4"],
  ["a\r\nb", "title=over budget%3A a\\u{d}\\u{a}b::a\\u{d}\\u{a}b at int4"],
  ["a\n::error::b", "title=over budget%3A a\\u{a}%3A%3Aerror%3A%3Ab::a\\u{a}::error::b at int4"],
])("%j is escaped", (reference, escaped) => {
  expect(renderAnnotations([verdict({ reference, outcome: "exceeded" })], "si")).toContain(
    `::error ${escaped}`,
  );
});

test("text of strangers is one command, and no other", () => {
  const text = renderAnnotations([verdict({ reference: HOSTILE, why: HOSTILE, outcome: "exceeded" })], "si");
  expect(text.split(/[\r\n]/)).toHaveLength(1);
  expect(text).toMatch(/^::error title=[^:,]*::/);
});
