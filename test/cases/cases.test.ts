import { expect, test } from "vitest";
import { runAllCases } from "./all-cases.ts";
import { WRONG_TODAY } from "./wrong-today.ts";

test("answers the cases of fixtures/cases rightly, as folders and through the Hub", async () => {
  const results = await runAllCases(({ id }) => !WRONG_TODAY.has(id));
  const wrong = results
    .filter(({ problems }) => problems.length > 0)
    .map(({ case: { id }, run, problems }) => `${id} (${run}): ${problems.join("; ")}`);
  expect(wrong).toEqual([]);
}, 120_000);
