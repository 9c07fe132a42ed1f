import type { Expected } from "./case.ts";

/** What the program answered. */
export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What a person reads, on both streams. */
  readonly text: string;
}

interface Document {
  readonly models?: readonly Model[];
  readonly failures?: readonly { readonly code: string }[];
  readonly verdicts?: readonly { readonly outcome: string }[];
}

interface Model {
  readonly parameters: { readonly total: number | null; readonly active: number | null };
  readonly published: { readonly bytes: number } | null;
  readonly sizeClass: { readonly label: string } | null;
  readonly sizes: readonly {
    readonly quantization: string;
    readonly bytes: number | null;
    readonly bitsPerWeight: number | null;
  }[];
  readonly memory: Record<string, unknown> | null;
}

/** List what is wrong with an answer; empty where it is right. */
export function judgeAnswer(expected: Expected, answer: Answer): string[] {
  if (answer.exitCode === 70) return ["exit code 70: a bug"];
  const { anyOf } = expected;
  if (Array.isArray(anyOf)) {
    const tries = (anyOf as Expected[]).map((one) => judgeAnswer(one, answer));
    return tries.some((problems) => problems.length === 0)
      ? []
      : [`none of: ${tries.map((problems) => problems.join("; ")).join(" | ")}`];
  }
  const document = parseDocument(answer.stdout);
  return Object.entries(expected).flatMap(([key, value]) => judgeKey(key, value, document, answer));
}

function parseDocument(stdout: string): Document {
  try {
    return JSON.parse(stdout) as Document;
  } catch {
    return {};
  }
}

function judgeKey(key: string, expected: unknown, document: Document, answer: Answer): string[] {
  const [model] = document.models ?? [];
  const failed = !model && answer.exitCode !== 0;
  const compare = (actual: unknown) =>
    matches(actual, expected) ? [] : [`${key} is ${String(actual)}, not ${JSON.stringify(expected)}`];
  switch (key) {
    case "publishedBytes":
      return compare(model ? (model.published?.bytes ?? null) : undefined);
    case "total":
    case "active":
      return compare(model?.parameters[key]);
    case "sizeClass":
      return compare(model?.sizeClass?.label ?? null);
    case "kvCacheBytes":
      return compare(model?.memory?.["kvCacheBytes"] ?? model?.memory?.["cacheBytes"]);
    case "sizes":
    case "bitsPerWeight":
      return Object.entries(expected as Record<string, unknown>).flatMap(([name, value]) => {
        const size = model?.sizes.find(({ quantization }) => quantization === name);
        const actual = key === "sizes" ? size?.bytes : size?.bitsPerWeight;
        return matches(actual, value) ? [] : [`${name} is ${String(actual)}, not ${JSON.stringify(value)}`];
      });
    case "exit":
      return compare(answer.exitCode);
    case "failureCode":
      return compare(document.failures?.[0]?.code);
    case "failure":
      return failed ? [] : ["it did not fail"];
    case "undecided": {
      const isUnknown = model?.parameters.total === null && model.published === null;
      return failed || isUnknown
        ? []
        : [`it decided: ${model?.parameters.total}, ${model?.published?.bytes} bytes`];
    }
    case "verdict":
      return compare(document.verdicts?.[0]?.outcome);
    case "notPassed":
      return answer.exitCode !== 0 &&
        !document.verdicts?.every(({ outcome }) => outcome === "passed" && document.verdicts?.length)
        ? []
        : ["it passed"];
    case "mustMention":
      return (expected as (string | string[])[])
        .filter((words) => ![words].flat().some((word) => answer.text.includes(word)))
        .map((words) => `it does not mention ${String(words)}`);
    default:
      return [`the case expects ${key}, which is not known here`];
  }
}

/** A number, null, `{ min, max }`, or a list of these, any of which is right. */
function matches(actual: unknown, expected: unknown): boolean {
  if (Array.isArray(expected)) return expected.some((one) => matches(actual, one));
  if (typeof expected !== "object" || expected === null) return actual === expected;
  const { min = -Infinity, max = Infinity } = expected as { min?: number; max?: number };
  return typeof actual === "number" && actual >= min && actual <= max;
}
