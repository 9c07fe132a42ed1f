import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placeFinds } from "../../src/scan/place.ts";
import { scanText } from "../../src/scan/scan-text.ts";

const never = () => false;

/** What a file of one or more lines names: `reference quantization`, with ~ before what is doubtful. */
function list(path: string, text: string): string[] {
  const { finds } = scanText(path, text, never);
  return placeFinds(path, text, finds).map(({ reference, quantization, loads, confidence }) =>
    [`${confidence === "sure" ? "" : "~"}${reference}`, quantization, loads === "weights" ? null : loads]
      .filter((word) => word !== null)
      .join(" "),
  );
}

describe("calls", () => {
  test.each<[path: string, text: string, finds: string[]]>([
    ["a.js", 'pipeline("summarization", "Xenova/t5-small", { dtype: "q4" })', ["Xenova/t5-small onnx:q4"]],
    ["a.js", 'pipe("what is/this")', []],
    ["a.js", 'pipeline("summarization", "Xenova/t5-small", { device: "wasm" })', ["Xenova/t5-small onnx:q8"]],
    ["a.ts", 'const m = env.M ?? "a-org/bert-x"; AutoModel.from_pretrained(m)', ["a-org/bert-x"]],
    ["a.ts", "AutoModel.from_pretrained(process.env.M || `Qwen/Qwen3-0.6B` as string)", ["Qwen/Qwen3-0.6B"]],
    ["a.ts", 'const o = "Qwen"; AutoModel.from_pretrained(`${o}/Qwen3-0.6B`)', ["Qwen/Qwen3-0.6B"]],
    ["a.py", 'AutoModel.from_pretrained("gpt2", revision="v1")', ["gpt2@v1"]],
    ["a.py", 'AutoTokenizer.from_pretrained("gpt2")', ["gpt2 tokenizer"]],
    ["a.py", 'm = "gpt2"\nAutoTokenizer.from_pretrained(m)\nAutoModel.from_pretrained(m)', ["gpt2"]],
    ["a.py", 'AutoModel.from_pretrained("my-folder")', []],
    ["a.py", 'AutoModel.from_pretrained(f"{org}/bert")', []],
    ["a.py", 'm = "a" if x else "Qwen/Qwen3-4B"\nLLM(model=m)\nimport vllm', ["Qwen/Qwen3-4B"]],
    ["a.py", 'from mlx_lm import load\nload("Qwen/Qwen3-4B")', ["Qwen/Qwen3-4B"]],
    ["a.py", 'import json\njson.load("Qwen/Qwen3-4B")', []],
    ["a.py", 'hf_hub_download("org-x/data-y", "f.csv", repo_type="dataset")', []],
    ["a.py", 'hf_hub_download("Qwen/Qwen3-4B", "config.json")', ["Qwen/Qwen3-4B tokenizer"]],
    ["a.py", 'torch.hub.load("pytorch/vision", "resnet18")\nmodel = 1', []],
    ["a.py", 'p.add_argument("model_id", nargs="?", default="Qwen/Qwen3-4B")', ["Qwen/Qwen3-4B"]],
    [
      "a.py",
      'LiteLLMModel(model_id="cerebras/llama-3.3-70b")\nChatWatsonx(model="ibm/granite-3-8b-instruct")',
      [],
    ],
    ["a.py", 'subprocess.run(["vllm", "serve", "Qwen/Qwen3-4B"])', ["Qwen/Qwen3-4B"]],
  ])("%s: %s", (path, text, finds) => expect(list(path, text)).toEqual(finds));
});

