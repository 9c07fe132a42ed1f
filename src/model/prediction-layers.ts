import { readCount, type Config } from "../format/config.ts";

/** Names that say it: `mtp.layers.0.…` of Qwen/Qwen3-Next-80B-A3B-Instruct, `….nextn.…` of GGUF files. */
const NAME = /(?:^|\.)(?:mtp|mtp_layers|nextn)\./;
const LAYER = /(?:^|\.)layers\.(?<index>\d+)\./;

/**
 * Tells layers for multi-token prediction from the model's own. deepseek-ai/DeepSeek-V3 keeps its one behind the 61 of
 * the model, as `model.layers.61`: 14 billion parameters that its authors leave out of the 671.
 */
export function findPredictionLayers(config: Config | null): (name: string) => boolean {
  const text = config?.text;
  const layers =
    text && readCount(text, "num_nextn_predict_layers") ? readCount(text, "num_hidden_layers") : null;
  return (name) => {
    if (NAME.test(name)) return true;
    const index = layers === null ? undefined : LAYER.exec(name)?.groups?.["index"];
    return index !== undefined && Number(index) >= (layers ?? 0);
  };
}
