import { expect, test } from "vitest";
import type { PackingFormat } from "../../src/model/packing/packing-format.ts";
import { PACKING_FORMATS } from "../../src/model/packing/packing-formats.ts";
import { readMatrix } from "../../src/model/packing/shapes.ts";
import { unpackTensors } from "../../src/model/packing/unpack.ts";

/** A made-up tool that packs two 4-bit weights per byte along the inputs, with one scale per row. */
const NIBBLE: PackingFormat = {
  name: "nibble",
  leaf: "weight_nibbles",
  auxiliary: { scale: "weight_scales" },
  inferShape(packed, { tensors }) {
    const bytes = readMatrix(packed);
    const scales = readMatrix(tensors.get("weight_scales"));
    if (packed.dtype !== "U8" || bytes === null || scales?.rows !== bytes.rows) return null;
    return [bytes.rows, bytes.columns * 2];
  },
};

test("a new packing format is one file and one row of PACKING_FORMATS", () => {
  const stem = "model.layers.0.mlp.up_proj";
  const tensors = [
    { name: `${stem}.weight_nibbles`, dtype: "U8", shape: [64, 16], bytes: 1024 },
    { name: `${stem}.weight_scales`, dtype: "F32", shape: [64, 1], bytes: 256 },
  ];
  const unpacked = unpackTensors(tensors, null, [...PACKING_FORMATS, NIBBLE]);
  expect(unpacked.tensors).toEqual([
    { name: `${stem}.weight`, dtype: "U8", shape: [64, 32], bytes: 1024, packing: "nibble" },
  ]);
  expect(unpacked.auxiliary.map(({ reason }) => reason)).toEqual(["scale"]);
  expect(unpackTensors(tensors, null, PACKING_FORMATS).certain).toBe(false);
});
