/** Kinds of field that the schemas of several documents share. */
import * as z from "zod";
import { BASES } from "./terms.ts";

export const text = z.string();
export const textOrNull = text.nullable();
/** A count of indivisible things: parameters, tokens. */
export const count = z.int().nonnegative();
export const countOrNull = count.nullable();
export const bytes = z.int().nonnegative();
export const bytesOrNull = bytes.nullable();
export const numberOrNull = z.number().nullable();
export const secondsOrNull = z.number().nonnegative().nullable();
export const ratioOrNull = z.number().nonnegative().nullable();
export const basisOrNull = z.enum(BASES).nullable();

export const objectOf = <Shape extends z.ZodRawShape>(description: string, fields: Shape) =>
  z.object(fields).describe(description);
export const objectOrNull = <Shape extends z.ZodRawShape>(description: string, fields: Shape) =>
  z.object(fields).nullable().describe(description);
export const listOf = <Shape extends z.ZodRawShape>(description: string, fields: Shape) =>
  z.array(z.object(fields)).describe(description);

export const reference = text.describe("The model as the user wrote it.");
export const quantization = text.describe("The level or scheme, such as `int4` or `gguf:Q4_K_M`.");

/** The fields that every document begins with. */
export const documentFields = {
  schemaVersion: z.literal(1).describe("The version of this format; keys are only added within a version."),
  generator: objectOf("What wrote the document.", {
    name: z.literal("llm-size").describe("The program that wrote the document."),
    version: text.describe("The version of the program."),
  }),
};

export const fileSchema = z.object({
  path: text.describe("The path within the repository or folder, with `/`."),
  bytes: bytes.describe("The size of the file, in bytes."),
  sha256: textOrNull.describe(
    "The SHA-256 of the file in hex, as the Hub states it; null where it is unknown.",
  ),
});

export const failureSchema = z.object({
  reference,
  code: text.describe("A stable code for scripts, such as `MODEL_NOT_FOUND`."),
  message: text.describe("What went wrong, in words."),
  hint: textOrNull.describe("What to do about it; null where there is no advice."),
  retryable: z.boolean().describe("Whether trying again may help."),
});
