/** The errors of zod in the words of the person who wrote the file. */
import type * as z from "zod";
import { formatPath } from "../contract/json-path.ts";
import { findNearestName } from "../contract/nearest-name.ts";

interface SchemaIssue {
  /** As in `budgets[2].maxSize`; empty for the whole file. */
  readonly path: string;
  readonly problem: string;
  readonly hint: string | null;
}

/** Explain an issue. `keys` are those that the object may have, `synonyms` the words that people write for some of them. */
export function explainIssue(
  issue: z.core.$ZodIssue | undefined,
  keys: readonly string[] = [],
  synonyms: ReadonlyMap<string, string> = new Map(),
): SchemaIssue {
  if (!issue) return { path: "", problem: "is invalid", hint: null };
  const path = formatPath(issue.path);
  switch (issue.code) {
    case "unrecognized_keys": {
      const [key = ""] = issue.keys;
      const meant = synonyms.get(key) ?? findNearestName(key, keys);
      const known = keys.length > 0 ? `known keys are ${keys.join(", ")}` : null;
      return {
        path,
        problem: `unknown key "${key}"`,
        hint: meant === null ? known : `did you mean ${meant}?`,
      };
    }
    case "invalid_type": {
      const expected = NOUNS[issue.expected] ?? issue.expected;
      const { input } = issue;
      const problem = input === undefined ? "is missing" : `must be ${expected}, not ${formatKind(input)}`;
      return { path, problem, hint: null };
    }
    case "invalid_value":
      return { path, problem: `must be ${issue.values.map(String).join(" or ")}`, hint: null };
    case "custom": {
      const hint: unknown = issue.params?.["hint"];
      return { path, problem: issue.message, hint: typeof hint === "string" ? hint : null };
    }
    default:
      return { path, problem: issue.message, hint: null };
  }
}

const NOUNS: Readonly<Record<string, string>> = {
  string: "text in quotes",
  array: "a list in [ ]",
  object: "an object in { }",
  record: "an object in { }",
  int: "a whole number",
};

function formatKind(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? "text" : String(value);
}
