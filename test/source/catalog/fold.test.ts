import fc from "fast-check";
import { expect, test } from "vitest";
import { unfoldTensors } from "../../../src/source/catalog/fold.ts";
import { foldTensors, type NamedShape } from "../../catalog/fold.ts";

const unfoldedNames = (groups: string) =>
  unfoldTensors({ BF16: groups }, ["lm_head.weight", "w", "a b", ""]).map(({ name }) => name);

test.each([
  [" 0 8", ["lm_head.weight"]],
  [" 2 8;8", ["a", "b"]],
  ["h.{0-2}. 1 8", ["h.0.w", "h.1.w", "h.2.w"]],
  ["h.{0,9-10}. 1 8", ["h.0.w", "h.9.w", "h.10.w"]],
  ["l.{1-2}.e.{0,3}. 1 8", ["l.1.e.0.w", "l.1.e.3.w", "l.2.e.0.w", "l.2.e.3.w"]],
  ["h.{0-1}. 2 8;8| 0 8", ["h.0.a", "h.0.b", "h.1.a", "h.1.b", "lm_head.weight"]],
  ["layers.{0-1} 3 8", ["layers.0", "layers.1"]],
])("%s unfolds", (groups, names) => {
  expect(unfoldedNames(groups)).toEqual(names);
});

test.each([
  ["BF16", [256000, 2048], 1_048_576_000],
  ["F32", [64], 256],
  ["U8", [32, 5760, 90, 16], 265_420_800],
  ["F4", [3, 2], 3],
  ["I64", [], 8],
] as const)("%s %j has its bytes", (dtype, shape, bytes) => {
  expect(unfoldTensors({ [dtype]: ` 0 ${shape.join()}` }, ["name"])).toEqual([
    { name: "name", shape, dtype, bytes },
  ]);
});

const tensors = (...paths: readonly string[]) => paths.map((name): NamedShape => [name, [8], "F16"]);
const fold = (folding: readonly NamedShape[]) => {
  const nameLists: string[] = [];
  return { ...foldTensors(folding, nameLists), nameLists };
};

test.each([
  ["a single layer stays as it is", ["h.0.w"], " 0 8", ["h.0.w"]],
  ["layers join, whatever their order", ["h.2.w", "h.0.w", "h.1.w"], "h.{0-2}. 0 8", ["w"]],
  ["a missing layer is left out", ["h.0.w", "h.1.w", "h.3.w"], "h.{0-1,3}. 0 8", ["w"]],
  ["experts join in layers", ["h.1.e.0", "h.1.e.1", "h.2.e.0", "h.2.e.1"], "h.{1-2}.e.{0-1} 0 8", [""]],
  ["uneven layers stay apart", ["h.1.e.0", "h.1.e.1", "h.2.e.0"], "h.1.e.{0-1} 0 8| 1 8", ["", "h.2.e.0"]],
  ["a digit in a word is no index", ["h.0.fc1.w", "h.0.fc2.w"], " 0 8;8", ["h.0.fc1.w h.0.fc2.w"]],
  ["a padded number is no index", ["h.00", "h.01"], " 0 8;8", ["h.00 h.01"]],
])("%s", (_what, paths, groups, nameLists) => {
  expect(fold(tensors(...paths))).toEqual({ F16: groups, nameLists });
});

test("tensors of other shapes or dtypes fold apart", () => {
  const mixed: NamedShape[] = [
    ["h.0.w", [8], "F16"],
    ["h.1.w", [4], "F16"],
    ["h.2.w", [4], "F32"],
    ["h.3.w", [8], "F16"],
  ];
  expect(fold(mixed)).toEqual({ F16: " 0 4|h.{0,3}. 1 8", F32: " 2 4", nameLists: ["h.1.w", "w", "h.2.w"] });
});

test("names that stand together are listed once", () => {
  const nameLists: string[] = [];
  const models = ["model", "text"].map((root) =>
    foldTensors(tensors(`${root}.0.a`, `${root}.1.a`, `${root}.0.b`, `${root}.1.b`), nameLists),
  );
  expect(models).toEqual([{ F16: "model.{0-1}. 0 8;8" }, { F16: "text.{0-1}. 0 8;8" }]);
  expect(nameLists).toEqual(["a b"]);
});

test.each(["h.{0}", "a|b", "a b"])("the name %s is refused", (name) => {
  expect(() => fold(tensors(name))).toThrow("mark parts");
});

test("unfolding gives back what was folded", () => {
  const part = fc.oneof(
    fc.nat(12).map(String),
    fc.constantFrom("h", "e", "w", "007", "fc1", "", "#", "-", ","),
  );
  const tensor = fc.tuple(
    fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(".")),
    fc.constantFrom([8], [8, 2], []),
    fc.constantFrom("F16", "F32"),
  );
  fc.assert(
    fc.property(fc.uniqueArray(tensor, { selector: ([name]) => name, maxLength: 60 }), (folding) => {
      const nameLists: string[] = [];
      const unfolded = unfoldTensors(foldTensors(folding, nameLists), nameLists).map(
        ({ name, shape, dtype }) => [name, shape, dtype],
      );
      expect(new Set(unfolded.map((row) => JSON.stringify(row)))).toEqual(
        new Set(folding.map((row) => JSON.stringify(row))),
      );
      expect(unfolded).toHaveLength(folding.length);
    }),
  );
});
