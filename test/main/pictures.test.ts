/** The table as terminals of several widths show it. After a change that is meant, `npx vitest run test/main/pictures -u`. */
import { expect, test } from "vitest";
import { listCatalog } from "../../src/source/catalog/catalog.ts";
import { runProgram } from "../program.ts";

const FIVE = ["gemma-2b", "mistral-7b", "distilbert-sst2", "mixtral", "qwen3-30b-a3b"];
const MODELS = {
  1: FIVE.slice(0, 1),
  5: FIVE,
  30: listCatalog()
    .filter((_, index) => index % 4 === 0)
    .map(({ id }) => id)
    .slice(0, 30),
};

const cases = Object.entries(MODELS).flatMap(([count, models]) =>
  [60, 80, 120, 200].map((width) => ({ count, models, width })),
);

test.each(cases)("$count models in $width columns", async ({ count, models, width }) => {
  const env = { NO_COLOR: "1", HF_HUB_DISABLE_PROGRESS_BARS: "1" };
  const { stdout, stderr } = await runProgram([...models, "--offline"], { terminal: width, env });
  await expect(stdout).toMatchFileSnapshot(`pictures/${count}-models-${width}-columns.txt`);
  expect(stdout.split("\n").filter((line) => line.length > width)).toEqual([]);
  expect(stderr.split("\n").filter((line) => line.length > 240)).toEqual([]);
});
