/** Ids of the Hub: `org/name`, with what people write behind them: `@revision` and `:quantization`. */
import type { ModelRef } from "./repository.ts";

/** One segment of a repository id, by the rule of validate_repo_id in huggingface_hub. */
const SEGMENT = /^(?![-.])[\w.-]{1,96}(?<![-.])$/;

function isSegment(text: string): boolean {
  return SEGMENT.test(text) && !/--|\.\.|\.git$/.test(text);
}

/** True for `org/name`, and for `gpt2`, as old models are named. */
export function isModelId(text: string): boolean {
  const segments = text.split("/");
  return segments.length <= 2 && segments.every(isSegment);
}

/** Pages of the Hub that are not models, by the first part of their addresses, and what to do with them. */
const OTHER_PAGES: Readonly<Record<string, { readonly reason: string; readonly hint: string }>> = {
  datasets: {
    reason: "it is one of the Hub's datasets, not a model",
    hint: "name a model; the size of a dataset is on its page, under Files",
  },
  spaces: {
    reason: "it is one of the Hub's spaces, not a model",
    hint: "clone the Space and find the models that its code loads: llm-size scan <folder>",
  },
  collections: {
    reason: "it is one of the Hub's collections, a list of repositories",
    hint: "name models of the collection as org/name; several can be compared at once",
  },
  ...Object.fromEntries(
    [
      "buckets",
      "kernels",
      "papers",
      "docs",
      "blog",
      "learn",
      "tasks",
      "organizations",
      "settings",
      "api",
    ].map((page) => [
      page,
      { reason: `it is one of the Hub's pages (${page}), not a model`, hint: "name a model as org/name" },
    ]),
  ),
};

/** Return why a text is not understood, and perhaps what to write instead, as an error to throw. */
export type Refuse = (reason: string, hint?: string) => Error;

/** Throw for the first part of an address that leads to something else than a model. */
export function refuseOtherPage(first: string | undefined, refuse: Refuse): void {
  const page = first !== undefined && Object.hasOwn(OTHER_PAGES, first) ? OTHER_PAGES[first] : undefined;
  if (page) throw refuse(page.reason, page.hint);
}

/** Text behind the id: a quantization and a revision, in either order. A revision never has a colon, as in git. */
const PARTS = /^(?<id>[^:@]*)(?::(?<label>[^:@]*))?(?:@(?<revision>[^:]*))?(?::(?<lastLabel>[^:@]*))?$/s;

/** A quantization, or as for Ollama the name of a GGUF file. */
const LABEL = /^[\w.-]{1,128}$/;

/** Parse `name`, `org/name`, `models/org/name`, each with `@revision` and `:quantization`. Throws what `refuse` returns. */
export function parseModelId(body: string, refuse: Refuse): ModelRef {
  const { id: typed, label: first, revision = null, lastLabel } = PARTS.exec(body)?.groups ?? {};
  const label = first ?? lastLabel ?? null;
  if (typed === undefined || (first !== undefined && lastLabel !== undefined))
    throw refuse(
      `the text after the first ":" is not understood`,
      "write org/name:QUANT or org/name@revision",
    );
  if (revision === "") throw refuse("the revision after @ is empty");
  if (label === "") throw refuse("the quantization after : is empty", "as in org/name:Q4_K_M");
  if (label !== null && !LABEL.test(label)) throw refuse(`"${label}" is not the name of a quantization`);
  const segments = typed.replace(/\/$/, "").split("/");
  if (segments.length > 1) refuseOtherPage(segments[0], refuse);
  if (segments[0] === "models" && segments.length === 3) segments.shift();
  if (segments.length > 2)
    throw refuse(
      "it has more parts than organization/name",
      "a file of a model is hf://org/name/folder/file",
    );
  const wrong = segments.find((segment) => !isSegment(segment));
  if (wrong !== undefined)
    throw refuse(
      wrong.startsWith("-") ? "it looks like an option" : `the Hub does not allow the name "${wrong}"`,
    );
  // Ollama's tag of every model: the usual quantization.
  const isUsual = label?.toLowerCase() === "latest";
  return { id: segments.join("/"), revision, file: null, label: isUsual ? null : label };
}
