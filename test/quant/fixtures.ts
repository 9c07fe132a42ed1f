import { readFileSync } from "node:fs";
import type { LogicalModel } from "../../src/quant/scheme.ts";
import { realModel, type RealModel } from "../hub/real-models.ts";
import { readJsonLines } from "../json-lines.ts";
import { examine } from "../model/real-models.ts";

/** A published size: a line of `fixtures/sizes/*.jsonl`; what its fields mean is in the README beside them. */
export interface PublishedSize {
  readonly base: string;
  readonly published: string;
  readonly scheme: string;
  readonly bytes: number;
  readonly rounded: boolean;
  readonly note: string | null;
  readonly source: string;
}

export const PUBLISHED_SIZES: readonly PublishedSize[] = [
  "sizes.jsonl",
  "sizes.more.jsonl",
  "sizes.other.jsonl",
  "sizes.formats.jsonl",
].flatMap(readSizes);

function readSizes(file: string): PublishedSize[] {
  const text = readFileSync(new URL(`../../fixtures/sizes/${file}`, import.meta.url), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as PublishedSize);
}

let bases: readonly RealModel[] | undefined;

/** Base models of published sizes that are not among the real models. */
export function readBases(): readonly RealModel[] {
  bases ??= [...readJsonLines<RealModel>("sizes/bases.jsonl.gz")];
  return bases;
}

const subjects = new Map<string, LogicalModel>();

/** A model of `fixtures/models` or `fixtures/sizes`, as a scheme is given it; read once. */
export function fixtureModel(id: string): LogicalModel {
  const subject = subjects.get(id) ?? buildFixtureModel(id);
  subjects.set(id, subject);
  return subject;
}

function buildFixtureModel(id: string): LogicalModel {
  const model = readBases().find((base) => base.id === id) ?? realModel(id);
  const { config, classified } = examine(model);
  return { config, weights: classified.weights };
}
