import fc from "fast-check";
import { expect, test } from "vitest";
import { unfoldTensors } from "../../../src/source/catalog/fold.ts";
import { foldTensors, type NamedShape } from "../../catalog/fold.ts";

const names = (...folded: readonly string[]) =>
  unfoldTensors({ BF16: Object.fromEntries(folded.map((name) => [name, [1]])) }).map(({ name }) => name);

test.each([
  ["lm_head.weight", ["lm_head.weight"]],
  ["h.{0-2}.ln_1.bias", ["h.0.ln_1.bias", "h.1.ln_1.bias", "h.2.ln_1.bias"]],
  ["h.{0,9-10}.w", ["h.0.w", "h.9.w", "h.10.w"]],
  ["l.{1-2}.e.{0,3}.w", ["l.1.e.0.w", "l.1.e.3.w", "l.2.e.0.w", "l.2.e.3.w"]],
  ["layers.{0-1}", ["layers.0", "layers.1"]],
])("%s unfolds", (folded, unfolded) => {
  expect(names(folded)).toEqual(unfolded);
});

test.each([
  ["BF16", [256000, 2048], 1_048_576_000],
  ["F32", [64], 256],
  ["U8", [32, 5760, 90, 16], 265_420_800],
  ["F4", [3, 2], 3],
  ["I64", [], 8],
] as const)("%s %j has its bytes", (dtype, shape, bytes) => {
  expect(unfoldTensors({ [dtype]: { name: shape } })).toEqual([{ name: "name", shape, dtype, bytes }]);
});

const tensors = (...paths: readonly string[]) => paths.map((name): NamedShape => [name, [8], "F16"]);
const foldedNames = (...paths: readonly string[]) => Object.keys(foldTensors(tensors(...paths)).F16 ?? {});

test.each([
  ["a single layer stays as it is", ["h.0.w"], ["h.0.w"]],
  ["layers join, whatever their order", ["h.2.w", "h.0.w", "h.1.w"], ["h.{0-2}.w"]],
  ["a missing layer is left out", ["h.0.w", "h.1.w", "h.3.w"], ["h.{0-1,3}.w"]],
  ["experts join in layers", ["h.1.e.0", "h.1.e.1", "h.2.e.0", "h.2.e.1"], ["h.{1-2}.e.{0-1}"]],
  ["uneven layers stay apart", ["h.1.e.0", "h.1.e.1", "h.2.e.0"], ["h.1.e.{0-1}", "h.2.e.0"]],
  ["a digit in a word is no index", ["h.0.fc1.w", "h.0.fc2.w"], ["h.0.fc1.w", "h.0.fc2.w"]],
  ["a padded number is no index", ["h.00", "h.01"], ["h.00", "h.01"]],
])("%s", (_what, paths, folded) => {
  expect(foldedNames(...paths)).toEqual(folded);
});

test("tensors of other shapes or dtypes fold apart", () => {
  const mixed: NamedShape[] = [
    ["h.0.w", [8], "F16"],
    ["h.1.w", [4], "F16"],
    ["h.2.w", [4], "F32"],
    ["h.3.w", [8], "F16"],
  ];
  expect(foldTensors(mixed)).toEqual({ F16: { "h.{0,3}.w": [8], "h.1.w": [4] }, F32: { "h.2.w": [4] } });
});

test("a name with a brace is refused", () => {
  expect(() => foldTensors(tensors("h.{0}.w"))).toThrow("braces");
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
      const unfolded = unfoldTensors(foldTensors(folding)).map(({ name, shape, dtype }) => [
        name,
        shape,
        dtype,
      ]);
      expect(new Set(unfolded.map((row) => JSON.stringify(row)))).toEqual(
        new Set(folding.map((row) => JSON.stringify(row))),
      );
      expect(unfolded).toHaveLength(folding.length);
    }),
  );
});
