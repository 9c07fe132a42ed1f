import { MalformedError } from "../../malformed.ts";
import { startsWith } from "../magic.ts";
import type { PackageFormat } from "../package-format.ts";
import { collectSingleFiles } from "./single-files.ts";

export const GGUF: PackageFormat = {
  isContent: startsWith("GGUF"),
  collect: collectSingleFiles("gguf"),
  reader: {
    isStrict: true,
    listHeaders: ({ files }) => files,
    async readHeader(file, { files }, repository) {
      const [{ readGgufHeader }, { buildGgufConfig }] = await Promise.all([
        import("../../gguf/header.ts"),
        import("../../gguf/config.ts"),
      ]);
      const { tensors, architecture, metadata, split } = await readGgufHeader(file, (begin, end) =>
        repository.readRange(file, begin, end),
      );
      if (split && split.count > files.length)
        throw new MalformedError(
          `it is part ${split.index + 1} of ${split.count}, and ${files.length} are here`,
        );
      return { tensors, config: buildGgufConfig(architecture, metadata, tensors) };
    },
  },
};