describe("keys", () => {
  test.each<[path: string, text: string, finds: string[]]>([
    ["a.json", '{ "model_id": "BAAI/bge-m3", "dataset_id": "a/b" }', ["BAAI/bge-m3"]],
    ["a.json", '{ // a comment\n "embeddingModel": "BAAI/bge-m3", }', ["BAAI/bge-m3"]],
    ["a.yaml", "model:\n  name: BAAI/bge-m3\n", ["BAAI/bge-m3"]],
    ["a.yaml", "models: &m\n  - BAAI/bge-m3\nother: *m\n", ["BAAI/bge-m3"]],
    ["a.yaml", "base_model: some-lab/zeta\nimage: some-lab/zeta\n", ["some-lab/zeta"]],
    ["a.yaml", "model: some-lab/zeta\n", ["~some-lab/zeta"]],
    ["a.yaml", "model: anthropic/claude-3\n", []],
    ["a.yaml", "model: meta-llama/llama-3.1-8b-instruct\n", ["~meta-llama/llama-3.1-8b-instruct"]],
    ["a.toml", '[a]\nmodel_id = "BAAI/bge-m3"\n', ["BAAI/bge-m3"]],
    [".env", "MODEL_ID='BAAI/bge-m3' # small\n", ["BAAI/bge-m3"]],
    [".env.local", "OLLAMA_MODEL=qwen3:0.6b\n", ["ollama:qwen3:0.6b"]],
    ["a.py", 'MODEL_ID = "your-org/your-model"', []],
    ["a.py", 'MODEL_ID = "mlc-ai/demo-model"', []],
    ["a.ts", 'const EMBEDDING_MODELS = { "BAAI/bge-m3": { dimensions: 1024 } };', ["BAAI/bge-m3"]],
    ["a.py", 'MODELS = {"BAAI/bge-m3": {"dim": 1024}}\nHEADERS = {"text/bert": {}}', ["BAAI/bge-m3"]],
    ["a.yml", "env:\n  HYBRID_REPO_ID: some-lab/zeta\n  SPACE_REPO_ID: some-lab/demo\n", ["some-lab/zeta"]],
    // Helm's image, labels of Kubernetes, and actions in a job that is named after models.
    [
      "a.yaml",
      "modelSpec:\n  - repository: vllm/vllm-openai\n    tag: v1\n    modelURL: BAAI/bge-m3\n",
      ["BAAI/bge-m3"],
    ],
    ["a.yaml", "modelSpec:\n  - requestGPUType: nvidia.com/gpu\n    key: kubernetes.io/hostname\n", []],
    ["a.yml", "jobs:\n  download-model:\n    steps:\n      - uses: actions/cache@v5\n", []],
    ["a.yaml", "env:\n  - name: VLLM_API_KEY\nspec:\n  defaultBaseModel: BAAI/bge-m3\n", ["BAAI/bge-m3"]],
    [
      "a.yaml",
      "kind: ConfigMap\ndata:\n  MODEL_ID: some-lab/zeta\n  name: some-lab/demo\n",
      ["some-lab/zeta"],
    ],
    ["a.py", 'import openai\nMODEL_NAME = "Qwen/Qwen3-32B"', ["~Qwen/Qwen3-32B"]],
  ])("%s: %s", (path, text, finds) => expect(list(path, text)).toEqual(finds));
});

describe("commands", () => {
  test.each<[path: string, text: string, finds: string[]]>([
    ["a.sh", "MODEL=Qwen/Qwen3-4B\nvllm serve $MODEL", ["Qwen/Qwen3-4B"]],
    ["a.sh", "for m in Qwen/Qwen3-4B BAAI/bge-m3; do hf download $m; done", ["Qwen/Qwen3-4B", "BAAI/bge-m3"]],
    ["a.sh", "vllm serve \\\n  --port 80 \\\n  Qwen/Qwen3-4B", ["Qwen/Qwen3-4B"]],
    ["a.sh", "# vllm serve Qwen/Qwen3-4B", []],
    ["a.sh", "docker run --gpus all vllm/vllm-openai:latest Qwen/Qwen3-4B --port 80", ["Qwen/Qwen3-4B"]],
    ["a.sh", "ollama run llama3.2 'hello there'", ["ollama:llama3.2"]],
    ["a.sh", "ollama run ./local/model.gguf", []],
    ["a.sh", "llama-server -hf a-lab/b-GGUF:Q4_K_M", ["a-lab/b-GGUF:Q4_K_M"]],
    ["a.sh", "git clone https://github.com/org-a/llama.cpp", []],
    [
      "Dockerfile",
      'FROM x/y\nENV MODEL_ID BAAI/bge-m3\nCMD ["a", "--model-id", "BAAI/bge-m3"]',
      ["BAAI/bge-m3", "BAAI/bge-m3"],
    ],
    ["Modelfile", "FROM hf.co/a-lab/b-GGUF:Q8_0", ["a-lab/b-GGUF:Q8_0"]],
    ["a.yml", "a:\n  run: |\n    echo a/b\n    hf download BAAI/bge-m3\n", ["BAAI/bge-m3"]],
    ["a.yml", "a:\n  command: >\n    --port 80\n    --model-id BAAI/bge-m3\n", ["BAAI/bge-m3"]],
  ])("%s: %s", (path, text, finds) => expect(list(path, text)).toEqual(finds));

  test.each<[cell: string[], finds: string[], line: number]>([
    [["!A=1 \\\n", "  hf download \\\n", "  BAAI/bge-m3"], ["BAAI/bge-m3"], 8],
    [["%%bash\n", "cd a\n", "hf download BAAI/bge-m3"], ["BAAI/bge-m3"], 8],
    [["x = 1\n", "!hf download BAAI/bge-m3"], ["BAAI/bge-m3"], 7],
  ])("a notebook's cell %j", (cell, finds, line) => {
    const text = JSON.stringify({ cells: [{ cell_type: "code", source: cell }] }, null, 1);
    expect(list("a.ipynb", text)).toEqual(finds);
    expect(placeFinds("a.ipynb", text, scanText("a.ipynb", text, never).finds)).toMatchObject([{ line }]);
  });

  test("a line within a block of YAML is the line of the file", () => {
    const text = "a:\n  run: |\n    echo a/b\n\n    hf download BAAI/bge-m3\n";
    const [find] = placeFinds("a.yml", text, scanText("a.yml", text, never).finds);
    expect(find).toMatchObject({ line: 5, column: 17 });
  });
});

