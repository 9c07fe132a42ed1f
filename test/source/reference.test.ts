import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LlmSizeError } from "../../src/errors.ts";
import { parseReference } from "../../src/source/reference.ts";

const HUB = "https://huggingface.co";
const parse = (text: string, endpoint = HUB) => parseReference(text, endpoint);

describe("a name", () => {
  test.each([
    ["gemma-2b", "gemma-2b", null],
    ["gpt2", "gpt2", null],
    ["gemma-2b@main", "gemma-2b", "main"],
    ["Qwen2.5-0.5B", "Qwen2.5-0.5B", null],
    ["my_model", "my_model", null],
    ["_x", "_x", null],
    ["7", "7", null],
    ["  gemma-2b\n", "gemma-2b", null],
    ["hf://gpt2", "gpt2", null],
    ["https://huggingface.co/gpt2", "gpt2", null],
    ["https://huggingface.co/gpt2/tree/refs%2Fpr%2F1", "gpt2", "refs/pr/1"],
    ["hf.co/gpt2", "gpt2", null],
    ["x".repeat(96), "x".repeat(96), null],
  ])("%j", (text, name, revision) => {
    expect(parse(text)).toEqual({ kind: "name", text: text.trim(), name, revision });
  });
});

describe("a repository", () => {
  const COMMIT = "0123456789abcdef0123456789abcdef01234567";
  test.each([
    // typed                                                        id                revision     file
    ["org/name", "org/name", null, null],
    ["org/name@main", "org/name", "main", null],
    ["org/name@refs/pr/1", "org/name", "refs/pr/1", null],
    [`org/name@${COMMIT}`, "org/name", COMMIT, null],
    ["org/name@feature/x", "org/name", "feature/x", null],
    ["org/name@a@b", "org/name", "a@b", null],
    ["TheBloke/Llama-2-7B-GGUF", "TheBloke/Llama-2-7B-GGUF", null, null],
    ["hf://org/name", "org/name", null, null],
    ["hf://org/name/", "org/name", null, null],
    ["HF://org/name@dev", "org/name", "dev", null],
    ["hf://models/org/name", "org/name", null, null],
    ["models/org/name", "org/name", null, null],
    ["hf.co/org/name", "org/name", null, null],
    ["www.hf.co/org/name", "org/name", null, null],
    ["huggingface.co/org/name", "org/name", null, null],
    ["https://huggingface.co/org/name", "org/name", null, null],
    ["https://huggingface.co/org/name/", "org/name", null, null],
    ["HTTPS://HuggingFace.co/org/name", "org/name", null, null],
    ["http://huggingface.co/org/name", "org/name", null, null],
    ["https://www.huggingface.co/models/org/name", "org/name", null, null],
    ["https://huggingface.co/org/name?library=transformers#files", "org/name", null, null],
    ["https://huggingface.co/org/name@dev", "org/name", "dev", null],
    ["https://huggingface.co/org/name@refs/pr/1", "org/name", "refs/pr/1", null],
    ["https://huggingface.co/org/name/tree/main", "org/name", "main", null],
    ["https://huggingface.co/org/name/tree", "org/name", null, null],
    ["https://huggingface.co/org/name/tree/main/onnx", "org/name", "main", "onnx"],
    ["https://huggingface.co/org/name/tree/refs%2Fpr%2F1", "org/name", "refs/pr/1", null],
    ["https://huggingface.co/org/name/tree/refs/pr/1", "org/name", "refs/pr/1", null],
    ["https://huggingface.co/org/name/tree/feature%2Fx", "org/name", "feature/x", null],
    [`https://huggingface.co/org/name/commit/${COMMIT}`, "org/name", COMMIT, null],
    ["https://huggingface.co/org/name/blob/main/model.safetensors", "org/name", "main", "model.safetensors"],
    ["https://huggingface.co/org/name/resolve/main/a/b.gguf?download=true", "org/name", "main", "a/b.gguf"],
    ["https://huggingface.co/org/name/raw/refs%2Fpr%2F1/a%20b.gguf", "org/name", "refs/pr/1", "a b.gguf"],
    ["https://huggingface.co/org/name/blob/refs/pr/1/x.gguf", "org/name", "refs/pr/1", "x.gguf"],
    ["https://huggingface.co/org%2Fname", "org/name", null, null],
    ["https://huggingface.co/org/name/tree/100%", "org/name", "100%", null],
  ])("%s", (text, id, revision, file) => {
    const [shown] = text.split("?");
    expect(parse(text)).toEqual({ kind: "repository", text: shown, id, revision, file, label: null });
  });

  test.each([
    ["org/name:Q8_0", "Q8_0", null],
    ["org/name:UD-Q4_K_XL@dev", "UD-Q4_K_XL", "dev"],
    ["hf.co/org/name:Q4_K_M", "Q4_K_M", null],
    ["https://huggingface.co/org/name:Q6_K", "Q6_K", null],
  ])("%s is a quantization of one", (text, label, revision) => {
    expect(parse(text)).toEqual({ kind: "repository", text, id: "org/name", revision, file: null, label });
  });
});

describe("a path", () => {
  test.each([
    ".",
    "..",
    "./folder",
    "../folder",
    "/models/gemma-2b",
    "~",
    "~/models",
    "folder/",
    "org/name/",
    "a/b/c",
    "C:\\models\\gemma",
    "c:/models",
    "..\\gemma",
    "models\\gemma",
    "model.safetensors",
    "MODEL.SAFETENSORS",
    "org/model.gguf",
    "pytorch_model.bin",
    "./-x",
    "./a--b",
  ])("%s", (text) => {
    expect(parse(text)).toEqual({ kind: "path", text, path: text });
  });
});

