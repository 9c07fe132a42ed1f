/** The Hub's listing of what has been made of a model, by what cards say. */
import { isCount, isObject } from "../../contract/json.ts";
import { isModelId } from "../model-id.ts";
import type { Hub } from "./hub.ts";
import { MAX_ANSWER_BYTES, orInvalid, parseJson, validateJson } from "./json-answer.ts";

/** A repository whose card names a model as the base of its quantizations. */
export interface Derivative {
  readonly id: string;
  /** Of the last 30 days. */
  readonly downloads: number;
  readonly tags: readonly string[];
  /** As in its card: `gguf`, `mlx`. */
  readonly library: string | null;
  readonly paths: readonly string[];
  /** The parameters of the GGUF file that the Hub has read; null without one. */
  readonly ggufParameters: number | null;
}

/** Fields with the chat template take some KB per repository, which is why one request does not list more. */
export const MAX_DERIVATIVES = 100;

/** Return the repositories whose cards name a model as the one they quantize, most downloaded first. One request. */
export async function requestDerivatives(
  hub: Hub,
  id: string,
  tags: readonly string[] = [],
): Promise<Derivative[]> {
  const query = new URLSearchParams([
    ...[`base_model:quantized:${id}`, ...tags].map((tag) => ["filter", tag]),
    ["sort", "downloads"],
    ["direction", "-1"],
    ["limit", String(MAX_DERIVATIVES)],
    ...["downloads", "tags", "library_name", "siblings", "gguf"].map((field) => ["expand[]", field]),
  ]);
  const label = { model: `the list of quantizations of ${id}` };
  const url = `${hub.settings.endpoint}/api/models?${query.toString()}`;
  return orInvalid(hub, label, async () => {
    const answer = await hub.request(url, { label, maxBytes: MAX_ANSWER_BYTES, validate: validateJson });
    return parseDerivatives(parseJson(answer)).slice(0, MAX_DERIVATIVES);
  });
}

/** Throws a TypeError for anything but a list of repositories. What a repository lacks is empty. */
function parseDerivatives(answer: unknown): Derivative[] {
  if (!Array.isArray(answer)) throw new TypeError("it is not a list");
  return answer.map((entry: unknown) => {
    const { id, downloads, tags, library_name: library, siblings, gguf } = isObject(entry) ? entry : {};
    if (typeof id !== "string" || !isModelId(id)) throw new TypeError("a repository of it lacks a valid id");
    const { total, architecture } = isObject(gguf) ? gguf : {};
    // The Hub may have read the projector, whose architecture is clip.
    const isModel = architecture !== "clip" && isCount(total);
    return {
      id,
      downloads: isCount(downloads) ? downloads : 0,
      tags: listTexts(tags),
      library: typeof library === "string" ? library : null,
      paths: listTexts(
        Array.isArray(siblings) ? siblings.map((file: unknown) => isObject(file) && file["rfilename"]) : [],
      ),
      ggufParameters: isModel ? total : null,
    };
  });
}

function listTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text): text is string => typeof text === "string") : [];
}
