/** Texts that say themselves where a model is. */
import type { Find } from "../find.ts";
import type { Text } from "../syntax/program.ts";
import { findRefusal } from "./look-alikes.ts";
import { isWeightFile, parseAddress } from "./model-name.ts";
import { isLegacyName } from "./name-evidence.ts";

/** A page of the Hub without a file: a link for readers, or what a tool downloads. */
const PAGE = /^(?:https?:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co)\//i;

/** Read the address of a model or of one of its files; null for any other text. */
export function readAddress({ text, at }: Text): Find | null {
  if (text.length > 500 || !/[:.]/.test(text)) return null;
  const model = parseAddress(text);
  if (!model || (model.registry === "hub" && !isKnown(model.id))) return null;
  if (model.registry === "ollama" && !/^ollama:\/\//i.test(text) && !/^ollama:[\w.-]+:[\w.-]+$/.test(text))
    return null;
  const find: Find = {
    model,
    quantization: null,
    loads: "weights",
    confidence: "sure",
    rule: "address",
    doubt: null,
    at: at + (text.length - text.trimStart().length),
  };
  if (!PAGE.test(text)) return find;
  const isRead = /\/resolve\//.test(text);
  if (model.file !== null && !isWeightFile(model.file))
    return isPartOf(model.file) && isRead
      ? { ...find, model: { ...model, file: null }, loads: "tokenizer" }
      : null;
  if (isRead || model.file !== null) return find;
  return { ...find, confidence: "doubtful", doubt: "a link to its page" };
}

function isKnown(id: string): boolean {
  return id.includes("/") ? findRefusal(id) === null : isLegacyName(id);
}

function isPartOf(file: string): boolean {
  return /(?:tokenizer|vocab|merges|config|preprocessor)[\w.-]*\.(?:json|txt|model)$/.test(file);
}
