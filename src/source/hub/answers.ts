/** Parsers of the Hub's answers. Each throws a TypeError for anything else. */
import * as z from "zod";
import { isModelId } from "../model-id.ts";
import { isCommitId } from "../repository.ts";

const count = z.int().nonnegative();

const modelId = z.string().refine(isModelId);

const filePath = z.string().max(4096).refine(isFilePath);
const blobId = z.string().refine(isCommitId).optional().catch(undefined);
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .optional()
  .catch(undefined);

const modelInfo = z.object({
  id: modelId,
  sha: z.string().refine(isCommitId),
  disabled: z.boolean().catch(false),
  safetensors: z
    .object({ parameters: z.record(z.string(), count), total: count })
    .nullable()
    .catch(null),
  tags: z.array(z.string()).catch([]),
  /** Without `size` where a mirror does not know `blobs=true`. */
  siblings: z
    .array(
      z.object({
        rfilename: filePath,
        size: count.optional(),
        blobId,
        lfs: z.object({ sha256 }).nullish().catch(null),
      }),
    )
    .nullish()
    .transform((siblings) => siblings ?? []),
});

const listedFile = z.object({
  type: z.enum(["file", "directory"]),
  path: filePath,
  size: count,
  oid: blobId,
  lfs: z.object({ oid: sha256 }).nullish().catch(null),
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
