import { describe, expect, test } from "vitest";
import { EXIT_CODES, LlmSizeError } from "../../src/errors.ts";
import { parseCommandLine } from "../../src/cli/program.ts";
import type { CliContext } from "../../src/cli/context.ts";
import { PLAIN } from "../../src/render/options.ts";
import type { Reference } from "../../src/source/reference.ts";
import type { Sources } from "../../src/source/sources.ts";
import { VERSION } from "../../src/contract/version.ts";

const split = (line: string) => line.split(" ").filter(Boolean);

/** Run a command up to where it would begin to measure, and return what it uses of its context. */
async function ask(line: string): Promise<{ references: string[]; options: object; printed: string }> {
  const request = await parseCommandLine(split(line));
  if (request.kind !== "command") throw new Error(`${line} is only text`);
  const asked = { references: [] as string[], options: {}, printed: "" };
  const enough = new Error("enough is known");
  const context: Partial<CliContext> = {
    system: { env: {}, cwd: "/", home: "/" },
    openSources: async (options) => {
      asked.options = options;
      return { hub: { settings: { endpoint: "https://huggingface.co" } } } as Sources;
    },
    parse: (text) => {
      asked.references.push(text);
      return {} as Reference;
    },
    withProgress: () => Promise.reject(enough),
    print: (text) => void (asked.printed += text),
    printNotes: async () => {},
    getRenderOptions: async (options) => {
      asked.options = options;
      return { width: 80, paint: PLAIN, units: "si", isTerminal: false };
    },
  };
  await request.run(context as CliContext).catch((error: unknown) => {
    if (error !== enough) throw error;
  });
  return asked;
}

/** The error of a wrong command line. */
async function refuse(line: string): Promise<LlmSizeError> {
  const error = await ask(line).catch((reason: unknown) => reason);
  if (!(error instanceof LlmSizeError)) throw new Error(`${line} is not refused: ${String(error)}`);
  return error;
}

describe("models", () => {
  test.each([
    ["gemma-2b", ["gemma-2b"], {}],
    ["a b c", ["a", "b", "c"], {}],
    ["a a", ["a", "a"], {}],
    ["a --json", ["a"], { format: "json" }],
    ["--json a", ["a"], { format: "json" }],
    ["a --format csv", ["a"], { format: "csv" }],
    ["a --format=markdown", ["a"], { format: "markdown" }],
    ["a --units iec", ["a"], { units: "iec" }],
    ["a --revision dev", ["a"], { revision: "dev" }],
    ["a --revision refs/pr/1", ["a"], { revision: "refs/pr/1" }],
    ["a --endpoint https://x.example", ["a"], { endpoint: "https://x.example" }],
    ["a --offline --debug", ["a"], { offline: true, debug: true }],
    ["a --no-color", ["a"], { color: false }],
    ["a --color", ["a"], { color: true }],
    ["a --quant fp16", ["a"], { quant: ["fp16"] }],
    // A comma list, and repeated; neither swallows the models that follow.
    ["--quant fp16,int4 a b", ["a", "b"], { quant: ["fp16", "int4"] }],
    ["--quant fp16 a --quant int4 b", ["a", "b"], { quant: ["fp16", "int4"] }],
    ["--quant=Q4_K_M,onnx:q4f16 a", ["a"], { quant: ["Q4_K_M", "onnx:q4f16"] }],
    ["--revision dev a b", ["a", "b"], { revision: "dev" }],
    ["./list", ["./list"], {}],
    ["org/list", ["org/list"], {}],
    ["-- -x", ["-x"], {}],
    ["a -- --json", ["a", "--json"], {}],
  ])("%s", async (line, references, options) => {
    const asked = await ask(line);
    expect(asked.references).toEqual(references);
    expect(asked.options).toMatchObject(options);
  });

  test("what is not typed is not decided", async () => {
    const { options } = await ask("a");
    for (const name of ["format", "units", "color", "revision", "endpoint", "offline", "quant"])
      expect(options).not.toHaveProperty(name, expect.anything());
  });
});

describe("list", () => {
  test.each([
    ["list", {}],
    ["list --json", { format: "json" }],
    ["--json list", { format: "json" }],
    ["--format csv list", { format: "csv" }],
    ["list --format markdown", { format: "markdown" }],
  ])("%s", async (line, options) => {
    const asked = await ask(line);
    expect(asked.options).toMatchObject(options);
    expect(asked.printed).toContain("google/gemma-2b");
  });
});

