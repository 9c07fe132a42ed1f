import { LlmSizeError, type ExitCode } from "../../errors.ts";
import { parseConnection, type Connection } from "../../memory/download-time.ts";
import { planMemory } from "../../memory/memory-plan.ts";
import { measureReferences } from "../../api/measure.ts";
import { renderFit } from "../../render/fit.ts";
import { chooseDevices } from "../devices.ts";
import type { FitOptions } from "./fit.ts";
import { readConditions } from "../memory-options.ts";
import { chooseQuantizations } from "../quantizations.ts";
import { judgeExit, type Session } from "../session.ts";

export async function runFit(
  words: readonly string[],
  options: FitOptions,
  session: Session,
): Promise<ExitCode> {
  const quantizations = await chooseQuantizations(options);
  const request = {
    ...readConditions(options),
    devices: await chooseDevices(options),
    connections: readConnections(options.bandwidth ?? USUAL_CONNECTIONS),
  };
  const sources = await session.openSources(options);
  const references = words.map((word) => session.parse(word, sources));
  const report = await session.watch((hooks) =>
    measureReferences(references, {
      sources,
      quantizations,
      withBase: false,
      planMemory: (subject) => planMemory(subject, request),
      ...hooks,
    }),
  );
  session.print(renderFit(report, options.format ?? "text", await session.look(options)));
  await session.remark(report, options);
  return judgeExit(report);
}

/** Connections of a web page's visitors, where no bandwidth is named. */
const USUAL_CONNECTIONS = ["4g", "broadband"];

/** Each once. Throws USAGE for what is no speed. */
function readConnections(texts: readonly string[]): Connection[] {
  return [...new Map(texts.map(readConnection).map((connection) => [connection.id, connection])).values()];
}

function readConnection(text: string): Connection {
  const connection = parseConnection(text);
  if (connection) return connection;
  throw new LlmSizeError("USAGE", {
    message: `"${text}" is no speed`,
    hint: "write it as 50Mbps, 6.25MB/s, 4g or broadband",
  });
}
