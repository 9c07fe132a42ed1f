import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  computeSafetensorsBytes,
  type StoredDtype,
  type StoredTensor,
} from "../../src/quant/safetensors-file.ts";

const CHECKPOINTS = new URL("../../fixtures/checkpoints/", import.meta.url);

/** Files that the safetensors library wrote, with the arrays their headers list. */
const realFiles = readdirSync(CHECKPOINTS, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".safetensors"))
  .map((path) => {
    const file = readFileSync(new URL(path, CHECKPOINTS));
    const header = file.subarray(8, 8 + Number(file.readBigUInt64LE(0))).toString();
    const entries = Object.entries(JSON.parse(header) as Record<string, StoredTensor>);
    const tensors = entries.flatMap(([name, { dtype, shape }]) =>
      name === "__metadata__" ? [] : [{ name, dtype, shape }],
    );
    return { path, bytes: file.length, tensors };
  });

describe("computeSafetensorsBytes", () => {
  test("there are real files to compare with", () => expect(realFiles.length).toBeGreaterThan(10));

  test.each(realFiles)("is the size of the real file $path", ({ tensors, bytes }) => {
    expect(computeSafetensorsBytes(tensors)).toBe(bytes);
  });

  test("is header length, header and arrays", () => {
    const header =
      '{"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]}}';
    expect(header).toHaveLength(89);
    expect(computeSafetensorsBytes([{ name: "a", dtype: "BF16", shape: [2, 3] }])).toBe(8 + 96 + 12);
  });

  test("counts a name in bytes, not characters", () => {
    const bytes = computeSafetensorsBytes([{ name: "e".repeat(80), dtype: "U8", shape: [] }]);
    expect(computeSafetensorsBytes([{ name: "é".repeat(40), dtype: "U8", shape: [] }])).toBe(bytes);
  });

  test("refuses what would not be exact", () => {
    expect(() => computeSafetensorsBytes([{ name: "a", dtype: "I64", shape: [2 ** 51] }])).toThrow(
      RangeError,
    );
    const large: StoredTensor = { name: "a", dtype: "U8", shape: [2 ** 52] };
    expect(() => computeSafetensorsBytes([large, { ...large, name: "b" }])).toThrow(RangeError);
  });

  test("does not depend on the order it is given", () => {
    const dtype = fc.constantFrom<StoredDtype>("U8", "F16", "F32", "I64");
    const shape = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 3 });
    const tensors = fc.uniqueArray(fc.record({ name: fc.string({ maxLength: 12 }), dtype, shape }), {
      selector: ({ name }) => name,
    });
    fc.assert(
      fc.property(tensors, (list) => {
        const bytes = computeSafetensorsBytes(list);
        expect(bytes % 1).toBe(0);
        expect(computeSafetensorsBytes(list.toReversed())).toBe(bytes);
      }),
    );
  });
});
