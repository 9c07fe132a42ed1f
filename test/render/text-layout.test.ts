import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildComparison, listFootnotes } from "../../src/render/comparison.ts";
import { PLAIN, type RenderOptions } from "../../src/render/options.ts";
import type { ModelReport } from "../../src/contract/types.ts";
import { formatBar } from "../../src/render/size-bars.ts";
import { leftColumn, tabulate } from "../../src/render/table.ts";
import { layOutTable, renderTable, wrapName, wrapWords } from "../../src/render/text-layout.ts";
import { DISTILBERT, GATED, GEMMA_2B, MIXTRAL, model, size } from "./models.ts";

const LONG = model({
  id: "an-organization-of-some-length/a-model-whose-name-goes-on-and-on-without-an-end-instruct-v0.1",
});
const MODELS = [DISTILBERT, MIXTRAL, LONG, GATED, GEMMA_2B];

const render = (models: readonly ModelReport[], width: number, more: Partial<RenderOptions> = {}) => {
  const { units = "si", ...options } = more;
  const [table, narrow] = [buildComparison(models, units), buildComparison(models, units, true)];
  return layOutTable(table, narrow, { width, paint: PLAIN, isTerminal: false, ...options });
};
const widthOf = (text: string) => Math.max(...text.split("\n").map((line) => line.length));

test("80 columns", () => {
  expect(render([GEMMA_2B, DISTILBERT, GATED], 80)).toMatchInlineSnapshot(`
    "Model             Params  Class   On Hub      fp32      fp16      int8     int4
    google/gemma-2b    2.51B     2B  5.01 GB   10.0 GB   5.01 GB   2.51 GB  1.41 GB
    distilbert/        67.0M    66M  5.01 GB    268 MB    134 MB   67.2 MB  37.8 MB
    distilbert-base-
    uncased-
    finetuned-sst-2-
    english
    acme/secret       ~2.51B     2B  5.01 GB  ~10.0 GB  ~5.01 GB  ~2.51 GB        ?"
  `);
});

test("70 columns: long names take more lines", () => {
  expect(render([DISTILBERT], 70)).toMatchInlineSnapshot(`
    "Model                   Params  Class  On Hub  fp32  fp16  int8  int4
                                 M             GB    MB    MB    MB    MB
    distilbert/               67.0    66M    5.01   268   134  67.2  37.8
    distilbert-base-
    uncased-finetuned-sst-
    2-english"
  `);
});

test("60 columns: too few for a mixture of experts, so a block per model", () => {
  expect(render([MIXTRAL], 60)).toMatchInlineSnapshot(`
    "mistralai/Mixtral-8x7B-v0.1
      Params    46.7B
      Active    12.9B
      Class      8x7B
      On Hub        ?
      fp32     187 GB
      fp16    93.4 GB
      int8    46.7 GB
      int4    26.3 GB"
  `);
});

test("30 columns: a block per model", () => {
  expect(render([GEMMA_2B, GATED], 30)).toMatchInlineSnapshot(`
    "google/gemma-2b
      Params    2.51B
      Class        2B
      On Hub  5.01 GB
      fp32    10.0 GB
      fp16    5.01 GB
      int8    2.51 GB
      int4    1.41 GB

    acme/secret
      Params    ~2.51B
      Class         2B
      On Hub   5.01 GB
      fp32    ~10.0 GB
      fp16    ~5.01 GB
      int8    ~2.51 GB
      int4           ?"
  `);
});

test("48 columns: models become columns", () => {
  expect(render([GEMMA_2B, MIXTRAL, DISTILBERT], 48)).toMatchInlineSnapshot(`
    "                                mistralai/
    Model   google/gemma-2b  Mixtral-8x7B-v0.1
    Params            2.51B              46.7B
    Active            2.51B              12.9B
    Class                2B               8x7B
    On Hub          5.01 GB                  ?
    fp32            10.0 GB             187 GB
    fp16            5.01 GB            93.4 GB
    int8            2.51 GB            46.7 GB
    int4            1.41 GB            26.3 GB

                                         distilbert/
            distilbert-base-uncased-finetuned-sst-2-
    Model                                    english
    Params                                     67.0M
    Active                                     67.0M
    Class                                        66M
    On Hub                                   5.01 GB
    fp32                                      268 MB
    fp16                                      134 MB
    int8                                     67.2 MB
    int4                                     37.8 MB"
  `);
});

