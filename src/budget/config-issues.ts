/** What is wrong in a file that a person wrote: where, what, and what would be right. */
import type * as z from "zod";
import { findNearestName } from "../source/nearest-name.ts";

export interface ConfigIssue {
  /** As in `budgets[2].maxSize`; empty for the whole. */
  readonly path: string;
  readonly problem: string;
  readonly hint: string | null;
}

/** Names that are often written for others, by what is meant. */
export type Synonyms = ReadonlyMap<string, string>;

/** Says what zod found, given the keys that the object may have. */
export function describeIssue(
  issue: z.core.$ZodIssue | undefined,
  keys: readonly string[],
  synonyms: Synonyms = new Map(),
): ConfigIssue {
  if (!issue) return { path: "", problem: "it is not as it should be", hint: null };
  const path = formatPath(issue.path);
  switch (issue.code) {
    case "unrecognized_keys": {
      const key = issue.keys[0] ?? "";
      const meant = synonyms.get(key) ?? findNearestName(key, keys);
      const hint =
        meant === null ? (keys.length > 0 ? `known are ${keys.join(", ")}` : null) : `did you mean ${meant}?`;
      return { path, problem: `there is no key "${key}"`, hint };
    }
    case "invalid_type":
      return {
        path,
        problem:
          issue.input === undefined
            ? "it is missing"
            : `it has to be ${NOUNS.get(issue.expected) ?? issue.expected}, not ${describeValue(issue.input)}`,
        hint: null,
      };
    case "invalid_value":
      return { path, problem: `it has to be ${issue.values.map(String).join(" or ")}`, hint: null };
    case "custom": {
      const hint: unknown = issue.params?.["hint"];
      return { path, problem: issue.message, hint: typeof hint === "string" ? hint : null };
    }
    default:
      return { path, problem: issue.message, hint: null };
  }
}

const NOUNS = new Map<string, string>([
  ["string", "text in quotes"],
  ["array", "a list in [ ]"],
  ["object", "an object in { }"],
  ["record", "an object in { }"],
  ["int", "a whole number"],
]);

function describeValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? "text" : String(value);
}

function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
}
