import { expect, test } from "vitest";
import type { ModelChange } from "../../src/contract/types.ts";
import { renderChanges, renderChangesMarkdown } from "../../src/render/changes.ts";

const CHANGE: ModelChange = {
  reference: "acme/a|b",
  id: null,
  revision: { before: "0".repeat(40), after: "1".repeat(40) },
  figures: [
    { name: "int4", before: 1_000_000, after: 1_178_000, growthPercent: 17.8 },
    { name: "parameters", before: null, after: 2_506_172_416, growthPercent: null },
  ],
  files: [
    { path: "a.safetensors", before: null, after: 5_120_000 },
    { path: "b.safetensors", before: 5_120_000, after: null },
  ],
  notCompared: ["int8"],
};

test("changes as lines", () => {
  expect(renderChanges([CHANGE], "si")).toMatchInlineSnapshot(`
    "acme/a|b has changed:
      revision    000000000000 → 111111111111
      int4        1 MB → 1.18 MB (+17.8 %)
      parameters  unknown → 2.51B
      new file    a.safetensors, 5.12 MB
      removed     b.safetensors, 5.12 MB
      not compared int8: measured differently before and after"
  `);
});

test("changes as a table for a pull request", () => {
  expect(renderChangesMarkdown([CHANGE], "si")).toMatchInlineSnapshot(`
    "### acme/a\\|b

    | Changed | Before | After | Growth |
    | --- | ---: | ---: | ---: |
    | revision | 000000000000 | 111111111111 |  |
    | int4 | 1 MB | 1.18 MB | +17.8 % |
    | parameters | unknown | 2.51B |  |
    | new file a.safetensors |  | 5.12 MB |  |
    | removed b.safetensors | 5.12 MB |  |  |

    Not compared, since measured differently: int8"
  `);
  expect(
    renderChangesMarkdown([{ ...CHANGE, revision: null, figures: [], files: [], notCompared: [] }], "si"),
  ).toBe("");
});
