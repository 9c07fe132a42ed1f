import { formatCount } from "./counts.ts";
import { type ResultRow, buildUnknownRow } from "./row.ts";
import type { Level } from "../quant/levels.ts";
import type { Size } from "../contract/types.ts";

const LEVEL_ARITHMETIC = {
  fp32: (parameters) => `4 bytes × ${formatCount(parameters)}`,
  fp16: (parameters) => `2 bytes × ${formatCount(parameters)}`,
  int8: () => "1 byte per weight of a matrix + 2 per row, 2 bytes for the rest",
  int4: () => "½ byte per weight of a matrix + 2 per 32 weights, 2 for the rest",
} as const satisfies Record<Level, (parameters: number) => string>;

const CAVEAT = "Fewer bits cost accuracy; only an evaluation shows how much.";

/** List the model in every requested quantization. */
export function listQuantizedSizes(sizes: readonly Size[], parameters: number | null): ResultRow[] {
  return sizes.map((size) =>
    size.bytes === null
      ? buildUnknownRow("quantization", size.quantization, size.reason ?? "its size is not known")
      : {
          technique: "quantization",
          name: size.quantization,
          inputs: { bitsPerWeight: size.bitsPerWeight },
          parameters,
          tensors: null,
          sizes: [size],
          shapes: [],
          arithmetic: formatArithmetic(size, parameters),
          caveat: CAVEAT,
          reason: null,
        },
  );
}

function formatArithmetic(
  { quantization, basis, assumptions, errorBand, bitsPerWeight }: Size,
  parameters: number | null,
): string {
  if (basis === "published") return "the size of the file that is published";
  if (Object.hasOwn(LEVEL_ARITHMETIC, quantization))
    return `${LEVEL_ARITHMETIC[quantization as Level](parameters ?? 0)}: ${bitsPerWeight?.toFixed(2)} bits per weight`;
  const band = errorBand === null ? [] : [`±${Number((errorBand * 100).toPrecision(2))} %`];
  return ["as the tool writes it", ...band, ...assumptions].join("; ");
}
