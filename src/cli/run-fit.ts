import { parseLimit } from "../budget/limits.ts";
import { LlmSizeError, type ExitCode } from "../errors.ts";
import { DEVICES, type Device } from "../fit/devices.ts";
import { parseSpeed } from "../fit/download-time.ts";
import { planMemory, type MemoryRequest } from "../fit/memory-plan.ts";
import { measureReferences } from "../measure.ts";
import { renderFit } from "../report/fit.ts";
import type { FitOptions } from "./fit.ts";
import { chooseQuantizations } from "./quantizations.ts";
import { judgeExit, type Session } from "./session.ts";

export async function runFit(
  words: readonly string[],
  options: FitOptions,
  session: Session,
): Promise<ExitCode> {
  const { quantizations, scheme } = await chooseQuantizations(options);
  const request = describeRequest(options);
  const sources = await session.openSources(options);
  const references = words.map((word) => session.parse(word, sources));
  const report = await session.watch((hooks) =>
    measureReferences(references, {
      sources,
      quantizations,
      scheme,
      withBase: false,
      planMemory: (config, stored, share) => planMemory(config, stored, share, request),
      ...hooks,
    }),
  );
  session.print(renderFit(report, request.devices, options.format ?? "text", await session.look(options)));
  await session.remark(report, options);
  return judgeExit(report);
}

const DEFAULT_CONTEXT = 4096;

/** Throws USAGE for a device, a memory or a bandwidth that is none. */
function describeRequest(options: FitOptions): MemoryRequest {
  const { context = DEFAULT_CONTEXT, batch = 1, kvDtype = "bf16", layout = "optimized" } = options;
  return {
    context,
    batch,
    cacheDtype: kvDtype,
    layout,
    devices: chooseDevices(options),
    bandwidth: options.bandwidth === undefined ? null : readSpeed(options.bandwidth),
  };
}

/** Shown where no device is named: one of each kind that a web developer has in mind. */
const USUAL = ["iphone-16", "mac-16gb", "rtx-4090"];

function chooseDevices({ device, memory }: FitOptions): Device[] {
  const own = memory === undefined ? [] : [describeOwn(memory)];
  if (device === undefined && own.length > 0) return own;
  const named = (device ?? USUAL).flatMap((id) => (id === "all" ? DEVICES.map((known) => known.id) : [id]));
  const known = named.map((id) => {
    const found = DEVICES.find((candidate) => candidate.id === id);
    if (found) return found;
    throw new LlmSizeError("USAGE", {
      message: `"${id}" is no known device`,
      hint: `there are ${DEVICES.map((candidate) => candidate.id).join(", ")}; or give --memory 8GB`,
    });
  });
  return [...own, ...known];
}

function describeOwn(memory: string): Device {
  return {
    id: memory,
    label: memory,
    kind: "laptop",
    bounds: "memory",
    memoryBytes: parseLimit(memory, "bytes"),
    limitName: "memory given",
    source: "--memory",
    date: "",
  };
}

function readSpeed(text: string): number {
  const bitsPerSecond = parseSpeed(text);
  if (bitsPerSecond === null)
    throw new LlmSizeError("USAGE", {
      message: `"${text}" is no speed`,
      hint: "write it as 50Mbps, 6.25MB/s, 4g or broadband",
    });
  return bitsPerSecond;
}
