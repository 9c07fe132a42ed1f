/** Find the size class of a model, such as the 7B that people know it by. */

export interface SizeClass {
  /** `2B`, `0.5B`, `350M`, `8x7B`. */
  readonly label: string;
  /** `name` where the name advertises it, `count` where it is the nearest class. */
  readonly basis: "name" | "count";
}

const UNITS = { M: 1e6, B: 1e9, T: 1e12 } as const;
type Unit = keyof typeof UNITS;

/** Classes in use, in millions of parameters. Between two of them, the nearer one in log distance is taken. */
const LADDER_MILLIONS: readonly number[] = [
  1, // roneneldan/TinyStories-1M, and its larger sisters
  3,
  5,
  10,
  14, // EleutherAI/pythia-14m
  22, // all-MiniLM-L6-v2
  33, // bge-small
  39, // Whisper tiny
  66, // DistilBERT
  74, // Whisper base
  110, // BERT base
  125, // RoBERTa base, OPT
  135, // SmolLM2
  160, // Pythia
  220, // T5 base
  244, // Whisper small
  270, // Gemma 3
  350, // OPT, BERT large
  430, // CLIP ViT-L/14
  560, // BLOOM
  770, // GPT-2 large, T5 large
  1_000,
  1_500,
  1_700,
  2_000,
  3_000,
  4_000,
  7_000,
  8_000,
  9_000,
  12_000,
  13_000,
  14_000,
  16_000, // DeepSeek-V2-Lite, StarCoder
  20_000,
  24_000,
  27_000,
  30_000,
  32_000,
  34_000,
  40_000,
  47_000,
  65_000,
  70_000,
  72_000,
  100_000,
  106_000, // GLM-4.5-Air
  120_000,
  140_000,
  176_000,
  235_000,
  314_000,
  355_000, // GLM-4.5
  405_000,
  480_000, // Qwen3-Coder
  671_000,
  744_000, // GLM-5
  1_000_000,
  1_600_000,
];

/**
 * `8x7B`, `2b`, `0.5B`, `1_6b`, `r7b`, `350m`; not `4bit`, `128k`, the 3.1 of `Llama-3.1`, or the `A3B` and `E2B` that
 * are active and effective parameters.
 */
const ADVERTISED =
  /(?<![0-9.]|(?<![a-z])[ae]|x)(?:(?<experts>\d{1,3})x)?(?<number>\d{1,4}(?:[._]\d{1,3})?)(?<unit>[bmt])(?![a-z0-9])/gi;

/**
 * Classify a model by size: what its name advertises where the count makes that plausible, else the nearest class of
 * the ladder. Google's Gemma 2B has 2.51 billion parameters and Mistral 7B 7.24, but people use the name.
 */
export function classifySize(name: string, parameters: number): SizeClass {
  // Shells complete a folder with a slash at the end: ./gemma-2b/
  const repository = name.split(/[/\\]/).findLast((part) => part !== "") ?? "";
  for (const { groups } of repository.matchAll(ADVERTISED)) {
    const unit = (groups?.["unit"] ?? "B").toUpperCase() as Unit;
    const experts = groups?.["experts"];
    const number = readNumbers(groups?.["number"] ?? "").find((candidate) => {
      const ratio = parameters / (candidate * UNITS[unit] * Number(experts ?? 1));
      // The experts of a mixture share their attention, so 8x7B has less than 56 billion (46.7 in Mixtral).
      return experts ? ratio >= 0.6 && ratio <= 1.1 : ratio >= 0.7 && ratio <= 1.4;
    });
    if (number === undefined) continue;
    const size = number < 1000 ? `${number}${unit}` : formatMillions((number * UNITS[unit]) / 1e6);
    return { label: `${experts ? `${Number(experts)}x` : ""}${size}`, basis: "name" };
  }
  return { label: nearestRung(parameters), basis: "count" };
}

/** Read `1_6` as 1.6 (stablelm-2-1_6b), or else as the 6 after an underscore. */
function readNumbers(text: string): readonly number[] {
  return [...new Set([text.replace("_", "."), text.replace(/^.*_/, "")].map(Number))];
}

function nearestRung(parameters: number): string {
  const [smallest = 1] = LADDER_MILLIONS;
  // Below the ladder, the count itself: 1,152 parameters are of class 1.15K.
  if (parameters < smallest * 1e6) return formatMillions(parameters / 1e6);
  const distance = (millions: number) => Math.abs(Math.log(parameters / (millions * 1e6)));
  const nearest = LADDER_MILLIONS.reduce((best, rung) => (distance(rung) < distance(best) ? rung : best));
  return formatMillions(nearest);
}

function formatMillions(millions: number): string {
  if (millions >= 1e6) return `${millions / 1e6}T`;
  if (millions >= 1e3) return `${millions / 1e3}B`;
  if (millions >= 1) return `${Number(millions.toPrecision(3))}M`;
  return `${Number((millions * 1e3).toPrecision(3))}K`;
}
