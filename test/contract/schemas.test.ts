import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RULE_NAMES } from "../../src/contract/terms.ts";
import { buildSchema, SCHEMA_FOLDER, SCHEMAS } from "./build-schemas.ts";

test.each(SCHEMAS)("$file is up to date", (row) => {
  expect(readFileSync(new URL(row.file, SCHEMA_FOLDER), "utf8")).toBe(buildSchema(row));
});

test("an editor is offered every rule, and told of a key that is none", () => {
  const schema: unknown = JSON.parse(buildSchema(SCHEMAS[0]));
  expect(schema).toMatchObject({
    additionalProperties: false,
    properties: {
      $schema: { type: "string" },
      defaults: { additionalProperties: false },
      budgets: { items: { required: ["model"], additionalProperties: false } },
    },
  });
  for (const name of RULE_NAMES)
    expect(schema).toHaveProperty(["properties", "defaults", "properties", name]);
});

test.each(SCHEMAS.slice(1))("the document of $file may grow", (row) => {
  expect(buildSchema(row)).not.toContain('additionalProperties": false');
});

/** Paths of the properties that have no description. */
function listUndescribed(schema: unknown, path = "$"): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]: [string, unknown]) => [
    ...(path.endsWith(".properties") && !/^[A-Z`].*\.$/.test(readDescription(value))
      ? [`${path}.${key}`]
      : []),
    ...listUndescribed(value, `${path}.${key}`),
  ]);
}

function readDescription(schema: unknown): string {
  const { description } = schema as { readonly description?: string };
  return description ?? "";
}

test.each(SCHEMAS)("every property of $file is described by a sentence", (row) => {
  expect(listUndescribed(JSON.parse(buildSchema(row)))).toEqual([]);
});
