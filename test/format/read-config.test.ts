import { describe, expect, test } from "vitest";
import { LlmSizeError } from "../../src/errors.ts";
import { readConfig } from "../../src/format/read-config.ts";
import { repositoryOf } from "../source/repositories.ts";

const gated = new LlmSizeError("MODEL_GATED", { model: "acme/model", url: "https://x", withToken: false });
const failed = new LlmSizeError("HUB_FAILED", { host: "x", status: 503, what: "config.json" });

test.each([
  ["of the root", "", { "config.json": '{"model_type":"gemma"}' }],
  ["of a component", "unet", { "unet/config.json": '{"model_type":"gemma"}' }],
  ["as Python writes it", "", { "config.json": '\uFEFF{"model_type":"gemma","x":NaN}' }],
])("a config %s", async (_what, folder, files) => {
  expect(await readConfig(repositoryOf(files), folder)).toMatchObject({
    config: { modelType: "gemma" },
    notes: [],
  });
});

describe("without one, measuring goes on", () => {
  test.each([
    ["not listed", {}, ["CONFIG_MISSING"]],
    ["in another folder", { "a/config.json": "{}" }, ["CONFIG_MISSING"]],
    ["empty", { "config.json": "" }, ["CONFIG_MALFORMED"]],
    ["a page", { "config.json": "<html>" }, ["CONFIG_MALFORMED"]],
    ["a list", { "config.json": "[]" }, ["CONFIG_MALFORMED"]],
    [
      "listed and gone",
      { "config.json": new LlmSizeError("FILE_NOT_FOUND", { model: "m", path: "config.json" }) },
      ["CONFIG_MISSING"],
    ],
  ])("%s", async (_what, files, codes) => {
    const { config, notes } = await readConfig(repositoryOf(files), "");
    expect(config).toBeNull();
    expect(notes.map(({ code }) => code)).toEqual(codes);
  });

  test("a local file may have one beside it that no listing shows", async () => {
    const repository = { ...repositoryOf({ "config.json": "{}" }, "local"), files: [] };
    expect((await readConfig(repository, "")).config).not.toBeNull();
  });
});

test.each([
  ["a Hub that does not answer", failed],
  ["a gate", gated],
])("%s is an error, or a busy minute would change the count", async (_, error) => {
  await expect(readConfig(repositoryOf({ "config.json": error }), "")).rejects.toBe(error);
});
