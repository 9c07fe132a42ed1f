import { expect, test } from "vitest";
import type { CatalogList } from "../../src/contract/types.ts";
import { renderCatalog } from "../../src/render/catalog.ts";
import { PLAIN } from "../../src/render/options.ts";

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
  renderCatalog(LIST, format, { width: 80, paint: PLAIN, units: "si", isTerminal: false });

test("text has the shortest alias", async () => {
  expect(await render("text")).toMatchInlineSnapshot(`
    "Model                Params  Also as
    google/gemma-2b       2.51B  gemma-2b
    openai/whisper-base   72.6M"
  `);
});

test("markdown", async () => {
  expect(await render("markdown")).toMatchInlineSnapshot(`
    "| Model | Params | Also as |
    | --- | ---: | --- |
    | google/gemma-2b | 2.51B | gemma-2b |
    | openai/whisper-base | 72.6M |  |"
  `);
});

test("csv", async () => {
  expect(await render("csv")).toMatchInlineSnapshot(`
    "id,parameters,modelType,aliases
    google/gemma-2b,2506172416,gemma,google-gemma-2b gemma-2b
    openai/whisper-base,72593920,,"
  `);
});

test("json is the whole document", async () => {
  expect(JSON.parse(await render("json"))).toEqual(LIST);
});
