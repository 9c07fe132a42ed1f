import { describe, expect, test } from "vitest";
import { EXIT_CODES, isFailure, LlmSizeError } from "../src/errors.ts";

const model = "acme/model";
const host = "huggingface.co";

/** One line an error: what is said, what to do about it, and how the program ends. */
const CASES: readonly (readonly [LlmSizeError, string, string | null, number])[] = [
  [
    new LlmSizeError("USAGE", { message: "no model was named" }),
    "no model was named",
    "see llm-size --help",
    2,
  ],
  [new LlmSizeError("USAGE", { message: "m", hint: "h" }), "m", "h", 2],
  [
    new LlmSizeError("INVALID_REFERENCE", { reference: "a--b", reason: "it is not a name" }),
    'invalid model "a--b": it is not a name',
    "use a name such as gemma-2b, org/name or org/name@revision, a Hub URL, or a path such as ./folder",
    2,
  ],
  [
    new LlmSizeError("MODEL_NOT_FOUND", { model }),
    "acme/model was not found, or is private",
    "check the spelling; if it is private, set HF_TOKEN",
    3,
  ],
  [
    new LlmSizeError("MODEL_NOT_FOUND", { model, withToken: true }),
    "acme/model was not found",
    "check the spelling, and that the token has access",
    3,
  ],
  [
    new LlmSizeError("MODEL_NOT_FOUND", { model, similar: ["a/b", "c/d"] }),
    "acme/model was not found, or is private",
    "did you mean a/b, c/d?",
    3,
  ],
  [
    new LlmSizeError("MODEL_AMBIGUOUS", {
      model: "twin",
      candidates: [
        { id: "a/twin", downloads: 5 },
        { id: "b/twin", downloads: null },
      ],
    }),
    "twin is not a full name; it may mean a/twin (5 downloads per month), b/twin",
    "use the full name, as in a/twin",
    3,
  ],
  [
    new LlmSizeError("MODEL_GATED", { model, url: "https://x", withToken: false }),
    "acme/model is gated",
    "accept its license at https://x and set HF_TOKEN",
    3,
  ],
  [
    new LlmSizeError("MODEL_GATED", { model, url: "https://x", withToken: true }),
    "acme/model is gated, and the token cannot access it",
    "request access at https://x",
    3,
  ],
  [new LlmSizeError("MODEL_DISABLED", { model }), "acme/model has been disabled on the Hub", null, 3],
  [
    new LlmSizeError("TOKEN_INVALID", { model }),
    "the Hub refused the token, and acme/model cannot be read without one",
    "renew the token at https://huggingface.co/settings/tokens and set HF_TOKEN",
    3,
  ],
  [
    new LlmSizeError("REVISION_NOT_FOUND", { model, revision: "dev" }),
    "revision dev of acme/model was not found",
    "use a branch, a tag, a commit, or refs/pr/1",
    3,
  ],
  [new LlmSizeError("FILE_NOT_FOUND", { model, path: "x" }), "x was not found in acme/model", null, 3],
  [new LlmSizeError("PATH_NOT_FOUND", { path: "./x" }), "./x does not exist", null, 3],
  [
    new LlmSizeError("NO_WEIGHTS", { model, found: "it is empty" }),
    "llm-size cannot read any weights in acme/model: it is empty",
    null,
    3,
  ],
  [
    new LlmSizeError("MALFORMED_WEIGHTS", { model, path: "x", reason: "it ends early" }),
    "acme/model: x is malformed: it ends early",
    null,
    3,
  ],
  [
    new LlmSizeError("INCOMPLETE_WEIGHTS", { model, missing: ["a", "b"] }),
    "acme/model is missing 2 of its weight files: a, b",
    null,
    3,
  ],
  [
    new LlmSizeError("INCOMPLETE_WEIGHTS", { model, missing: ["a", "b", "c", "d"] }),
    "acme/model is missing 4 of its weight files: a, b, c …",
    null,
    3,
  ],
  [
    new LlmSizeError("BUDGET_UNKNOWN", { model, quantization: "int4", reason: "its size is not known" }),
    "no limit can be proposed for acme/model at int4: its size is not known",
    null,
    3,
  ],
  [
    new LlmSizeError("HUB_STALLED", { host, seconds: 10, what: "x" }),
    "huggingface.co did not deliver x within 10 s",
    "try again in a moment",
    4,
  ],
  [
    new LlmSizeError("HUB_FAILED", { host, status: 503, what: "x" }),
    "huggingface.co answered 503 for x",
    "try again in a moment",
    4,
  ],
  [
    new LlmSizeError("RATE_LIMITED", { host, seconds: 40, withToken: false, waits: true }),
    "huggingface.co limits the rate of requests; the limit resets in 40 s",
    "set HF_TOKEN for a higher limit, or wait for it with --timeout 2m",
    4,
  ],
  [
    new LlmSizeError("RATE_LIMITED", { host, seconds: null, withToken: true, waits: true }),
    "huggingface.co limits the rate of requests",
    "try again later",
    4,
  ],
];

test.each(CASES)("%s", (error, message, hint, exitCode) => {
  expect(error).toMatchObject({ message, hint, exitCode, retryable: exitCode === EXIT_CODES.hub });
});

describe("a sentence", () => {
  test.each(CASES)("%s: is one clause without a full stop", (error) => {
    expect(error.message).not.toMatch(/\.$|\n/);
    expect(error.hint ?? "").not.toMatch(/\.$|\n/);
  });
});

test("keeps its code, its context and its cause", () => {
  const cause = new Error("why");
  const error = new LlmSizeError("FILE_NOT_FOUND", { model, path: "x" }, { cause });
  expect(error).toMatchObject({
    code: "FILE_NOT_FOUND",
    context: { model, path: "x" },
    cause,
    name: "LlmSizeError",
  });
});

test("is told apart by its code", () => {
  const error: unknown = new LlmSizeError("MODEL_DISABLED", { model });
  expect(isFailure(error, "MODEL_DISABLED")).toBe(true);
  expect(isFailure(error, "MODEL_GATED")).toBe(false);
  expect(isFailure({ code: "MODEL_DISABLED" }, "MODEL_DISABLED")).toBe(false);
});

test("no two ways to end share a number", () => {
  expect(Object.values(EXIT_CODES)).toEqual([0, 1, 2, 3, 4, 70]);
});
