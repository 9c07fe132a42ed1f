/** Kinds of field that the schemas of several documents share. */
import * as z from "zod";

/** A count of indivisible things: parameters, tokens. */
export const count = z.int().nonnegative();
export const bytes = z.int().nonnegative();
export const seconds = z.number().nonnegative();
export const ratio = z.number().nonnegative();

/** The fields that every document begins with. */
export const documentFields = {
  schemaVersion: z.literal(1).describe("The version of this format; keys are only added within a version."),
  generator: z
    .object({
      name: z.literal("llm-size").describe("The program that wrote the document."),
      version: z.string().describe("The version of the program."),
    })
    .describe("What wrote the document."),
};

export const fileSchema = z.object({
  path: z.string().describe("The path within the repository or folder, with `/`."),
  bytes: bytes.describe("The size of the file, in bytes."),
});

export const failureSchema = z.object({
  reference: z.string().describe("The model as the user wrote it."),
  code: z.string().describe("A stable code for scripts, such as `MODEL_NOT_FOUND`."),
  message: z.string().describe("What went wrong, in words."),
  hint: z.string().nullable().describe("What to do about it; null where there is no advice."),
  retryable: z.boolean().describe("Whether trying again may help."),
});
