import { LlmSizeError } from "../../src/errors.ts";
import { UNKNOWN_REPOSITORY, type Repository } from "../../src/source/repository.ts";
import type { SourceName } from "../../src/contract/terms.ts";

/** A repository that holds these files in memory, and counts what is read of them. */
export function repositoryOf(
  files: Readonly<Record<string, string | Uint8Array | LlmSizeError>>,
  source: SourceName = "hub",
): Repository & { readonly ranges: string[] } {
  const ranges: string[] = [];
  const bytesOf = (path: string): Uint8Array => {
    const content = files[path];
    if (content instanceof LlmSizeError) throw content;
    if (content === undefined) throw new LlmSizeError("FILE_NOT_FOUND", { model: "acme/model", path });
    return typeof content === "string" ? new TextEncoder().encode(content) : content;
  };
  return {
    ...UNKNOWN_REPOSITORY,
    ranges,
    id: "acme/model",
    source,
    files: Object.entries(files).map(([path, content]) => ({
      path,
      bytes: content instanceof LlmSizeError ? 0 : content.length,
    })),
    async readText(path) {
      return new TextDecoder().decode(bytesOf(path));
    },
    async readRange({ path }, begin, end) {
      ranges.push(`${path} ${begin}-${end}`);
      return bytesOf(path).slice(begin, end);
    },
  };
}