describe("usage", () => {
  test.each([
    ["--json", /^no model was named$/],
    ["--quant fp16", /^no model was named$/],
    ["--", /^no model was named$/],
    ["a --nope", /unknown option '--nope'/],
    ["-x", /unknown option '-x'/],
    ["a -v", /unknown option '-v'/],
    ["a --token hf_secret", /unknown option '--token'/],
    // A value that is missing must not swallow what follows.
    ["a --quant", /argument missing/],
    ["a --quant --json", /A value is missing/],
    ["--quant --offline a", /A value is missing/],
    ["a --quant=", /A value is missing/],
    ["a --revision --json", /A value is missing/],
    ["a --revision", /argument missing/],
    ["a --endpoint --offline", /A value is missing/],
    ["a --format --json", /Allowed choices are text, markdown, html, csv, json/],
    ["a --format xml", /Allowed choices are text, markdown, html, csv, json/],
    ["a --units metric", /Allowed choices are si, iec/],
    ["a --quant int5", /unknown quantization "int5"/],
    ["a --quant fp16,", /unknown quantization ""/],
    ["a --quant fp16,,int4", /unknown quantization ""/],
    ["a --offline=yes", /unknown option|does not take/],
    // Only the first word is a command.
    ["a list", /^"list" is a command and has to come first$/],
    ["a explain", /^"explain" is a command and has to come first$/],
    ["list a", /too many arguments/],
    ["list --nope", /unknown option '--nope'/],
  ])("%s", async (line, message) => {
    const error = await refuse(line);
    expect(error).toMatchObject({ code: "USAGE", exitCode: 2 });
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/^error: |\n/);
    expect(error.hint).not.toBe("");
  });

  test.each([
    ["a --jsno", /Did you mean --json\?/],
    ["a --quantt fp16", /Did you mean --quant\?/],
    ["a list", /llm-size list …; a folder of that name is \.\/list/],
    ["--json", /--help/],
  ])("%s has a hint", async (line, hint) => {
    expect((await refuse(line)).hint).toMatch(hint);
  });

  test("no arguments are short help on stderr", async () => {
    expect(await parseCommandLine([])).toMatchObject({
      kind: "text",
      stream: "stderr",
      exitCode: 2,
      text: expect.stringContaining("llm-size gemma-2b"),
    });
  });

  test("an empty word is a reference, to be refused as such", async () => {
    expect((await parseCommandLine([""])).kind).toBe("command");
  });
});

describe("a misspelt command is answered with the nearest one", () => {
  test.each([
    ["chekc a", "check"],
    ["cahce", "cache"],
    ["chek a --max-size 1GB", "check"],
    ["explian a", "explain"],
    ["lits", "list"],
    ["hepl", "help"],
    ["verison", "version"],
    ["help chekc", "check"],
  ])("%s", async (line, name) => {
    const error = await refuse(line);
    expect(error.message).toMatch(/^unknown command "/);
    expect(error.hint).toContain(`did you mean llm-size ${name}?`);
  });

  test.each(["constructor", "toString", "bert"])("%s is a model", async (line) => {
    expect((await ask(line)).references).toEqual([line]);
  });
});

describe("one output", () => {
  test.each([
    ["a --json --format csv", "--json conflicts with --format csv"],
    ["check a --max-size 1GB --json --format text", "--json conflicts with --format text"],
    ["check a --max-size 1GB --json --reporter junit", "--json conflicts with --reporter junit"],
    ["check a --max-size 1GB --reporter text --json", "--json conflicts with --reporter text"],
    ["check a --max-size 1GB --format text --reporter json", "--format text conflicts with --reporter json"],
    ["a --json --resume results.ndjson", "--resume conflicts with --json"],
  ])("%s", async (line, message) => {
    expect(await refuse(line)).toMatchObject({ code: "USAGE", message });
  });

  test.each(["--json --reporter json", "--json --reporter junit:report.xml", "--reporter text"])(
    "%s agree",
    async (options) => {
      expect((await ask(`check a --max-size 1GB ${options}`)).references).toContain("a");
    },
  );
});

describe("a usage error points at the help of its command", () => {
  test.each([
    ["check a --nope", "see llm-size check --help"],
    ["fit --json", "see llm-size fit --help"],
    ["check a --max-size 1GB --json --reporter junit", "see llm-size check --help"],
    ["list a", "see llm-size list --help"],
    ["--json", "see llm-size --help"],
  ])("%s", async (line, hint) => {
    expect((await refuse(line)).hint).toBe(hint);
  });
});

const COMMAND_NAMES = ["init", "check", "explain", "fit", "find", "scan", "reduce", "diff", "list", "cache"];

describe("one screen of help", () => {
  test.each([
    ["-h", 24],
    ["--help", 24],
    ["help", 24],
    ...COMMAND_NAMES.map((name) => [`${name} -h`, 40] as const),
  ] as const)("%s: at most %i lines", async (line, most) => {
    const request = await parseCommandLine(split(line));
    const lines = "text" in request ? request.text.split("\n") : [];
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.length).toBeLessThanOrEqual(most);
    expect(lines.filter((each) => each.length > 80)).toEqual([]);
    expect(lines).toContain("Examples:");
    expect(lines.at(-1)).toMatch(
      most === 24 ? /llm-size help topics/ : /^See llm-size.* --help for all options\.$/,
    );
  });
});

