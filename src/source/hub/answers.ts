/** Parsers of the Hub's answers. Each throws a TypeError for anything else. */
import * as z from "zod";
import { isModelId } from "../reference.ts";
import { isCommitId } from "../repository.ts";

const count = z.int().nonnegative();

const modelId = z.string().refine(isModelId);

const modelInfo = z.object({
  name: modelId,
  sha: z.string().refine(isCommitId),
  /** A missing date counts as a change just now. */
  updatedAt: z.date().catch(() => new Date()),
  disabled: z.boolean().catch(false),
  safetensors: z
    .object({ parameters: z.record(z.string(), count), total: count })
    .nullable()
    .catch(null),
  tags: z.array(z.string()).catch([]),
});

const listedFile = z.object({
  type: z.enum(["file", "directory"]),
  path: z.string().max(4096).refine(isFilePath),
  size: count,
});

const foundModel = z.object({ name: modelId, downloads: count });

export const parseModelInfo = parserOf(modelInfo);
export const parseListedFile = parserOf(listedFile);
export const parseFoundModel = parserOf(foundModel);

function parserOf<Schema extends z.ZodType>(schema: Schema): (answer: unknown) => z.infer<Schema> {
  return (answer) => {
    const result = schema.safeParse(answer);
    if (result.success) return result.data;
    throw new TypeError(`${result.error.issues[0]?.path.join(".") || "the answer"} is not as expected`);
  };
}

/** True for a path that leads to one file below the root, and that an address can hold. */
function isFilePath(path: string): boolean {
  return path.isWellFormed() && !path.split("/").some((part) => part === "" || part === "." || part === "..");
}
