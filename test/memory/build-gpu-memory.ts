/** Write the memory of GPUs from @huggingface/tasks: `npx tsx test/memory/build-gpu-memory.ts <date of its release>`. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SKUS } from "@huggingface/tasks";
import { format } from "prettier";

const TASKS = fileURLToPath(new URL("../../package.json", import.meta.resolve("@huggingface/tasks")));

/**
 * The first take their memory from the computer's, and the share that they get is not stated; MI250 is two GPUs with half
 * of the memory each.
 */
const IS_LEFT_OUT = /^(?:GB10|Jetson .*|Radeon \d{3}M|Ryzen .*|MI250)$/;

type Makers = Readonly<Record<string, { readonly memory?: readonly number[]; readonly msrp: number }>>;

interface GpuMemory {
  readonly version: string;
  /** In GB, by the name of the GPU. */
  readonly gigabytes: Readonly<Record<string, readonly number[]>>;
}

/** Return what the installed package states. */
export function readGpuMemory(): GpuMemory {
  const { version } = JSON.parse(readFileSync(TASKS, "utf8")) as { version: string };
  const gigabytes: Record<string, number[]> = {};
  for (const makers of Object.values<Makers>(SKUS.GPU))
    for (const [name, { memory }] of Object.entries(makers))
      if (memory && !IS_LEFT_OUT.test(name)) gigabytes[name] = memory.toSorted((a, b) => a - b);
  return { version, gigabytes };
}

const [, script = "", date] = process.argv;
if (script === fileURLToPath(import.meta.url)) {
  if (!/^20\d\d-\d\d-\d\d$/.test(date ?? ""))
    throw new Error("state the date of the release, such as 2026-09-29");
  const code = `/** Built from @huggingface/tasks by test/memory/build-gpu-memory.ts. */
  export const GPU_MEMORY = ${JSON.stringify({ date, ...readGpuMemory() })} as const;`;
  const path = fileURLToPath(new URL("../../src/memory/gpu-memory.ts", import.meta.url));
  writeFileSync(path, await format(code, { parser: "typescript", printWidth: 110 }));
}
