import type { Size } from "../contract/types.ts";
import type { Level } from "../quant/levels.ts";
import type { Quantization } from "../quant/quantization.ts";
import { formatCount } from "./counts.ts";
import { type ResultRow, buildRow, countParameters, refuseQuantization } from "./row.ts";
import type { Step } from "./step.ts";

const LEVEL_ARITHMETIC = {
  fp32: (parameters) => `4 bytes × ${formatCount(parameters)}`,
  fp16: (parameters) => `2 bytes × ${formatCount(parameters)}`,
  int8: () => "1 byte per weight of a matrix + 2 per row, 2 bytes for the rest",
  int4: () => "½ byte per weight of a matrix + 2 per 32 weights, 2 for the rest",
} as const satisfies Record<Level, (parameters: number) => string>;

/** List the model in every requested quantization. */
export function listQuantizedSizes(sizes: readonly Size[], parameters: number | null): ResultRow[] {
  return sizes.map((size) => {
    const row = { technique: "quantization" as const, name: size.quantization };
    if (size.bytes === null) return buildRow({ ...row, reason: size.reason ?? "its size is not known" });
    return buildRow({
      ...row,
      inputs: { bitsPerWeight: size.bitsPerWeight },
      parameters,
      sizes: [size],
      arithmetic: formatArithmetic(size, parameters),
      caveat: "Fewer bits cost accuracy; only an evaluation shows how much.",
    });
  });
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

/** Build the step that stores what is left in a quantization; nothing is taken out. */
export function buildQuantizationStep(quantization: Quantization): Step {
  const { name } = quantization;
  const text = `quant:${name}`;
  return {
    technique: "quantization",
    text,
    kind: "quantization",
    apply: (variant) =>
      refuseQuantization(variant, quantization) ?? {
        name: text,
        inputs: { quantization: name },
        variant: { ...variant, quantization },
        arithmetic: `${formatCount(countParameters(variant))} parameters at ${name}`,
        caveat: "Fewer bits cost accuracy, on top of what was taken before.",
      },
  };
}
