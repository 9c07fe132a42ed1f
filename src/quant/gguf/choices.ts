/** Choices in which publishers of GGUF files differ. */
import { isUnknown } from "../../contract/unknown.ts";
import type { Config } from "../../format/config.ts";
import { modelTypes } from "../../model/architectures.ts";
import { isOf2023 } from "../model-age.ts";
import type { Choice, LogicalModel } from "../scheme.ts";
import { inferEra, isOfMatrixFreeTime, listOtherEras } from "./eras.ts";
import { dependsOnImatrix, isUsuallyMadeWithImatrix, type FileType } from "./file-types.ts";
import { layOutTensors, type Layout } from "./tensors.ts";
import { chooseUsualTypes } from "./usual-types.ts";

/** RobertSinclair's Q4_K_L and others have 16 bits where bartowski's have 8; unsloth's Q2_K_L has the embedding in Q4_K. */
export function listLargeHeads(fileType: FileType): readonly Choice[] {
  const wide: Choice = { because: "embedding and head in 16 bits", options: { headBits: 16 } };
  const unsloth: Choice = {
    because: "only the embedding in Q4_K",
    options: { headBits: 6, embeddingBits: 4 },
  };
  return fileType === "Q2_K" ? [unsloth, wide] : [wide];
}

/** List what files of this type and model may have differently, the most common first. */
export function listChoices(fileType: FileType, model: LogicalModel): readonly Choice[] {
  const layout = layOutTensors(model);
  if (isUnknown(layout)) return [];
  const input = buildEraInput(fileType, model);
  const choices: Choice[] = [];
  if (dependsOnImatrix(fileType)) {
    const imatrix = !isMadeWithImatrix(fileType, input);
    choices.push({
      because: `made ${imatrix ? "with" : "without"} an importance matrix`,
      options: { imatrix },
    });
  }
  // Qwen's own Qwen2.5-0.5B-Instruct-GGUF, and fine-tunes that were saved with a copy of the embedding.
  if (!hasHead(layout))
    choices.push({ because: "output head stored again", options: { separateHead: true } });
  for (const { era, because } of listOtherEras(input))
    choices.push({ because, options: { era, chosenTypes: {} } });
  // Qwen3-Coder-30B-A3B-Instruct of unsloth.
  if (fileType === "IQ4_XS")
    choices.push({ because: "embedding in Q4_K (unsloth)", options: { embeddingBits: 4 } });
  choices.push(...listPerLayerChoices(fileType, layout, model.config));
  // Qwen3.5-2B of lmstudio-community.
  if (Object.keys(chooseUsualTypes(fileType, model.config)).length > 0)
    choices.push({
      because: "linear attention by llama.cpp's rules (lmstudio-community)",
      options: { chosenTypes: {} },
    });
  // gemma-3-4b-it-qat of ggml-org; Google's own gemma-3-4b-it-qat-q4_0-gguf.
  if (fileType === "Q4_0" && isGemma3(model.config))
    choices.push(
      { because: "embedding in 8 bits (ggml-org's QAT)", options: { headBits: 8 } },
      { because: "embedding in 16 bits (Google's QAT)", options: { headBits: 16 } },
    );
  // bge-small-en-v1.5 of CompendiumLabs.
  if (layout.tensors.some(({ name }) => name === "position_embd.weight"))
    choices.push({ because: "quantized from F32", options: { isFromF32: true } });
  return choices;
}

/** Gemma 3n and 4 have an embedding per layer, which is most of a small file. */
function listPerLayerChoices(
  fileType: FileType,
  { tensors }: Layout,
  config: Config | null,
): readonly Choice[] {
  if (!tensors.some(({ name }) => name === PER_LAYER_EMBEDDING)) return [];
  // gemma-3n-E2B-it and -E4B-it of unsloth, to 640 bytes.
  if (fileType === "Q4_K_M" && isGemma3n(config))
    return [
      {
        because: "embedding in Q4_K, that of the layers in Q5_1 (unsloth)",
        options: { embeddingBits: 4, chosenTypes: { per_layer_token_embd: "Q5_1" } },
      },
    ];
  // gemma-4-E2B-it of unsloth, to 2 kB.
  if (/^Q4_K_[MS]$/.test(fileType) && !isGemma3n(config))
    return [
      {
        because: "embedding in Q4_K, that of the layers in Q5_K, their gates in F32 (unsloth)",
        options: {
          embeddingBits: 4,
          chosenTypes: { per_layer_token_embd: "Q5_K", inp_gate: "F32", proj: "F32" },
        },
      },
    ];
  return [];
}

export const PER_LAYER_EMBEDDING = "per_layer_token_embd.weight";

const isGemma3 = modelTypes("gemma3 gemma3_text");
const isGemma3n = modelTypes("gemma3n gemma3n_text");

type EraInput = Parameters<typeof inferEra>[0];

export function buildEraInput(fileType: FileType, model: LogicalModel): EraInput {
  return { fileType, config: model.config, isModelOf2023: isOf2023(model) };
}

export function isMadeWithImatrix(fileType: FileType, input: EraInput): boolean {
  const isNewType = fileType.startsWith("IQ");
  return isUsuallyMadeWithImatrix(fileType) && (isNewType || !isOfMatrixFreeTime(input));
}

export function hasHead({ tensors }: Layout): boolean {
  return tensors.some(({ name }) => name === "output.weight");
}