describe("another endpoint", () => {
  test.each([
    ["https://mirror.example/org/name", "https://mirror.example", "org/name"],
    ["https://mirror.example/hf/org/name/tree/dev", "https://mirror.example/hf", "org/name"],
    ["https://mirror.example:8443/org/name", "https://mirror.example:8443", "org/name"],
    ["http://127.0.0.1:5000/org/name", "http://127.0.0.1:5000", "org/name"],
    ["https://huggingface.co/org/name", "https://mirror.example/hf", "org/name"],
  ])("%s at %s", (text, endpoint, id) => {
    expect(parse(text, endpoint)).toMatchObject({ kind: "repository", id });
  });

  test.each([
    ["https://mirror.example/org/name", "https://mirror.example/hf", /outside the endpoint/],
    ["https://mirror.example/hfx/org/name", "https://mirror.example/hf", /outside the endpoint/],
    ["https://mirror.example:8444/org/name", "https://mirror.example:8443", /is not the Hub/],
    ["https://mirror.example/org/name", HUB, /mirror\.example is not the Hub/],
  ])("%s is not at %s", (text, endpoint, reason) => {
    expect(() => parse(text, endpoint)).toThrow(reason);
  });
});

describe("refuses", () => {
  test.each([
    ["", /is empty/],
    ["   ", /is empty/],
    ["-x", /looks like an option/],
    ["--json", /looks like an option/],
    ["datasets/org/name", /one of the Hub's datasets/],
    ["datasets/squad", /one of the Hub's datasets/],
    ["spaces/org/name", /one of the Hub's spaces/],
    ["hf://datasets/org/name", /one of the Hub's datasets/],
    ["https://huggingface.co/datasets/org/name", /one of the Hub's datasets/],
    ["https://huggingface.co/spaces/org/name", /one of the Hub's spaces/],
    ["hf://a/b/c", /more parts/],
    ["a/b/c@main", /more parts/],
    ["https://huggingface.co/org/name/discussions/1", /more parts/],
    ["https://huggingface.co/", /does not allow the name/],
    ["https://huggingface.co/tree/main", /does not allow the name/],
    ["org/a--b", /does not allow the name/],
    ["org/a..b", /does not allow the name/],
    ["org/.hidden", /does not allow the name/],
    ["org/name.", /does not allow the name/],
    ["org/name-", /does not allow the name/],
    ["org/name.git", /does not allow the name/],
    ["@main", /does not allow the name/],
    ["org/name@", /revision after @ is empty/],
    ["or g/name", /does not allow the name/],
    ["org/näme", /does not allow the name/],
    ["org/name?x", /does not allow the name/],
    ["org/name#x", /does not allow the name/],
    ["org/name%2e", /does not allow the name/],
    ["org:name", /does not allow the name/],
    ["x".repeat(97), /does not allow the name/],
    [`org/${"x".repeat(97)}`, /does not allow the name/],
    ["org/na\u0000me", /control characters/],
    ["org/na\u001b[2Jme", /control characters/],
    ["org/name@\u0007", /control characters/],
    ["./a\nb", /control characters/],
    ["https://huggingface.co/org/name/tree/%00", /control characters/],
    ["https://huggingface.co/org/name/blob/main/%1b%5b2J", /control characters/],
    ["https://huggingface.co/org/name%0a", /control characters/],
    ["https://evil.example/org/name", /evil\.example is not the Hub/],
    ["https://huggingface.co@evil.example/org/name", /contains a login/],
    ["https://huggingface.co.evil.example/org/name", /is not the Hub/],
    ["https://", /not a URL/],
    ["https://huggingface.co/org/..%2f..%2fetc", /does not allow the name|more parts/],
  ])("%j", (text, reason) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: "INVALID_REFERENCE", exitCode: 2 }));
    expect(() => parse(text)).toThrow(reason);
  });
});

test.each([
  "https://me:hf_secret@huggingface.co/org/name",
  "https://hf_secret@huggingface.co/org/name",
  "https://hf_secret@evil.example/org/name",
  "https://evil.example/org/name?token=hf_secret",
  "https://hf_secret@",
])("a secret in %s is not repeated", (text) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({ code: "INVALID_REFERENCE", message: expect.not.stringContaining("secret") }),
  );
});

test("the query of an address is no part of the reference", () => {
  const { text } = parse("https://huggingface.co/org/name?token=hf_secret#files");
  expect(text).toBe("https://huggingface.co/org/name");
});

test("whatever is typed: a reference with a name that the Hub allows, or INVALID_REFERENCE", () => {
  const part = fc.oneof(
    fc.constantFrom(
      "/",
      "@",
      "-",
      ".",
      "..",
      "hf://",
      "https://huggingface.co/",
      "tree",
      "%2F",
      "models",
      "org",
      "name",
    ),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      try {
        const reference = parse(parts.join(""));
        if (reference.kind === "name") expect(reference.name).toMatch(/^[\w.-]{1,96}$/);
        if (reference.kind === "repository") expect(reference.id).toMatch(/^[\w.-]{1,96}\/[\w.-]{1,96}$/);
      } catch (error) {
        expect(error).toBeInstanceOf(LlmSizeError);
      }
    }),
  );
});
