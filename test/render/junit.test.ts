import { expect, test } from "vitest";
import { renderJunit } from "../../src/render/junit.ts";
import { HOSTILE, verdict, VERDICTS } from "./verdict.ts";

test("over budget is a failure, what cannot be judged an error", () => {
  expect(renderJunit(VERDICTS, "si")).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="llm-size" tests="3" failures="1" errors="1">
      <testsuite name="budgets" tests="3" failures="1" errors="1">
        <testcase classname="gemma-2b" name="maxSize at int4"/>
        <testcase classname="Qwen/Qwen3-32B" name="maxSize at int4">
          <failure type="maxSize" message="Qwen/Qwen3-32B at int4 is 18.4 GB, 2.40 GB over the 16 GB limit (because one GPU)"/>
        </testcase>
        <testcase classname="acme/x" name="maxActive">
          <error type="maxActive" message="acme/x cannot be held against maxActive 3B: acme/x is gated"/>
        </testcase>
      </testsuite>
    </testsuites>"
  `);
});

test("nothing judged is an empty suite", () => {
  expect(renderJunit([], "si")).toContain('<testsuite name="budgets" tests="0" failures="0" errors="0">');
});

test("text of strangers is text", () => {
  const calm = renderJunit([verdict({ outcome: "exceeded", reference: "x", why: "x" })], "si");
  const xml = renderJunit([verdict({ outcome: "exceeded", reference: HOSTILE, why: HOSTILE })], "si");
  expect(listTags(xml)).toBe(listTags(calm));
  expect(xml).not.toMatch(/&(?!#\d+;)/);
  // What XML 1.0 allows (section 2.2).
  expect(xml).toMatch(/^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u);
});

function listTags(xml: string): string {
  return xml.replace(/"[^"]*"/g, '""');
}
