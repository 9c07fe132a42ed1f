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
    ["hf://gpt2", "gpt2", null, null],
    ["https://huggingface.co/gpt2", "gpt2", null, null],
    ["https://huggingface.co/gpt2/tree/refs%2Fpr%2F1", "gpt2", "refs/pr/1", null],
    ["https://huggingface.co/gpt2/tree/main/onnx", "gpt2", "main", "onnx"],
    ["hf.co/gpt2", "gpt2", null, null],
    ["org/name/", "org/name", null, null],
    ["hf://org/name", "org/name", null, null],
    ["hf:org/name", "org/name", null, null],
    ["huggingface://org/name/a/b.gguf", "org/name", null, "a/b.gguf"],
    ["hf-hub:timm/name", "timm/name", null, null],
    ["hf://org/name@dev/b.gguf", "org/name", "dev", "b.gguf"],
    ["hf://org/name@refs/pr/1/b.gguf", "org/name", "refs/pr/1", "b.gguf"],
    ["hf:org/name/b.gguf#dev", "org/name", "dev", "b.gguf"],
    ["hf.co/org/name/b.gguf", "org/name", null, "b.gguf"],
    ["https://huggingface.co/org/name/blame/main/b.gguf", "org/name", "main", "b.gguf"],
    ["https://huggingface.co/org/name/tree/main/onnx/", "org/name", "main", "onnx"],
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
    ["https://huggingface.co/org/name:Q6_K/tree/dev", "Q6_K", "dev"],
    ["org/name@dev:Q6_K", "Q6_K", "dev"],
    ["hf:org/name:Q6_K", "Q6_K", null],
    ["org/name:q4_k_m", "q4_k_m", null],
    ["org/name:name.Q4_K_M.gguf", "name.Q4_K_M.gguf", null],
    ["org/name:latest", null, null],
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
    ["a/b/c@main", /more parts/],
    ["https://huggingface.co/org/name/discussions/1", /more parts/],
    ["https://huggingface.co/", /does not allow the name/],
    ["https://huggingface.co/tree/main", /the model before it is missing/],
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
    ["https://huggingface.co/org/name?x=1", /its \?x= is not understood/],
    ["https://huggingface.co/org/name/tree/main/a?show_file_info=b/x.gguf", /names two files/],
    ["https://huggingface.co/org/name?show_file_info=a.gguf&show_file_info=b.gguf", /names two files/],
    ["https://huggingface.co/org/name?show_file_info=%0a", /control characters/],
    ["https://huggingface.co/org/name:Q8_0/blob/main/x.gguf", /both a quantization, Q8_0, and a file/],
    ["https://huggingface.co/org/name:Q8_0?show_file_info=x.gguf", /both a quantization/],
    ["https://huggingface.co/org/name@dev/tree/main", /two revisions, dev and main/],
    ["https://huggingface.co/org/name/commit/abc/x", /after the commit/],
    ["https://huggingface.co/models?other=base_model:org/name", /list of models/],
    ["https://huggingface.co/collections/org/slug-123", /collections, a list/],
    ["https://huggingface.co/kernels/org/name", /pages \(kernels\)/],
    ["collections/org/slug", /collections, a list/],
    ["lmstudio://open_from_hf?model=org/name", /lmstudio:\/\/ are not supported/],
    ["org/name:Q8_0:Q4_0", /not understood/],
    ["org/name:a@b:c", /not understood/],
    ["org/name:", /quantization after : is empty/],
    ["org/name:a b", /not the name of a quantization/],
    ["gpt2:Q4_K_M", /only org\/name takes a quantization/],
    ["hf:org/name/b.gguf#", /revision is empty/],
    ["hf:org/name@a/b.gguf#c", /two revisions/],
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
  "https://huggingface.co/org/name?token=hf_secret#files",
  "https://huggingface.co/org/name?hf_secret+secret+secret+secret+secret+secret+secret=1",
])("a secret in %s is not repeated", (text) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({ code: "INVALID_REFERENCE", message: expect.not.stringContaining("secret") }),
  );
});

test.each([
  ["?download=true#files", "", null],
  ["?library=transformers&utm_source=x", "", null],
  ["?show_file_info=a%2Fx.gguf", "?show_file_info=a/x.gguf", "a/x.gguf"],
  ["/tree/main/a?show_file_info=a%2Fx.gguf", "/tree/main/a?show_file_info=a/x.gguf", "a/x.gguf"],
  ["?show_file_info=", "?show_file_info=", null],
])("of the query in %s a file alone is part of the reference", (query, shown, file) => {
  expect(parse(`https://huggingface.co/org/name${query}`)).toMatchObject({
    text: `https://huggingface.co/org/name${shown}`,
    file,
  });
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
        if (reference.kind === "repository")
          expect(reference.id).toMatch(/^[\w.-]{1,96}(?:\/[\w.-]{1,96})?$/);
      } catch (error) {
        expect(error).toBeInstanceOf(LlmSizeError);
      }
    }),
  );
});
