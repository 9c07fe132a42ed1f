import { sumBytes } from "../../source/repository.ts";
import type { PackageDoubt } from "./doubt.ts";
import { listFiles, type PackageChoice } from "./package-choice.ts";
import { PACKAGE_FORMATS } from "./package-formats.ts";

/** fp32 has 4 bytes per parameter, and nobody publishes more; graphs store shared weights once per use. */
const MAX_BYTES_PER_PARAMETER = { arrays: 4.5, graphs: 8.5 };
/** Headers, vocabularies and the graph itself. */
const MAX_OTHER_BYTES = 50_000_000;

/** Doubt a package by an alternative that is too large for its parameters; null without any. */
export function doubtLargeAlternatives(choice: PackageChoice, parameters: number): PackageDoubt | null {
  const large = choice.alternatives.find(({ format, bytes }) => {
    const most = MAX_BYTES_PER_PARAMETER[PACKAGE_FORMATS[format].hasParts ? "graphs" : "arrays"];
    return bytes > most * parameters + MAX_OTHER_BYTES;
  });
  if (!large) return null;
  return {
    code: "FILES_UNEXPLAINED",
    message: `${large.path} is too large for the parameters of ${choice.parts[0]?.files[0]?.path ?? "the model"}, and may be the model; name the file you mean`,
    atMostBytes: sumBytes(listFiles(choice)) + large.bytes,
  };
}
