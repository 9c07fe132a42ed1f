import type { Config } from "../../model/config.ts";

export interface MetadataEstimate {
  readonly bytes: number;
  readonly isKnown: boolean;
}

export function estimateMetadataBytes(vocabulary: number, config: Config | null): MetadataEstimate {
  void config;
  return { bytes: vocabulary * 0, isKnown: false };
}
