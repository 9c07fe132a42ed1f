/** The quantization that a reference names, by its colon or by the name of its file. */
import { lookUp } from "../../contract/json.ts";
import { ONNX_DTYPES } from "../onnx/sessions.ts";
import { toDtype } from "./alternatives.ts";
import { isGgufLabel, normalizeGgufLabel, splitLabels } from "./labels.ts";
import { folderOf, nameOf } from "./unit.ts";

/** Files that go with a model, whose labels are their own. */
const SIDECAR = /mmproj|imatrix/i;

const SPLITTERS = {
  /** `gemma-2b.Q4_K_M.gguf`, `Q4_K_M/gemma-2b-00001-of-00002.gguf`. */
  gguf(path: string): string {
    const { label } = splitLabels(nameOf(path).replace(/\.gguf$/i, ""), "gguf");
    return label || readFolder(folderOf(path));
  },
  /** `onnx/model_q4f16.onnx`. */
  onnx(path: string): string {
    return toDtype(splitLabels(nameOf(path).replace(/\.onnx$/i, ""), "onnx").label);
  },
};

/** Return it as `gguf:Q4_K_M` or `onnx:q4f16`; null where none is named. */
export function readNamedQuantization({
  file,
  label,
}: {
  readonly file: string | null;
  readonly label: string | null;
}): string | null {
  const path = file ?? label ?? "";
  const family = /\.(gguf|onnx)$/i.exec(path)?.[1]?.toLowerCase() ?? "";
  const split = lookUp(SPLITTERS, family);
  if (SIDECAR.test(path)) return null;
  if (split) return nameQuantization(family, split(path));
  const named = nameOf(path.replace(/\/+$/, ""));
  if (isGgufLabel(named)) return nameQuantization("gguf", normalizeGgufLabel(named));
  const isDtype = (ONNX_DTYPES as readonly string[]).includes(named.toLowerCase());
  return label !== null && isDtype ? nameQuantization("onnx", named.toLowerCase()) : null;
}

function nameQuantization(family: string, label: string): string | null {
  return label === "" ? null : `${family}:${label}`;
}

function readFolder(folder: string): string {
  const name = nameOf(folder);
  return isGgufLabel(name) ? normalizeGgufLabel(name) : "";
}
