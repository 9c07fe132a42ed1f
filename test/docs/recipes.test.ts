/** The recipes of docs/lists.md for other machines: their commands, with the variables that an engine sets. */
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { readPage, runLine, SCRIPT_BLOCK } from "./blocks.ts";

const PAGE = readPage("docs/lists.md");

/** Only what the tests read. */
interface Recipe {
  readonly jobs?: { readonly measure: { readonly steps: readonly { readonly run?: string }[] } };
  readonly spec?: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly args: string[] }[] } };
  };
}

const recipes = [...PAGE.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(
  ([, text = ""]) => parseAllDocuments(text)[0]?.toJS() as Recipe,
);
const [script = ""] = [...PAGE.matchAll(SCRIPT_BLOCK)].map(({ groups }) => groups?.["script"]);
const ofGitHub = recipes.flatMap(({ jobs }) => jobs?.measure.steps ?? []).find(({ run }) => run)?.run ?? "";
const ofKubernetes = recipes.flatMap(({ spec }) => spec?.template.spec.containers ?? [])[0]?.args[0] ?? "";

/** The list of the tests has two models, so its first two parts are all of it. */
test.each([
  ["GitHub", 1, "MATRIX_PART", `${ofGitHub.replaceAll("${{ matrix.part }}", "$MATRIX_PART")}; cat part-*`],
  ["Kubernetes", 0, "JOB_COMPLETION_INDEX", ofKubernetes],
  ["SLURM", 0, "SLURM_ARRAY_TASK_ID", `${script}\ncat part-*`],
])("%s: each part measures its models", async (_, first, variable, line) => {
  const runs = await Promise.all(
    [first, first + 1].map((part) => runLine(line, { [variable]: `${part}`, SLURM_ARRAY_TASK_COUNT: "8" })),
  );
  const references = runs.map(
    ({ stdout }) => (JSON.parse(stdout) as { readonly reference: string }).reference,
  );
  expect(references).toEqual(["gemma-2b", "Qwen/Qwen3-8B"]);
});
