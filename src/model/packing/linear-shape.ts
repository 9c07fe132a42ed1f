import { isObject, readCount } from "../../format/config.ts";
import type { Evidence } from "./evidence.ts";

/** Projections back to the hidden width: Llama, GPT-2, GPT-NeoX, OPT, Mixtral. */
const BACK_TO_HIDDEN = /(?:^|\.)(?:o_proj|out_proj|down_proj|c_proj|fc2|w2|wo|dense|dense_4h_to_h)$/;

/**
 * The shape of a linear layer of which only the number of weights is stored. One side of it is the hidden width; which
 * side, its name tells. Where the config does not help, one long row: the count is exact all the same.
 */
export function shapeOfLinear(moduleName: string, elements: number, { config }: Evidence): readonly number[] {
  const visionConfig = config?.root["vision_config"];
  const part = isObject(visionConfig) && /vision|visual/.test(moduleName) ? visionConfig : config?.text;
  const hidden = part === undefined ? null : readCount(part, "hidden_size", "n_embd", "d_model");
  if (hidden === null || elements % hidden !== 0) return [1, elements];
  const other = elements / hidden;
  return BACK_TO_HIDDEN.test(moduleName) ? [hidden, other] : [other, hidden];
}
