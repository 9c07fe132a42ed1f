/** The JSON of `llm-size explain`. */
import * as z from "zod";
import { bytes, count, documentFields, failureSchema, fileSchema } from "./fields.ts";
import { FILE_USE_WORDS, modelSchema } from "./report.ts";
import { FILE_USES } from "./terms.ts";

export const explanationSchema = z.object({
  ...documentFields,
  model: modelSchema.nullable().describe("The model; null where it could not be measured."),
  tensors: z
    .object({
      unpacked: z
        .array(
          z.object({
            packing: z.string().describe("How the weights are packed, such as `gptq` or `mxfp4`."),
            tensors: count.describe("The number of stored tensors."),
            storedBytes: bytes.describe("Their stored size, in bytes."),
            parameters: count.describe("The parameters that they hold."),
          }),
        )
        .describe("Tensors that hold several parameters per element, by packing."),
      notCounted: z
        .array(
          z.object({
            reason: z.string().describe("Why they are not parameters, such as `tied`, `scale` or `buffer`."),
            tensors: count.describe("The number of tensors."),
            elements: count.describe("Their elements."),
            bytes: bytes.describe("Their size, in bytes."),
            example: z.string().describe("The name of one of them."),
          }),
        )
        .describe("Tensors that are stored but not counted as parameters, by reason, the largest first."),
    })
    .nullable()
    .describe("How stored tensors become parameters; null where no header could be read."),
  files: z
    .object({
      used: z.array(fileSchema).describe("The files of the published download."),
      notUsed: z
        .array(
          fileSchema.extend({
            is: z.enum(FILE_USES).describe(FILE_USE_WORDS),
            reason: z.string().describe("Why the file is not downloaded."),
          }),
        )
        .describe("All other files in the repository."),
    })
    .describe("Every file in the repository."),
  hub: z
    .object({
      total: count.describe("The Hub's own parameter count."),
      difference: z.int().nullable().describe("The Hub's count minus ours; null where ours is not known."),
      reason: z.string().nullable().describe("Where the difference comes from; null where there is none."),
    })
    .nullable()
    .describe("A comparison with the Hub's parameter count; null where it has none."),
  failures: z.array(failureSchema).describe("The model, where it could not be measured."),
});