describe("bars", () => {
  const draw = (width: number, bars?: boolean) =>
    render([GEMMA_2B, MIXTRAL], width, { isTerminal: true, bars });

  test("are drawn where the whole table has room", () => {
    expect(draw(140)).toMatchInlineSnapshot(`
      "Model                        Params  Active  Class  On Hub         fp32         fp16         int8         int4
                                        B       B             GB           GB           GB           GB           GB
      google/gemma-2b                2.51    2.51     2B    5.01 ▏       10.0 ▍       5.01 ▏       2.51 ▏       1.41 ▏
      mistralai/Mixtral-8x7B-v0.1    46.7    12.9   8x7B       ?          187 ██████  93.4 ███     46.7 █▌      26.3 ▉"
    `);
    expect(draw(140, false)).not.toMatch(/[▏█]/);
  });

  test("turn a table that is too wide for them, where they are wanted", () => {
    expect(draw(80)).not.toMatch(/█/);
    expect(draw(80, true)).toMatchInlineSnapshot(`
      "Model   google/gemma-2b         mistralai/Mixtral-8x7B-v0.1
      Params            2.51B                               46.7B
      Active            2.51B                               12.9B
      Class                2B                                8x7B
      On Hub          5.01 GB ▏                                 ?
      fp32            10.0 GB ▍                            187 GB ██████
      fp16            5.01 GB ▏                           93.4 GB ███
      int8            2.51 GB ▏                           46.7 GB █▌
      int4            1.41 GB ▏                           26.3 GB ▉"
    `);
  });

  test("never reach a pipe", () => expect(render([GEMMA_2B], 200, { bars: true })).not.toMatch(/[▏█]/));

  test.each([
    [0, ""],
    [1e-9, "▏"],
    [0.5, "███"],
    [0.51, "███"],
    [0.53, "███▏"],
    [1, "██████"],
  ])("%d of the largest is %s", (share, bar) => expect(formatBar(share)).toBe(bar));
});

test("an unknown figure has its reason below", () => {
  const other = model({ id: "acme/other", sizes: [size("fp32", null), size("fp16", 5)] });
  const odd = { ...other, sizes: other.sizes.map((one) => ({ ...one, reason: one.reason && "packed" })) };
  expect(listFootnotes([GATED])).toEqual(["? nobody knows"]);
  expect(listFootnotes([GATED, odd])).toEqual(["?¹ nobody knows", "?² packed"]);
  expect(render([GATED, odd], 80)).toMatch(/ \?²/);
});

test("outcomes have a color and keep their word", () => {
  const named = (name: string) => (text: string) => `<${name}>${text}</>`;
  const paint = { ...PLAIN, green: named("green"), yellow: named("yellow"), red: named("red") };
  const words = ["fits", "tight", "exceeds", "unknown", "passed", "Q4_0 (tight)", "none fits", "misfits"];
  const table = tabulate(words, [leftColumn("", () => "fits"), leftColumn("", (word) => word)]);
  const cells = renderTable(table, 80, paint).split("\n").slice(1);
  expect(cells.map((cell) => cell.replace(/^fits +/, ""))).toEqual([
    "<green>fits</>",
    "<yellow>tight</>",
    "<red>exceeds</>",
    "<yellow>unknown</>",
    "<green>passed</>",
    "<yellow>Q4_0 (tight)</>",
    "<red>none fits</>",
    "misfits",
  ]);
});

describe("no line but a name alone is longer than the terminal", () => {
  const ids = new Set(MODELS.map(({ id }) => id));
  const cases = [1, 2, 3, 4, 5].flatMap((count) =>
    [60, 70, 80, 100, 200].map((width) => [count, width] as const),
  );
  test.each(cases)("%i models in %i columns", (count, width) => {
    const lines = render(MODELS.slice(0, count), width).split("\n");
    expect(lines.filter((line) => line.length > width && !ids.has(line))).toEqual([]);
    if (width >= 80) expect(widthOf(lines.join("\n"))).toBeLessThanOrEqual(width);
  });

  test("iec units are wider, and fit, too", () => {
    const text = render(MODELS, 80, { units: "iec" });
    expect(widthOf(text)).toBeLessThanOrEqual(80);
    expect(text).toContain("GiB");
  });
});

describe("nothing is ever cut", () => {
  test.each([10, 30, 60, 80, 200])("in %i columns", (width) => {
    const text = render(MODELS, width).replace(/\s/g, "");
    for (const { id, sizeClass } of MODELS) {
      for (const part of id.split(/(?<=[/._-])/)) expect(text).toContain(part);
      expect(text).toContain(sizeClass?.label);
    }
    for (const figure of ["46.7", "12.9", "187", "26.3", "~2.51", "?"]) expect(text).toContain(figure);
  });
});

test("numbers stand right, names left, and no line ends in space", () => {
  const lines = render([GEMMA_2B, MIXTRAL], 100).split("\n");
  expect(lines[2]).toMatch(/^google\/gemma-2b +2\.51/);
  expect(new Set(lines.slice(2).map((line) => line.length)).size).toBe(1);
  expect(lines.filter((line) => line.endsWith(" "))).toEqual([]);
});

