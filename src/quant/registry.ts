/** Find quantizations by name. This loads the rules of every ecosystem; `levels.ts` alone does not. */
import { lookUp } from "../contract/json.ts";
import { unknown } from "../contract/unknown.ts";
import { isFailure, LlmSizeError } from "../errors.ts";
import { ECOSYSTEMS } from "./ecosystems.ts";
import { LEVELS } from "./levels.ts";
import { bindScheme, formatSchemeName, type Quantization } from "./quantization.ts";
import { RUNTIMES, type Runtime } from "./runtimes.ts";
import type { Ecosystem, Scheme, SchemeOptions } from "./scheme.ts";

interface Candidate {
  /** As in JSON: `gguf:Q4_K_M`. */
  readonly name: string;
  readonly ecosystem: Ecosystem;
  readonly scheme: Scheme;
}

function listCandidates(ecosystems: readonly Ecosystem[]): readonly Candidate[] {
  return ecosystems.flatMap((ecosystem) =>
    ecosystem.schemes.map((scheme) => ({ name: formatSchemeName(ecosystem, scheme), ecosystem, scheme })),
  );
}

/** List the names of all levels and schemes, as JSON has them. */
export function listQuantizations(): string[] {
  return listCandidates(ECOSYSTEMS).map(({ name }) => name);
}

/** List all quantizations that a runtime can load. */
export function listSchemesFor(runtime: Runtime, options: SchemeOptions = {}): Quantization[] {
  return listCandidates(ECOSYSTEMS.filter(({ name }) => name === RUNTIMES[runtime])).map(
    ({ ecosystem, scheme }) => bindScheme(ecosystem, scheme, options),
  );
}

/**
 * Find a level (`int4`), a scheme (`gguf:Q4_K_M`), or a scheme by its bare name where only one ecosystem has it
 * (`Q4_K_M`), and bind the options to it. Case does not matter. Throws USAGE.
 */
export function parseQuantization(
  text: string,
  options: SchemeOptions = {},
  ecosystems: readonly Ecosystem[] = ECOSYSTEMS,
): Quantization {
  const typed = text.trim().toLowerCase();
  const wanted = lookUp(ALIASES, typed) ?? typed;
  const families = lookUp(AMBIGUOUS, typed);
  if (families)
    throw new LlmSizeError("USAGE", {
      message: `ambiguous quantization "${text}": ${families.join(", ")}`,
      hint: "name one of these",
    });
  const candidates = listCandidates(ecosystems);
  const exact = candidates.filter(({ name }) => name.toLowerCase() === wanted);
  const bare = candidates.filter(
    ({ ecosystem, scheme }) => !ecosystem.needsFamily && scheme.name.toLowerCase() === wanted,
  );
  const [found, ...others] = exact.length > 0 ? exact : bare;
  if (found && others.length === 0) return bindScheme(found.ecosystem, found.scheme, options);
  if (found) {
    const names = bare.map(({ name }) => name).join(", ");
    throw new LlmSizeError("USAGE", {
      message: `ambiguous quantization "${text}": ${names}`,
      hint: "add the ecosystem, as in these names",
    });
  }
  const dynamic = DYNAMIC_LABEL.exec(text.trim())?.[1];
  const gguf = ecosystems.find(({ name }) => name === "gguf");
  if (dynamic !== undefined && gguf)
    return bindScheme(gguf, buildPublishedScheme(dynamic.toUpperCase()), options);
  throw new LlmSizeError("USAGE", {
    message: `unknown quantization "${text}"`,
    hint: `${LEVELS.join(", ")}, or one of an ecosystem, such as ${suggestNames(wanted, candidates)}`,
  });
}

/** Find a quantization as parseQuantization does; null for an unknown or ambiguous name. */
export function findQuantization(text: string, options: SchemeOptions = {}): Quantization | null {
  try {
    return parseQuantization(text, options);
  } catch (error) {
    if (isFailure(error, "USAGE")) return null;
    throw error;
  }
}

/** Other names that publishers use, in lower case. */
const ALIASES: Readonly<Record<string, string>> = {
  // RichardErkhov's gemma-2b.Q3_K.gguf.
  q3_k: "gguf:q3_k_m",
  q4_k: "gguf:q4_k_m",
  q5_k: "gguf:q5_k_m",
  // Repacked for one kind of processor, of the same size: bartowski's files of 2024.
  q4_0_4_4: "gguf:q4_0",
  q4_0_4_8: "gguf:q4_0",
  q4_0_8_8: "gguf:q4_0",
  // RedHatAI's names for llm-compressor's presets.
  fp8: "ct:w8a8-fp8",
  "fp8-dynamic": "ct:w8a8-fp8",
  fp8_dynamic: "ct:w8a8-fp8",
};

/** Short names that people use for several families: of `onnx:q4`, of Ollama's default, and of MLX at 4 bits. */
const AMBIGUOUS: Readonly<Record<string, readonly string[]>> = {
  q4: ["onnx:q4", "gguf:Q4_K_M", "mlx:4bit"],
  q8: ["onnx:q8", "gguf:Q8_0", "mlx:8bit"],
};

/** Unsloth's dynamic quantizations of GGUF. */
const DYNAMIC_LABEL = /^(?:gguf:)?(UD-I?Q\d(?:_\w{1,8})?)$/i;

/** Build a scheme that only its publisher can apply: its size is that of the published file, or unknown. */
function buildPublishedScheme(name: string): Scheme {
  return {
    name,
    predict: () =>
      unknown("its publisher chose the type of each tensor, so only published files have a size"),
  };
}

/** Return the three names that share the longest start with what was typed. */
function suggestNames(wanted: string, candidates: readonly Candidate[]): string {
  const [family = "", name = wanted] = wanted.includes(":") ? wanted.split(":", 2) : ["", wanted];
  const schemes = candidates.filter(({ ecosystem }) => ecosystem.name !== "level");
  const near = schemes
    .filter(({ ecosystem }) => family === "" || ecosystem.name === family)
    .toSorted((a, b) => countShared(name, b) - countShared(name, a));
  return (near.length > 0 ? near : schemes)
    .slice(0, 3)
    .map((candidate) => candidate.name)
    .join(", ");
}

/** Count the letters that a name and a scheme begin with alike. */
function countShared(name: string, { scheme }: Candidate): number {
  const known = scheme.name.toLowerCase();
  let length = 0;
  while (length < name.length && name[length] === known[length]) length++;
  return length;
}
