/** Types that the most used publisher of a model gives to some of its tensors, against the rules of llama.cpp. */
import type { Config } from "../../format/config.ts";
import type { BlockType } from "../../format/gguf/block-types.ts";
import { modelTypes } from "../../model/architectures.ts";
import { MAIN_TYPES, type FileType } from "./file-types.ts";

const isQwen35 = modelTypes("qwen3_5 qwen3_5_text");

/** The output of linear attention, by the main type: Qwen3.5-0.8B, -2B and -27B of unsloth in thirteen file types. */
const LINEAR_OUTPUT: Readonly<Partial<Record<BlockType, BlockType>>> = {
  Q2_K: "Q4_K",
  Q3_K: "Q4_K",
  Q4_0: "Q5_K",
  Q4_1: "Q5_K",
  Q4_K: "Q5_K",
  IQ4_NL: "Q5_K",
  IQ4_XS: "Q5_K",
  Q5_K: "Q6_K",
  Q6_K: "Q8_0",
};

/** Return types by the names of tensors, without layer and `.weight`; none where the rules decide on all. */
export function chooseUsualTypes(
  fileType: FileType,
  config: Config | null,
): Readonly<Record<string, BlockType>> {
  const output = isQwen35(config) ? LINEAR_OUTPUT[MAIN_TYPES[fileType]] : undefined;
  return output === undefined ? {} : { ssm_alpha: "Q8_0", ssm_beta: "Q8_0", ssm_out: output };
}