test.each(COMMAND_NAMES)("%s --help fits 80 columns", async (name) => {
  const request = await parseCommandLine([name, "--help"]);
  const lines = "text" in request ? request.text.split("\n") : [];
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(lines.length).toBeGreaterThan(10);
});

describe("help as a word", () => {
  test.each([
    { words: "help", flag: "--help" },
    ...COMMAND_NAMES.map((name) => ({ words: `help ${name}`, flag: `${name} --help` })),
  ])("$words is $flag", async ({ words, flag }) => {
    const request = await parseCommandLine(split(words));
    expect(request).toEqual(await parseCommandLine(split(flag)));
    expect(request).toMatchObject({ kind: "text", stream: "stdout", exitCode: 0 });
  });
});

describe("help", () => {
  test.each([
    ["-h", "llm-size [command] [options] <model...>"],
    ["--help", "llm-size [command] [options] <model...>"],
    ["list --help", "llm-size list"],
    ["list -h", "llm-size list"],
    ["explain --help", "llm-size explain"],
    ["check -h", "llm-size check"],
  ])("%s", async (line, usage) => {
    const request = await parseCommandLine(split(line));
    expect(request).toMatchObject({ kind: "text", stream: "stdout", exitCode: 0 });
    expect("text" in request && request.text.split("\n")[0]).toContain(`Usage: ${usage}`);
  });

  test.each([
    ["a --help", "use llm-size --help"],
    ["a -h b", "use llm-size -h"],
    ["-h a", "use llm-size -h"],
    ["check a -h", "use llm-size check -h"],
    ["check -h a --max-params 1B", "use llm-size check -h"],
    ["check --config x.json -h", "use llm-size check -h"],
    ["check --help --json", "use llm-size check --help"],
    ["a -V", "use llm-size -V"],
    ["-V a", "use llm-size -V"],
    ["check a --version --max-params 1B", "use llm-size --version"],
    ["check -V", "use llm-size -V"],
    ["--version --help", "use llm-size --version"],
  ])("%s is no answer that a gate could pass with", async (line, hint) => {
    expect(await refuse(line)).toMatchObject({ code: "USAGE", exitCode: 2, hint });
  });

  test("but not behind --", async () => {
    expect((await ask("a -- --help")).references).toEqual(["a", "--help"]);
  });

  test.each(["help options", "help sizes", "list --help", "explain --help", "check --help"])(
    "%s fits 80 columns",
    async (line) => {
      const request = await parseCommandLine(split(line));
      const text = "text" in request ? request.text : "";
      expect(text.split("\n").filter((each) => each.length > 80)).toEqual([]);
    },
  );

  test.each([
    ["topics", ["options", "sizes", "exit-codes", "environment"]],
    ["options", ["--quant", "--json", "--offline", "--bars", "--sort", "-V, --version"]],
    ["sizes", ["int8", "int4"]],
    ["exit-codes", Object.values(EXIT_CODES).map((code) => `  ${code} `)],
    ["environment", ["HF_TOKEN", "NO_PROXY"]],
  ])("help %s has what does not fit", async (topic, words) => {
    const request = await parseCommandLine(["help", topic]);
    for (const word of words) expect("text" in request && request.text).toContain(word);
  });

  test("a misspelt topic is answered with the nearest one", async () => {
    expect(await refuse("help siezs")).toMatchObject({ hint: "did you mean llm-size help sizes?" });
    expect((await refuse("help constructor")).message).toBe('unknown command "constructor"');
  });
});

describe("the version", () => {
  test.each(["-V", "--version"])("%s", async (line) => {
    expect(await parseCommandLine(split(line))).toEqual({
      kind: "text",
      text: VERSION,
      stream: "stdout",
      exitCode: 0,
    });
  });
});
