import { expect, test } from "vitest";
import { MalformedError } from "../../src/format/malformed.ts";
import { readOpenvinoTensors } from "../../src/format/openvino.ts";
import { openBytes } from "./range-reader.ts";

const constant = (name: string, type: string, shape: string, offset: number, size: number) =>
  `<layer id="1" name="${name}" type="Const" version="opset1">` +
  `<data element_type="${type}" shape="${shape}" offset="${offset}" size="${size}"/><output/></layer>`;

async function read(layers: string, binBytes = 1_000_000) {
  const { file, readRange } = openBytes(
    new TextEncoder().encode(
      `<?xml version="1.0"?>\n<net name="m" version="11"><layers>${layers}</layers></net>`,
    ),
  );
  return readOpenvinoTensors(file, readRange, binBytes);
}

test("constants are weights by their type; what NNCF adds is not, nor are shapes", async () => {
  const tensors = await read(
    [
      constant("embed", "f16", "100, 8", 0, 1600),
      constant("w", "u4", "8,2,4", 1600, 32),
      constant("w/zero_point", "u4", "8,2,1", 1632, 8),
      constant("w/scale", "f16", "8,2,1", 1640, 32),
      constant("shape", "i64", "4", 1672, 32),
      constant("eps", "f32", "1", 1704, 4),
    ].join(""),
  );
  expect(tensors.map(({ name, shape, dtype, is }) => [name, shape, dtype, is])).toEqual([
    ["embed", [100, 8], "F16", "weight"],
    ["w", [8, 2, 4], "U4", "weight"],
    ["w/zero_point", [8, 2, 1], "U4", "zero-point"],
    ["w/scale", [8, 2, 1], "F16", "scale"],
    ["shape", [4], "I64", "buffer"],
    ["eps", [1], "F32", "buffer"],
  ]);
});

test("two constants of one place are one array; other layers have none", async () => {
  const twice = constant("a", "f32", "4", 0, 16) + constant("b", "f32", "4", 0, 16);
  const other = '<layer id="2" name="p" type="Parameter"><data element_type="f32" shape="4"/></layer>';
  expect(await read(twice + other)).toHaveLength(1);
});

test("a constant beyond its .bin is malformed", async () => {
  await expect(read(constant("a", "f32", "400", 0, 1600), 1599)).rejects.toThrow("ends beyond its .bin");
});

test.each(["<html></html>", "", "<<<<", `<${"a".repeat(200_000)}`])("%.10s is not a graph", async (text) => {
  const { file, readRange } = openBytes(new TextEncoder().encode(text));
  await expect(readOpenvinoTensors(file, readRange, 0)).rejects.toThrow(MalformedError);
});
