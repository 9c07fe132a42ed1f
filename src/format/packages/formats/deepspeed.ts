/** Checkpoints that DeepSpeed split over GPUs: zero_to_fp32.py and checkpoint/constants.py (deepspeedai/DeepSpeed). */
import { groupBy } from "../../group-by.ts";
import { buildUnit } from "../build-unit.ts";
import type { PackageFormat } from "../package-format.ts";
import type { PackagePart } from "../package-part.ts";
import { folderOf, nameOf } from "../unit.ts";

/** Of ZeRO-3, where the weights themselves are in the optimizer's states: `zero_pp_rank_0_mp_rank_00_model_states.pt`. */
const ZERO_3 = /^(?:bf16_|fp16_)?zero_pp_rank_\d+_mp_rank_\d+_(model|optim)_states\.pt$/;
/** A slice of all weights, or a layer: `mp_rank_01_model_states.pt`, `layer_00-model_00-model_states.pt`. */
const SLICE = /^(?:mp_rank_\d+|layer_\d+-model_\d+)[-_]model_states\.pt$/;

/** Collect the ranks of each folder as one model. One whole `mp_rank_00_model_states.pt` is a file like others. */
export const collectDeepspeed: PackageFormat["collect"] = (listing, format) =>
  [...groupBy(listing.free("pt"), ({ path }) => folderOf(path))].flatMap(([, files]) => {
    const zero = files.filter(({ path }) => ZERO_3.test(nameOf(path)));
    const [first] = zero.filter(({ path }) => ZERO_3.exec(nameOf(path))?.[1] === "model");
    const slices = files.filter(({ path }) => SLICE.test(nameOf(path)));
    const own = first ? [...zero, ...slices] : slices.length > 1 ? slices : [];
    const path = first?.path ?? own[0]?.path;
    return path === undefined
      ? []
      : [buildUnit({ format, path, files: listing.claim(own), stem: "deepspeed", label: "" })];
  });

/** True for a part whose files cannot be counted one by one: layers and slices share names. */
export function isSplitByDeepspeed({ files }: Pick<PackagePart, "files">): boolean {
  const [first] = files;
  return (
    first !== undefined &&
    (ZERO_3.test(nameOf(first.path)) || (files.length > 1 && SLICE.test(nameOf(first.path))))
  );
}
