import fc from "fast-check";
import { expect, test } from "vitest";
import { findDuplicateKeys, findKeyLines } from "../../src/contract/json-keys.ts";

test.each([
  ['{"a":1,"b":{"a":1}}', null],
  ['[{"a":1},{"a":1}]', null],
  ['{"a":"a","b":["a","a"]}', null],
  ['{"a":"{\\"a\\":1,\\"a\\":2}"}', null],
  ["1", null],
  ['"a"', null],
  ['{"a":1,"a":1}', "a"],
  ['{"a":1,"\\u0061":1}', "a"],
  ['{"__proto__":1,"__proto__":1}', "__proto__"],
  ['{"x":[1,{"y":[[],{"a":{},"a":[]}]}]}', "x[1].y[1].a"],
  ['{"budgets":[{"model":"a"},{"maxSize":"1GB","maxSize":"9GB"}]}', "budgets[1].maxSize"],
])("%s", (text, path) => {
  expect(findDuplicateKeys(text)).toEqual(path === null ? [] : [path]);
});

test("what JSON.stringify writes has no key twice", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const once = JSON.stringify(JSON.parse(text));
      expect(findDuplicateKeys(once)).toEqual([]);
    }),
  );
});

test("the lines of keys, by their paths", () => {
  const text = `{
    "x": "\\n{", "budgets": [
      { "model": "a:b,c", "maxSize"
        : "1GB" },
      {
        "a]": { "b": 1 },
        "a": { "b": { "c": 1 } }
      }
    ]
  }`;
  expect([...findKeyLines(text)]).toEqual([
    ["x", 2],
    ["budgets", 2],
    ["budgets[0].model", 3],
    ["budgets[0].maxSize", 3],
    ["budgets[1].a]", 6],
    ["budgets[1].a].b", 6],
    ["budgets[1].a", 7],
    ["budgets[1].a.b", 7],
  ]);
});
