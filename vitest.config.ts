import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/build.ts"],
    // Whatever terminal or token the tests are run with is not theirs.
    env: { NO_COLOR: "", FORCE_COLOR: "" },
  },
});
