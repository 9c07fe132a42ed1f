/** How many models of labelled code the scan finds, and how many of its finds are models. */
import { readFileSync } from "node:fs";
import { placeFinds } from "../../src/scan/place.ts";
import { scanText } from "../../src/scan/scan-text.ts";

const FIXTURES = new URL("../../fixtures/scan/", import.meta.url);

/** `corpus` was there while the rules were made; `second`, then `held-out`, were written after them and scanned once. */
export const CORPORA = ["corpus", "second", "held-out"] as const;
type Corpus = (typeof CORPORA)[number];

interface Label {
  readonly file: string;
  readonly line: number;
  readonly is: "model" | "look-alike";
  readonly reference: string;
  readonly quantization: string;
}

export interface CorpusResult {
  readonly files: number;
  readonly models: number;
  readonly lookAlikes: number;
  /** Labelled models that were found, and surely. */
  readonly found: readonly string[];
  readonly missed: readonly string[];
  /** Sure finds that are not labelled as models. */
  readonly mistaken: readonly string[];
  readonly recall: number;
  readonly precision: number;
}

function readLabels(corpus: Corpus): Label[] {
  const text = readFileSync(new URL(`${corpus}/labels.tsv`, FIXTURES), "utf8");
  const [, ...lines] = text.split("\n").filter(Boolean);
  return lines.map((line) => {
    const [file = "", number = "", is = "", reference = "", quantization = ""] = line.split("\t");
    return {
      file,
      line: Number(number),
      is: is === "model" ? "model" : "look-alike",
      reference,
      quantization,
    };
  });
}

export function scanCorpus(corpus: Corpus): CorpusResult {
  const labels = readLabels(corpus);
  const wanted = labels.filter(({ is }) => is === "model").map(format);
  const files = [...new Set(labels.map(({ file }) => file))];
  const finds = files.flatMap((file) => {
    const text = readFileSync(new URL(`${corpus}/${file}`, FIXTURES), "utf8");
    return placeFinds(file, text, scanText(file, text, () => false).finds);
  });
  const sure = finds
    .filter(({ confidence }) => confidence === "sure")
    .map(({ path, line, reference, quantization }) =>
      format({ file: path, line, reference, quantization: quantization ?? "" }),
    );
  const found = wanted.filter((label) => sure.includes(label));
  const mistaken = sure.filter((find) => !wanted.includes(find));
  return {
    files: files.length,
    models: wanted.length,
    lookAlikes: labels.length - wanted.length,
    found,
    missed: wanted.filter((label) => !sure.includes(label)),
    mistaken,
    recall: found.length / wanted.length,
    precision: (sure.length - mistaken.length) / sure.length,
  };
}

function format({ file, line, reference, quantization }: Omit<Label, "is">): string {
  return `${file}:${line} ${reference} ${quantization}`.trimEnd();
}

export function renderScanAccuracy(): string {
  return [
    "| code | files | models | look-alikes | found | mistaken | recall | precision |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...CORPORA.map((corpus) => {
      const { files, models, lookAlikes, found, mistaken, recall, precision } = scanCorpus(corpus);
      const cells = [
        corpus,
        files,
        models,
        lookAlikes,
        found.length,
        mistaken.length,
        formatShare(recall),
        formatShare(precision),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ].join("\n");
}

function formatShare(share: number): string {
  return share.toFixed(3);
}
