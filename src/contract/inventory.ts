/** The JSON of `llm-size list` and `llm-size cache`. */
import * as z from "zod";
import { bytes, count, documentFields } from "./fields.ts";

export const listSchema = z.object({
  ...documentFields,
  models: z
    .array(
      z.object({
        id: z.string().describe("The id on the Hub."),
        aliases: z.array(z.string()).describe("Short names of the model."),
        modelType: z.string().nullable().describe("The `model_type` in config.json, such as `gemma`."),
        parameters: count.describe("All parameters, each counted once."),
      }),
    )
    .describe("The built-in models, ordered by id."),
});

const cacheSizeSchema = z.object({
  entries: count.describe("The number of models, each at one commit."),
  bytes: bytes.describe("The size on disk, in bytes."),
});

export const cacheSchema = z.object({
  ...documentFields,
  cache: z
    .object({
      folder: z.string().describe("The folder of the cache."),
      ...cacheSizeSchema.shape,
      maxBytes: bytes.describe("The most that the cache keeps, in bytes."),
      removed: cacheSizeSchema
        .nullable()
        .describe("What this run removed; null where nothing was to be removed."),
    })
    .describe("The cache on disk."),
});
