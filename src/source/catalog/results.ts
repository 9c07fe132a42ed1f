/** The results of the built-in models, which no run has to measure. Built by test/catalog/build-results.ts. */
import type { JsonObject } from "../../contract/json.ts";
import { RESULTS, SETTINGS } from "./measured.ts";

/** Return the result of a model of the catalog in the same settings; null without it. */
export function findCatalogResult(id: string, settings: string): JsonObject | null {
  const line = settings === SETTINGS && Object.hasOwn(RESULTS, id) ? RESULTS[id] : undefined;
  return line === undefined ? null : (JSON.parse(line) as JsonObject);
}
