/** Plain English: the patterns of a private, stilted style stay out of everything a person reads. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { PAGES } from "./docs/blocks.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Each with what to write instead. */
const DROPPED: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/(?<!\bthere )\bis no (?!longer\b|more\b)[a-z]/i, "is not a … / unknown …"],
  [/\b(?:has|have|names|name) no\b(?! (?:effect|limit)\b)/i, "lacks, is without, there is no …"],
  [/\bbeside\b/i, "next to, with, as well as"],
  [/\bis told\b|\btells\b(?! you\b)/i, "is given, shows, says"],
  [/\bheld against\b/i, "compared with, checked against"],
  [/\brests? on\b/i, "comes from, depends on"],
  [/\bmend(?:s|ed|ing)?\b/i, "fix"],
  [/\bwhat may pass\b/i, "transient errors"],
  [/\bas it is\b(?! (?:known|needed|measured|there)\b)|\bas of now\b/i, "unchanged, today"],
  [/\basked for\b/i, "requested, wanted"],
  [/\bcannot (?:both )?be had\b/i, "conflicts with, is not available"],
  [/\bso many\b/i, "that many, the number of"],
  [/\b(?:bits?|bytes?|one|2|4) an? (?:weight|parameter|model|file|row|token|line)\b/i, "per"],
  [/\bdoes without\b/i, "does not use"],
  [/^\/\*\* What /m, "Return …, The …"],
  [/\bfurther tries\b/i, "retries"],
];

function listFiles(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

/** Comments and strings of the source are read by people, too. */
const READ = [
  ...PAGES,
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "action.yml",
  ".pre-commit-hooks.yaml",
  ...listFiles("src", ".ts"),
  ...listFiles("schema", ".json"),
  ...listFiles(".github", ".yml"),
];

test.each(READ)("%s", (path) => {
  const text = readFileSync(join(ROOT, path), "utf8");
  const found = DROPPED.flatMap(([pattern, instead]) => {
    const match = pattern.exec(text);
    return match
      ? [`"${match[0]}" in line ${text.slice(0, match.index).split("\n").length}: write "${instead}"`]
      : [];
  });
  expect(found).toEqual([]);
});
