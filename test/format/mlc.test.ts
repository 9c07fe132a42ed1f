import { expect, test } from "vitest";
import { parseMlcBits, parseMlcTensors } from "../../src/format/mlc.ts";

const record = (...records: unknown[]) => ({ dataPath: "params_shard_0.bin", nbytes: 1, records });
const row = (name: string, shape: readonly unknown[], dtype: string, nbytes: number) => ({
  name,
  shape,
  dtype,
  nbytes,
  byteOffset: 0,
});

test("words hold whole weights: 8 of 4 bits, 10 of 3", () => {
  const manifest = {
    records: [
      record(row("l.q_weight", [64, 16], "uint32", 4096), row("l.q_scale", [64, 4], "float16", 512)),
      record(row("norm.weight", [64], "float16", 128)),
    ],
  };
  expect(parseMlcTensors(manifest, 4)).toEqual([
    { name: "l.weight", shape: [64, 128], dtype: "U32", bytes: 4096, is: "weight" },
    { name: "l.q_scale", shape: [64, 4], dtype: "F16", bytes: 512, is: "scale" },
    { name: "norm.weight", shape: [64], dtype: "F16", bytes: 128, is: "weight" },
  ]);
  expect(parseMlcTensors(manifest, 3)[0]?.shape).toEqual([64, 160]);
  expect(() => parseMlcTensors(manifest, null)).toThrow("packed in an unknown way");
});

test.each([
  ["q4f16_1", 4],
  ["q3f16_1", 3],
  ["q0f32", 0],
  ["fp8", null],
  [undefined, null],
])("%s has %s bits", (scheme, bits) => {
  expect(parseMlcBits(scheme)).toBe(bits);
});

test.each([
  null,
  {},
  { records: 1 },
  { records: [record({ name: 1 })] },
  { records: [record(row("a", [-1], "float16", 1))] },
])("%j is malformed", (manifest) => {
  expect(() => parseMlcTensors(manifest, 4)).toThrow();
});
