import { afterAll, beforeAll, expect, test } from "vitest";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import { runJson } from "../program.ts";

const BASE = "Qwen/Qwen2.5-0.5B-Instruct";
const PARAMETERS = 494_032_768;

const converted = (id: string, tags: readonly string[], bytes = 521_000_000) => ({
  id,
  files: {
    "Qwen2.5-0.5B-Instruct_multi-prefill-seq_q8_ekv1280.task": { head: new Uint8Array(), size: bytes },
  },
  info: { tags },
});

let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({
    repositories: [
      serveRealModel(realModel(BASE)),
      converted("litert-community/quantized", [`base_model:${BASE}`, `base_model:quantized:${BASE}`]),
      converted("litert-community/tuned", [`base_model:finetune:${BASE}`]),
      converted("acme/other-size", [`base_model:quantized:${BASE}`], 9_000_000_000),
      converted("acme/adapter", [`base_model:adapter:${BASE}`]),
      converted("acme/merge", [`base_model:quantized:${BASE}`, "base_model:quantized:acme/second"]),
      converted("acme/lost", ["base_model:quantized:acme/nowhere"]),
    ],
  });
});
afterAll(() => hub.close());

test.each(["litert-community/quantized", "litert-community/tuned"])(
  "%s: parameters are those of the base model that the card names, bytes its own",
  async (id) => {
    const { report, stderr } = await runJson([id], { hub });
    expect(report.models).toMatchObject([
      { evidence: "base", parameters: { total: PARAMETERS }, published: { bytes: 521_000_000 } },
    ]);
    expect(stderr).toContain(`parameters are those of ${BASE}, which its card names as its base`);
  },
);

test.each([
  ["acme/other-size", "do not agree with files of 9000000000 bytes"],
  ["acme/adapter", "sizes of files alone"],
  ["acme/merge", "sizes of files alone"],
  ["acme/lost", "acme/nowhere as its base, which was not measured"],
])("%s: parameters stay unknown", async (id, words) => {
  const { report, stderr } = await runJson([id], { hub });
  expect(report.models).toMatchObject([{ evidence: "files", parameters: { total: null } }]);
  expect(stderr).toContain(words);
});

test("a gate takes bytes from the files, and never a count from a card", async () => {
  const id = "litert-community/quantized";
  const limits = ["--max-published", "600MB", "--max-params", "100B", "--max-class", "100B"];
  const { report, exitCode } = await runJson(["check", id, ...limits], { hub });
  expect(exitCode).toBe(3);
  expect(report.verdicts.map(({ rule, outcome }) => [rule, outcome])).toEqual([
    ["maxPublished", "passed"],
    ["maxParams", "unknown"],
    ["maxClass", "unknown"],
  ]);
});
