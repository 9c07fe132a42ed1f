/** Which weight files are not the model itself, by their names: drafts, projectors, adapters, traces of training. */
import type { PackageFormatName } from "./format-names.ts";
import { folderOf, nameOf, type UnitRole } from "./unit.ts";
import { splitWords } from "./words.ts";

/** Files that trainers save next to weights: optimizers, schedulers, states of random generators, calibration data. */
const TRAINING_NAME =
  /^(?:training_args|optimizer|optim|scheduler|lr_scheduler|scaler|random_states|trainer_state|rng_state)[^/]*\.(?:bin|pt|pth|pkl)$|_optim_states\.pt$|imatrix/i;

const FOLDERS: readonly (readonly [role: UnitRole, name: RegExp])[] = [
  ["training", /^(?:runs|optimizer|logs)$/i],
  ["snapshot", /^(?:checkpoint-\d+|global_step\d+)$/],
  ["draft", /^(?:mtp|draft.*|eagle.*|assistant.*|speculator.*)$/i],
  ["adapter", /^(?:loras?|adapters?)(?:[-_].*)?$/i],
  ["support", /^(?:voices|speakers?|samples?|assets|tests?|examples?|demos?|images?|docs|figures)$/i],
];

/** Files of voices, statistics and prompts that speech models carry. */
const SUPPORT_NAME =
  /^(?:conds|spk2info|feat\d*|spk_.*|.*_stats|default_voice|campplus_cn_common)\.(?:pt|pth|bin|npz|safetensors)$/i;

/** Only in front: `Qwen3.6-27B-MTP-Q4_K_M` is the whole model with its draft layers. */
const DRAFT_NAME = /^(?:mtp|eagle\d?|dflash|dspark|draft)[-_.]/i;
const DRAFT_WORDS: ReadonlySet<string> = new Set(["draft", "drafter", "speculator", "eagle3"]);
const ADAPTER_WORDS: ReadonlySet<string> = new Set(["lora", "dora", "locon", "lokr", "loha", "adapter"]);
const COMPANION_NAME = /^(?:tokenizer|vocoder|talker)-/i;

/** Return why the weights of a path are not the model; null where the path is silent. */
export function classifyRole(path: string, format: PackageFormatName): UnitRole | null {
  const name = nameOf(path);
  if (TRAINING_NAME.test(name)) return "training";
  const folder = folderOf(path);
  if (folder !== "")
    for (const segment of folder.split("/")) {
      const role = FOLDERS.find(([, pattern]) => pattern.test(segment))?.[0];
      if (role !== undefined) return role;
    }
  if (SUPPORT_NAME.test(name)) return "support";
  if (format === "openvino" && /^openvino_(?:de)?tokenizer\b/.test(name)) return "tokenizer";
  const words = splitWords(name);
  if (format === "gguf") {
    if (words.includes("mmproj")) return "projector";
    if (DRAFT_NAME.test(name)) return "draft";
    if (COMPANION_NAME.test(name)) return "companion";
  }
  if (words.some((word) => DRAFT_WORDS.has(word))) return "draft";
  return words.some((word) => ADAPTER_WORDS.has(word)) ? "adapter" : null;
}
