/** The JSON of `llm-size explain`. */
import * as z from "zod";
import {
  bytes,
  count,
  documentFields,
  failureSchema,
  fileSchema,
  listOf,
  objectOf,
  objectOrNull,
  quantization,
  text,
  textOrNull,
} from "./fields.ts";
import { FILE_USE_WORDS, modelSchema } from "./report.ts";
import { FILE_USES, ROLES } from "./terms.ts";

export const explanationSchema = z.object({
  ...documentFields,
  model: modelSchema.nullable().describe("The model; null where it could not be measured."),
  tensors: objectOrNull("How stored tensors become parameters; null where no header could be read.", {
    unpacked: listOf("Tensors that hold several parameters per element, by packing.", {
      packing: text.describe("How the weights are packed, such as `gptq` or `mxfp4`."),
      tensors: count.describe("The number of stored tensors."),
      storedBytes: bytes.describe("Their stored size, in bytes."),
      parameters: count.describe("The parameters that they hold."),
    }),
    weights: listOf("Parameters by layer, role and stored dtype, in the order of the layers.", {
      layer: textOrNull.describe("The layer, such as `model.layers.0`; null for weights outside of layers."),
      role: z.enum(ROLES).describe("What the weights do."),
      dtype: text.describe("How they are stored, such as `BF16`."),
      parameters: count.describe("The parameters."),
    }),
    notCounted: listOf(
      "Tensors that are stored but not counted as parameters, by reason, the largest first.",
      {
        reason: text.describe("Why they are not parameters, such as `tied`, `scale` or `buffer`."),
        tensors: count.describe("The number of tensors."),
        elements: count.describe("Their elements."),
        bytes: bytes.describe("Their size, in bytes."),
        example: text.describe("The name of one of them."),
      },
    ),
  }),
  quantized: listOf("What a tool would write, for each given scheme whose tensors are known.", {
    quantization,
    tensors: listOf("The tensors of the file, by name and type.", {
      name: text.describe("The name, with `*` for numbers: `blk.*.attn_v.weight`."),
      type: text.describe("The type, as the format calls it: `Q6_K`."),
      layers: textOrNull.describe("The layers with this type, such as `0-3,6,9`; null outside of layers."),
      tensors: count.describe("The number of tensors."),
      parameters: count.describe("Their weights."),
      bytes: bytes.describe("Their size, in bytes."),
    }),
  }),
  files: objectOf("Every file in the repository.", {
    used: z.array(fileSchema).describe("The files of the published download."),
    notUsed: listOf("All other files in the repository.", {
      ...fileSchema.shape,
      is: z.enum(FILE_USES).describe(FILE_USE_WORDS),
      reason: text.describe("Why the file is not downloaded."),
    }),
  }),
  hub: objectOrNull("A comparison with the Hub's parameter count; null where it has none.", {
    total: count.describe("The Hub's own parameter count."),
    difference: z.int().nullable().describe("The Hub's count minus ours; null where ours is not known."),
    reason: textOrNull.describe("Where the difference comes from; null where there is none."),
  }),
  failures: z.array(failureSchema).describe("The model, where it could not be measured."),
});
