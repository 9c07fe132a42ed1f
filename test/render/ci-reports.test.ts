import { describe, expect, test } from "vitest";
import { renderAnnotations, renderJunit } from "../../src/render/ci-reports.ts";
import type { Verdict } from "../../src/contract/types.ts";
import { HOSTILE, verdict, VERDICTS } from "./verdict.ts";

const OPTIONS = { units: "si", toRepositoryPath: (path: string) => path } as const;

describe("GitHub annotations", () => {
  test("one error a model that did not pass", () => {
    const second = verdict({
      reference: "Qwen/Qwen3-32B",
      rule: "maxClass",
      quantization: null,
      limit: 7e9,
      actual: 32e9,
      outcome: "exceeded",
    });
    expect(renderAnnotations([...VERDICTS, second], OPTIONS)).toMatchInlineSnapshot(`
      "::error file=web/llm-size.config.json,line=7,title=over budget%3A Qwen/Qwen3-32B::Qwen/Qwen3-32B at int4 is 18.4 GB, 2.40 GB over the 16 GB limit (because one GPU)%0AQwen/Qwen3-32B is of class 32B, over the 7B limit
      ::error title=budget unknown%3A acme/x::acme/x cannot be checked against maxActive (3B): acme/x is gated"
    `);
  });

  test("all passed, nothing said", () => {
    expect(renderAnnotations([verdict()], OPTIONS)).toBe("");
  });

  const config = { path: "a,b:c.yaml", line: 9 };
  const code = { path: "src/x.py", line: 4, column: 2 };
  test.each<[string, Partial<Verdict>[]]>([
    ["file=a%2Cb%3Ac.yaml,line=9,", [{ limitPlace: config }]],
    ["file=a%2Cb%3Ac.yaml,", [{ limitPlace: { ...config, line: null } }]],
    ["file=src/x.py,line=4,col=2,", [{ limitPlace: config, places: [code] }]],
    // The first limit that is exceeded comes before one that is unknown.
    ["file=a%2Cb%3Ac.yaml,line=9,", [{ outcome: "unknown" }, { limitPlace: config }]],
    ["", [{}]],
  ])("at %j", (position, changes) => {
    const verdicts = changes.map((change) => verdict({ outcome: "exceeded", ...change }));
    expect(renderAnnotations(verdicts, OPTIONS)).toMatch(new RegExp(`^::error ${position}title=`));
  });

  test.each([
    ["100%", "title=over budget%3A 100%25::100%25 at int4"],
    ["a:b,c", "title=over budget%3A a%3Ab%2Cc::a:b,c at int4"],
    ["##[error]a", "title=over budget%3A #%23[error]a::#%23[error]a at int4"],
    ["a\r\nb", "title=over budget%3A a\\u{d}\\u{a}b::a\\u{d}\\u{a}b at int4"],
    ["a\n::error::b", "title=over budget%3A a\\u{a}%3A%3Aerror%3A%3Ab::a\\u{a}::error::b at int4"],
  ])("%j is escaped", (reference, escaped) => {
    expect(renderAnnotations([verdict({ reference, outcome: "exceeded" })], OPTIONS)).toContain(
      `::error ${escaped}`,
    );
  });

  test("text of strangers is one command, and no other", () => {
    const limitPlace = { path: HOSTILE, line: 3 };
    const text = renderAnnotations(
      [verdict({ reference: HOSTILE, why: HOSTILE, outcome: "exceeded", limitPlace })],
      OPTIONS,
    );
    expect(text.split(/[\r\n]/)).toHaveLength(1);
    expect(text).toMatch(/^::error file=[^:,]*,line=3,title=[^:,]*::/);
  });
});

describe("JUnit", () => {
  test("over budget is a failure, what cannot be judged an error", () => {
    expect(renderJunit(VERDICTS, "si")).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="llm-size" tests="3" failures="1" errors="1">
        <testsuite name="budgets" tests="3" failures="1" errors="1">
          <testcase classname="gemma-2b" name="maxSize at int4"/>
          <testcase classname="Qwen/Qwen3-32B" name="maxSize at int4" file="web/llm-size.config.json" line="7">
            <failure type="maxSize" message="Qwen/Qwen3-32B at int4 is 18.4 GB, 2.40 GB over the 16 GB limit (because one GPU)"/>
          </testcase>
          <testcase classname="acme/x" name="maxActive">
            <error type="maxActive" message="acme/x cannot be checked against maxActive (3B): acme/x is gated"/>
          </testcase>
        </testsuite>
      </testsuites>"
    `);
  });

  test("nothing judged is an empty suite", () => {
    expect(renderJunit([], "si")).toContain('<testsuite name="budgets" tests="0" failures="0" errors="0">');
  });

  test("text of strangers is text", () => {
    const place = { path: HOSTILE, line: 3 };
    const quiet = { outcome: "exceeded", reference: "x", why: "x", limitPlace: place } as const;
    const calm = renderJunit([verdict(quiet)], "si");
    const xml = renderJunit(
      [verdict({ outcome: "exceeded", reference: HOSTILE, why: HOSTILE, limitPlace: place })],
      "si",
    );
    expect(listTags(xml)).toBe(listTags(calm));
    expect(xml).not.toMatch(/&(?!#\d+;)/);
    // What XML 1.0 allows (section 2.2).
    expect(xml).toMatch(/^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u);
  });
});

function listTags(xml: string): string {
  return xml.replace(/"[^"]*"/g, '""');
}
