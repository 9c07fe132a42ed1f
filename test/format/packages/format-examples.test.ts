import { expect, test } from "vitest";
import { FORMAT_NAMES } from "../../../src/format/packages/format-names.ts";
import { FORMAT_EXAMPLES, type FormatExample } from "./format-examples.ts";
import { choose, madeRepository } from "./made-repository.ts";

test.each(FORMAT_NAMES)("%s: the example's download is chosen, and nothing is in doubt", async (name) => {
  const { files, others, texts = {} }: FormatExample = FORMAT_EXAMPLES[name];
  const choice = await choose(madeRepository({ ...files, ...others }, texts));
  expect(choice).toMatchObject({ format: name, doubt: null });
  const used = choice?.account.filter(({ is }) => is === "checkpoint").map(({ path }) => path);
  const graph = name === "tfjs" ? Object.keys(texts) : [];
  expect(used?.toSorted()).toEqual([...Object.keys(files), ...graph].toSorted());
});
