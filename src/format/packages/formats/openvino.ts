import type { PackageFormat } from "../package-format.ts";
import { collectPairs } from "./pairs.ts";

export const OPENVINO: PackageFormat = {
  collect: collectPairs("xml", "bin", "needed"),
  hasParts: true,
  reader: {
    listHeaders: ({ files }) => files.filter(({ path }) => path.endsWith(".xml")),
    async readHeader(file, { files }, repository) {
      const { readOpenvinoTensors } = await import("../../openvino.ts");
      const weights = files.find(({ path }) => path === file.path.replace(/\.xml$/, ".bin"));
      const tensors = await readOpenvinoTensors(
        file,
        (begin, end) => repository.readRange(file, begin, end),
        weights?.bytes ?? 0,
      );
      return { tensors, config: null };
    },
  },
};
