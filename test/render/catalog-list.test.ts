import { expect, test } from "vitest";
import type { CatalogList } from "../../src/contract/types.ts";
import { renderCatalog } from "../../src/render/catalog-list.ts";
import { PLAIN } from "../../src/render/paint.ts";

const LIST: CatalogList = {
  schemaVersion: 1,
  generator: { name: "llm-size", version: "0.1.0" },
  models: [
    {
      id: "google/gemma-2b",
      aliases: ["google-gemma-2b", "gemma-2b"],
      modelType: "gemma",
      parameters: 2_506_172_416,
    },
    { id: "openai/whisper-base", aliases: [], modelType: null, parameters: 72_593_920 },
  ],
};

const render = (format: "text" | "markdown" | "csv" | "json") =>
  renderCatalog(LIST, format, { width: 80, paint: PLAIN, units: "si" });

test("text has the shortest alias", () => {
  expect(render("text")).toMatchInlineSnapshot(`
    "Model                Params  Also as
    google/gemma-2b       2.51B  gemma-2b
    openai/whisper-base   72.6M"
  `);
});

test("markdown", () => {
  expect(render("markdown")).toMatchInlineSnapshot(`
    "| Model | Params | Also as |
    | --- | ---: | --- |
    | google/gemma-2b | 2.51B | gemma-2b |
    | openai/whisper-base | 72.6M |  |"
  `);
});

test("csv", () => {
  expect(render("csv")).toMatchInlineSnapshot(`
    "id,parameters,modelType,aliases
    google/gemma-2b,2506172416,gemma,google-gemma-2b gemma-2b
    openai/whisper-base,72593920,,"
  `);
});

test("json is the whole document", () => {
  expect(JSON.parse(render("json"))).toEqual(LIST);
});
