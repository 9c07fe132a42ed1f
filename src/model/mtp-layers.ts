import type { Config } from "../format/config.ts";
import { readDimension } from "../format/dimensions.ts";

/** Names of such layers: `mtp.layers.0.…` of Qwen/Qwen3-Next-80B-A3B-Instruct, `mtp_block.0.…` of baidu/ERNIE-4.5-21B-A3B-PT, `….nextn.…` of GGUF files. */
const NAME = /(?:^|\.)(?:mtp(?:_\w+)?|nextn)\./;
const LAYER = /(?:^|\.)(?:layers|blk)\.(\d+)\./;

/** Towers number their layers on their own. */
const TOWER = /vision|visual|audio|speech/;

/**
 * Return a test for names of tensors in layers for multi-token prediction. deepseek-ai/DeepSeek-V3 has one after the 61
 * layers of the model, as `model.layers.61`: 14 billion parameters that its authors leave out of the 671.
 */
export function findMtpLayers(config: Config | null): (name: string) => boolean {
  const text = config?.text;
  const layers = text && readDimension(text, "mtpLayers") ? readDimension(text, "layers") : null;
  return (name) => {
    if (NAME.test(name)) return true;
    const index = layers === null || TOWER.test(name) ? undefined : LAYER.exec(name)?.[1];
    return index !== undefined && Number(index) >= (layers ?? 0);
  };
}
