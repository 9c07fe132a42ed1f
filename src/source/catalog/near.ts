/** Names of the catalog that a name may stand for: spelled otherwise, mistyped, of the same family, or akin. */
import { countEdits, findNearestName } from "../../contract/nearest-name.ts";
import { listAliases, listIds } from "./aliases.ts";

/** A name in the words and numbers that it consists of: `qwen 2.5 7b` and `Qwen2.5-7B` are `qwen`, `2.5`, `7b`. */
type Tokens = readonly string[];

const TOKEN = /\d+(?:\.\d+)*(?:x\d+(?:\.\d+)?)?(?:[bmk](?![a-z]))?|[a-z]+/g;

/** Longer texts are not names. */
const MAX_LENGTH = 96;
const MAX_SUGGESTIONS = 5;
/** In shorter words another letter makes another word: `phi`, `gpt`. */
const MIN_MISTYPED_LETTERS = 4;
const MAX_MISTYPED_LETTERS = 2;

function splitTokens(name: string): Tokens {
  return name.toLowerCase().match(TOKEN) ?? [];
}

interface CatalogName {
  readonly id: string;
  readonly name: string;
  readonly tokens: Tokens;
}

function listNames(): CatalogName[] {
  return listIds().flatMap((id) =>
    listAliases(id)
      .toSorted((left, right) => left.length - right.length)
      .map((name) => ({ id, name, tokens: splitTokens(name) })),
  );
}

/**
 * Return catalog names that are this name in another spelling or with one word mistyped (`gemma2b`, `gmema-2b`); else those of
 * the family that it is (`llama3`, `phi3`). Numbers are never mistyped: Phi-3-mini-4k is not Phi-3-mini-128k.
 */
export function findNearModels(name: string): string[] {
  const typed = splitTokens(lastPart(name));
  if (name.length > MAX_LENGTH || typed.length === 0) return [];
  const near = listNames().flatMap((one) => {
    const edits = countTokenEdits(typed, one.tokens);
    return edits === null ? [] : [{ ...one, edits }];
  });
  const rank = ({ tokens, edits }: (typeof near)[number]) =>
    2 * edits + (tokens.length === typed.length ? 0 : 1);
  const best = Math.min(...near.map(rank));
  const ranked = near
    .filter((one) => rank(one) === best)
    .toSorted(
      (left, right) =>
        countCommonTokens(typed, right.tokens) - countCommonTokens(typed, left.tokens) ||
        compareLengths(left, right),
    );
  return takeNames(ranked);
}

/**
 * Return near models; else akin ones: whose name this one extends (`gpt2-small`), the nearest by letters (`qwen25-7b`), or
 * those that start alike (`whisper-small`, `gemma-3-270m`).
 */
export function suggestModels(name: string): string[] {
  const near = findNearModels(name);
  if (near.length > 0 || name.length > MAX_LENGTH) return near;
  const written = lastPart(name);
  const typed = splitTokens(written);
  const counted = listNames().map((one) => ({ ...one, common: countCommonTokens(typed, one.tokens) }));
  const most = Math.max(...counted.map(({ common }) => common));
  const akin = counted.filter(({ common }) => common > 0 && common === most).toSorted(compareLengths);
  const extended = akin.filter(({ tokens }) => tokens.length === most);
  if (extended.length > 0) return takeNames(extended);
  const nearest = findNearestName(
    written,
    counted.map((one) => one.name),
  );
  return nearest !== null && isMistyped(written, nearest) ? [nearest] : takeNames(akin);
}

/** Put the shorter name first: the base model before the Instruct one. */
function compareLengths(left: CatalogName, right: CatalogName): number {
  return left.tokens.length - right.tokens.length;
}

/** Count the words and numbers that both start with. */
function countCommonTokens(typed: Tokens, tokens: Tokens): number {
  const different = tokens.findIndex((token, index) => token !== typed[index]);
  return different === -1 ? tokens.length : different;
}

/** True for one or two other letters, but no other numbers: Gemma 3 270M is not Gemma 3 27B. */
function isMistyped(written: string, name: string): boolean {
  return (
    written.length >= MIN_MISTYPED_LETTERS &&
    written.replace(/\D/g, "") === name.replace(/\D/g, "") &&
    countEdits(written.toLowerCase(), name) <= MAX_MISTYPED_LETTERS
  );
}

/** Count the letters in which `typed` differs from the start of a name, at most one; null where it is another name. */
function countTokenEdits(typed: Tokens, tokens: Tokens): number | null {
  let edits = 0;
  for (const [index, word] of typed.entries()) {
    const token = tokens[index];
    if (token === undefined) return null;
    if (word === token) continue;
    // The major version alone, as the last word, means them all: llama3 for llama-3.2-1b.
    if (index === typed.length - 1 && /^\d+$/.test(word) && token.startsWith(`${word}.`)) continue;
    const isWord = /^[a-z]/.test(word) && /^[a-z]/.test(token);
    if (!isWord || Math.max(word.length, token.length) < MIN_MISTYPED_LETTERS) return null;
    edits += countEdits(word, token);
    if (edits > 1) return null;
  }
  return edits;
}

/** Return one name per model. */
function takeNames(names: readonly CatalogName[]): string[] {
  const byId = new Map<string, string>();
  for (const { id, name } of names) if (!byId.has(id)) byId.set(id, name);
  return [...byId.values()].slice(0, MAX_SUGGESTIONS);
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
