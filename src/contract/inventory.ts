/** The JSON of `llm-size list` and `llm-size cache`. */
import * as z from "zod";
import { bytes, count, documentFields, listOf, objectOf, text, textOrNull } from "./fields.ts";

export const listSchema = z.object({
  ...documentFields,
  models: listOf("The built-in models, ordered by id.", {
    id: text.describe("The id on the Hub."),
    aliases: z.array(z.string()).describe("Short names of the model."),
    modelType: textOrNull.describe("The `model_type` in config.json, such as `gemma`."),
    parameters: count.describe("All parameters, each counted once."),
  }),
});

const cacheSizeSchema = z.object({
  entries: count.describe("The number of models, each at one commit."),
  bytes: bytes.describe("The size on disk, in bytes."),
});

export const cacheSchema = z.object({
  ...documentFields,
  cache: objectOf("The cache on disk.", {
    folder: text.describe("The folder of the cache."),
    ...cacheSizeSchema.shape,
    maxBytes: bytes.describe("The most that the cache keeps, in bytes."),
    removed: cacheSizeSchema
      .nullable()
      .describe("What this run removed; null where nothing was to be removed."),
  }),
});
