import { expect, test } from "vitest";
import { LlmSizeError } from "../../src/errors.ts";
import { chooseNamesake, MIN_DOWNLOADS, MIN_LEAD } from "../../src/source/search-by-name.ts";

const choose = (downloads: Readonly<Record<string, number>>, isGate = false) => {
  const found = Object.entries(downloads).map(([id, count]) => ({ id, downloads: count }));
  try {
    return chooseNamesake("name", found, { isGate }).id;
  } catch (error) {
    return error instanceof LlmSizeError ? error.code : error;
  }
};

const MANY = MIN_DOWNLOADS * MIN_LEAD;

test.each([
  [{ "a/name": MIN_DOWNLOADS }, "a/name"],
  [{ "a/name": MIN_DOWNLOADS - 1 }, "MODEL_AMBIGUOUS"],
  [{ "b/name": MANY / MIN_LEAD, "a/NAME": MANY }, "a/NAME"],
  [{ "b/name": MANY / MIN_LEAD + 1, "a/name": MANY }, "MODEL_AMBIGUOUS"],
  [{ "a/name": 0, "b/name": 0 }, "MODEL_AMBIGUOUS"],
  [{ "a/name-it": MANY, "b/my-name": MANY }, "MODEL_NOT_FOUND"],
  [{ "a/name-it": MANY, "b/name": 12 }, "MODEL_AMBIGUOUS"],
  [{}, "MODEL_NOT_FOUND"],
])("of %j it is %s", (downloads, id) => {
  expect(choose(downloads)).toBe(id);
});

test("a gate takes no result of a search", () => {
  expect(choose({ "a/name": MANY }, true)).toBe("MODEL_AMBIGUOUS");
  expect(choose({}, true)).toBe("MODEL_NOT_FOUND");
});