describe("comments that leave out a find", () => {
  test.each<[text: string, ignored: string | null]>([
    ['m = AutoModel.from_pretrained("gpt2")  # llm-size-ignore: only in tests', "only in tests"],
    ['# llm-size-ignore: only in tests\nm = AutoModel.from_pretrained("gpt2")', "only in tests"],
    ['# llm-size-ignore-file: a demo\n\n\nm = AutoModel.from_pretrained("gpt2")', "a demo"],
    ['m = AutoModel.from_pretrained("gpt2")  # llm-size-ignore', null],
    ['x = 1  # llm-size-ignore: other line\nm = AutoModel.from_pretrained("gpt2")', null],
  ])("%s", (text, ignored) => {
    expect(placeFinds("a.py", text, scanText("a.py", text, never).finds)).toMatchObject([{ ignored }]);
  });
});

describe("hostile files", () => {
  const MARKED = 'AutoModel.from_pretrained("gpt2")\n';
  const deep = 100_000;
  test.each<[path: string, text: string]>([
    ["a.json", `{"model": ${"[".repeat(deep)}`],
    ["a.yaml", `model: ${"[".repeat(20_000)}`],
    ["a.yaml", `model: ${"- ".repeat(2000)}a\n`],
    [
      "a.yaml",
      `a: &a [model, model]\n${"bcdefghi"
        .split("")
        .map((name, index) => `${name}: &${name} [${`*${"abcdefgh"[index]}, `.repeat(9)}x]`)
        .join("\n")}\n`,
    ],
    ["a.toml", `model = ${"[".repeat(20_000)}`],
    ["a.ipynb", `{"cells": ${"[".repeat(deep)}`],
    ["a.sh", `model=${"${".repeat(20_000)}`],
    ["a.sh", `vllm serve ${'"'.repeat(20_001)}`],
    ["Dockerfile", `ENV MODEL ${"\\\n".repeat(20_000)}`],
    ["a.html", "<script>model".repeat(5000)],
    ["a.js", `${MARKED}${"x".repeat(30_000)}`],
    [".env", `MODEL_ID=${"a/".repeat(50_000)}`],
    ["a.yaml", `model: ${"a,".repeat(50_000)}`],
  ])("%s: %.40s", (path, text) => {
    const { finds } = scanText(path, text, never);
    expect(finds.length).toBeLessThanOrEqual(1);
  });

  test.each([
    ["a.ts", "(a,b=>\n)"],
    ["a.ts", "/*\n"],
    ["a.ts", "a<\n"],
    ["a.py", "(\n"],
    ["a.py", "lambda a=\n"],
  ])("%s: %j a hundred thousand times ends when it is late", (path, unit) => {
    let calls = 0;
    const { finds, skipped } = scanText(path, MARKED + unit.repeat(100_000), () => ++calls > 20);
    expect(finds).toEqual([]);
    expect(skipped).toMatch(/takes too long|nested too deeply/);
  });

  test("any text ends without an error, and each place is one of the file", () => {
    const words = fc.constantFrom(
      "model",
      "MODEL_ID",
      "pipeline(",
      "from_pretrained(",
      '"',
      "'",
      "`",
      "${",
      "}",
      "{",
      "[",
      "(",
      ")",
      ":",
      "=",
      ",",
      "\n",
      "  ",
      "- ",
      "Qwen/Qwen3-4B",
      "gpt2",
      "vllm serve ",
      "--model ",
      "hf://",
      "\\",
      "#",
      "|",
      ">",
      "&a",
      "*a",
      "f'",
      '"""',
    );
    const texts = fc.array(words, { maxLength: 60 }).map((parts) => parts.join(""));
    const paths = fc.constantFrom(
      "a.ts",
      "a.py",
      "a.ipynb",
      "a.json",
      "a.yaml",
      "a.toml",
      ".env",
      "a.sh",
      "Dockerfile",
      "Modelfile",
      "a.html",
      "a.go",
    );
    fc.assert(
      fc.property(paths, texts, (path, text) => {
        for (const { line, column, id } of placeFinds(path, text, scanText(path, text, never).finds)) {
          expect(text.split("\n")[line - 1]?.length ?? -1).toBeGreaterThanOrEqual(column - 1);
          expect(id.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
