import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that take long although they are short, begun first: the last one of all would be alone at the end. Those that
 * mostly wait are begun next to those that compute.
 */
const LONG_ONES = ["secrets", "accuracy", "matrix", "cases", "docs", "resilience"];

function rankOf({ moduleId }: TestSpecification): number {
  const rank = LONG_ONES.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
  return rank < 0 ? LONG_ONES.length : rank;
}

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array
    const bySize = await super.sort(files);
    return bySize.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    // Many tests wait for a Hub that is slow on purpose.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    // Nothing in `src` keeps state between runs, so files share one loaded program: it saves a third of the time.
    isolate: false,
    // Most of what a test makes is soon forgotten: it saves half of the collector's time.
    execArgv: ["--max-semi-space-size=64"],
    sequence: { sequencer: LongOnesFirst },
    globalSetup: ["test/build.ts"],
    // Whatever terminal or token the tests are run with is not theirs.
    env: { NO_COLOR: "", FORCE_COLOR: "" },
  },
});