test("emphasis takes no room", () => {
  const columns = buildComparison([GEMMA_2B, MIXTRAL], "si");
  const loud = {
    ...PLAIN,
    bold: (text: string) => `\u001b[1m${text}\u001b[22m`,
    dim: (text: string) => `\u001b[2m${text}\u001b[22m`,
  };
  const plain = renderTable(columns, 80, loud)
    // eslint-disable-next-line no-control-regex -- the sequences are what is removed
    .replace(/\u001b\[\d+m/g, "")
    .replace(/ +$/gm, "");
  expect(plain).toBe(renderTable(columns, 80, PLAIN));
});

test("CJK characters and emoji take two columns each", () => {
  const named = [model({ id: "模型/语言模型-二" }), model({ id: "acme/🤗-chat" }), GEMMA_2B];
  expect(render(named, 80)).toMatchInlineSnapshot(`
    "Model             Params  Class  On Hub  fp32  fp16  int8  int4
                           B             GB    GB    GB    GB    GB
    模型/语言模型-二    2.51     2B    5.01  10.0  5.01  2.51  1.41
    acme/🤗-chat        2.51     2B    5.01  10.0  5.01  2.51  1.41
    google/gemma-2b     2.51     2B    5.01  10.0  5.01  2.51  1.41"
  `);
  expect(render([model({ id: "模型/语言模型-二号-指令" })], 64)).toMatchInlineSnapshot(`
    "Model           Params  Class  On Hub  fp32  fp16  int8  int4
                         B             GB    GB    GB    GB    GB
    模型/             2.51     2B    5.01  10.0  5.01  2.51  1.41
    语言模型-二号-
    指令"
  `);
  expect(wrapName("语言模型", 5)).toBe("语言\n模型");
  expect(wrapName("👩‍👩‍👧a", 1)).toBe("👩‍👩‍👧\na");
  // A name of a stranger may be of any length.
  expect(wrapName("x".repeat(100_000), 16).split("\n")).toHaveLength(6_250);
  expect(wrapWords("语言 模型 二", 9, "", "")).toBe("语言 模型\n二");
});

test("no columns are nothing", () => {
  expect(renderTable(tabulate([], []), 80, PLAIN)).toBe("");
});

describe("names", () => {
  test.each([
    ["google/gemma-2b", 15, "google/gemma-2b"],
    ["google/gemma-2b", 14, "google/\ngemma-2b"],
    ["mistralai/Mixtral-8x7B-v0.1", 16, "mistralai/\nMixtral-8x7B-\nv0.1"],
    ["an-organization-of-some-length/a-model", 16, "an-organization-\nof-some-length/\na-model"],
    ["model.with.dots", 8, "model.\nwith.\ndots"],
    ["a/", 1, "a\n/"],
    ["a-b", 2, "a-\nb"],
    ["abcdefgh", 3, "abc\ndef\ngh"],
    ["./models/gemma-2b", 10, "./\nmodels/\ngemma-2b"],
    ["", 5, ""],
    ["  12288 of 16384 inner width", 20, "  12288 of 16384 \n  inner width"], // a row of `reduce`: its indent stays
    ["  shape of bert_uncased_L-8_H-512", 24, "  shape of \n  bert_uncased_L-8_H-512"],
  ])("%s in %i columns", (name, width, wrapped) => {
    expect(wrapName(name, width)).toBe(wrapped);
  });

  test("keep every word and the indent, however narrow it is", () => {
    const name = fc
      .array(fc.stringMatching(/^[a-z-]{1,9}$/), { minLength: 1 })
      .map((words) => `  ${words.join(" ")}`);
    fc.assert(
      fc.property(name, fc.integer({ min: 1, max: 40 }), (text, width) => {
        const lines = wrapName(text, width).split("\n");
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
        for (const line of lines) expect(line).toMatch(/^ {2}/);
      }),
    );
  });

  test("keep every character, in lines that fit", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "B", "7", "-", "_", ".", "/"), maxLength: 200 }),
        fc.integer({ min: 1, max: 40 }),
        (name, width) => {
          const wrapped = wrapName(name, width);
          expect(wrapped.replaceAll("\n", "")).toBe(name);
          for (const line of wrapped.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe("sentences", () => {
  test.each([
    ["one two three", 9, "one two\n  three"],
    ["one two three", 80, "one two three"],
    ["unbreakable", 4, "unbreakable"],
    ["a unbreakable b", 4, "a\n  unbreakable\n  b"],
    ["", 4, ""],
  ])("%s in %i columns", (text, width, wrapped) => expect(wrapWords(text, width, "", "  ")).toBe(wrapped));

  test("no word is lost, and no line is too long that could be broken", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
        fc.integer({ min: 16, max: 80 }),
        (words, width) => {
          const wrapped = wrapWords(words.join(" "), width, "  ", "    ");
          expect(wrapped.split(/\s+/).filter((word) => word !== "")).toEqual(words);
          for (const line of wrapped.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
