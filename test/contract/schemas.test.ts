import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RULE_NAMES } from "../../src/contract/terms.ts";
import { buildSchema, SCHEMA_FOLDER, SCHEMAS } from "./build-schemas.ts";

test.each(SCHEMAS)("$file is up to date", async (row) => {
  expect(readFileSync(new URL(row.file, SCHEMA_FOLDER), "utf8")).toBe(await buildSchema(row));
});

test("an editor is offered every rule, and told of a key that is none", async () => {
  const schema: unknown = JSON.parse(await buildSchema(SCHEMAS[0]));
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

test("the report may grow", async () => {
  expect(await buildSchema(SCHEMAS[1])).not.toContain('additionalProperties": false');
});
