/** Every quantization that can be asked for: the four levels, and the schemes of all families. */
import { LlmSizeError } from "../errors.ts";
import { awqSchemes } from "./awq.ts";
import { bitsandbytesSchemes } from "./bitsandbytes.ts";
import { compressedTensorsSchemes } from "./compressed-tensors.ts";
import { GGUF_SCHEMES } from "./gguf/gguf.ts";
import { gptqSchemes } from "./gptq.ts";
import { LEVELS } from "./levels.ts";
import { litertSchemes } from "./litert.ts";
import { mediapipeSchemes } from "./mediapipe.ts";
import { mlcSchemes } from "./mlc.ts";
import { mlxSchemes } from "./mlx.ts";
import { onnxSchemes } from "./onnx.ts";
import { LEVEL_QUANTIZATIONS, type Quantization } from "./quantization.ts";
import { RUNTIMES, type Runtime } from "./runtimes.ts";
import type { Family, Scheme } from "./scheme.ts";

/** A new family is one file and one line here. */
const FAMILY_SCHEMES = {
  gguf: GGUF_SCHEMES,
  onnx: onnxSchemes,
  mlx: mlxSchemes,
  mlc: mlcSchemes,
  mediapipe: mediapipeSchemes,
  litert: litertSchemes,
  bnb: bitsandbytesSchemes,
  gptq: gptqSchemes,
  awq: awqSchemes,
  ct: compressedTensorsSchemes,
} satisfies Record<Family, readonly Scheme[]>;

const schemes: readonly Quantization[] = Object.values(FAMILY_SCHEMES)
  .flat()
  .map((scheme) => ({ name: `${scheme.family}:${scheme.name}`, level: null, scheme }));

/** The names of every level and scheme, as JSON has them. */
export function listQuantizations(): string[] {
  return [...LEVEL_QUANTIZATIONS, ...schemes].map(({ name }) => name);
}

/** All schemes of the family that a runtime runs. */
export function listSchemesFor(runtime: Runtime): Quantization[] {
  return schemes.filter(({ scheme }) => scheme?.family === RUNTIMES[runtime]);
}

/**
 * Finds a level (`int4`), a scheme (`gguf:Q4_K_M`), or a scheme by its bare name where one family alone has it
 * (`Q4_K_M`). Case does not matter. Throws USAGE.
 */
export function parseQuantization(text: string): Quantization {
  const wanted = text.trim().toLowerCase();
  const exact = [...LEVEL_QUANTIZATIONS, ...schemes].find(({ name }) => name.toLowerCase() === wanted);
  if (exact) return exact;
  const bare = schemes.filter(({ scheme }) => scheme?.name.toLowerCase() === wanted);
  if (bare[0] && bare.length === 1) return bare[0];
  if (bare.length > 1) {
    const names = bare.map(({ name }) => name).join(", ");
    throw new LlmSizeError("USAGE", { message: `"${text}" could be ${names}`, hint: "name the family, too" });
  }
  if (/^(?:gguf:)?ud-/.test(wanted))
    throw new LlmSizeError("USAGE", {
      message: `"${text}" is a mix that its publisher chose tensor by tensor; it cannot be predicted`,
      hint: "llm-size explain <repository> shows the sizes of the files that are published",
    });
  throw new LlmSizeError("USAGE", {
    message: `"${text}" is no quantization`,
    hint: `${LEVELS.join(", ")}, or one of a family, such as ${suggest(wanted)}`,
  });
}

/** Names that share most with what was typed. */
function suggest(wanted: string): string {
  const [family = "", name = wanted] = wanted.includes(":") ? wanted.split(":", 2) : ["", wanted];
  const scored = schemes
    .filter(({ scheme }) => family === "" || scheme?.family === family)
    .map((quantization) => ({
      name: quantization.name,
      shared: sharedPrefix(name, quantization.scheme?.name.toLowerCase() ?? ""),
    }))
    .toSorted((a, b) => b.shared - a.shared);
  return (scored.length > 0 ? scored : schemes)
    .slice(0, 3)
    .map(({ name: near }) => near)
    .join(", ");
}

function sharedPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
