import { PLAIN, type Paint } from "../render/paint.ts";
import type { Io, OutputStream } from "./io.ts";

/** Emphasis for a stream. chalk is loaded only where it is wanted: it knows neither NO_COLOR nor a second stream. */
export async function choosePaint(
  stream: OutputStream,
  env: Io["env"],
  flag: boolean | undefined,
): Promise<Paint> {
  if (!wantsColor(stream, env, flag)) return PLAIN;
  const { Chalk } = await import("chalk");
  return new Chalk({ level: 1 });
}

/** Flags beat FORCE_COLOR, which beats NO_COLOR (https://no-color.org: any value but empty), which beats the terminal. */
export function wantsColor(stream: OutputStream, env: Io["env"], flag: boolean | undefined): boolean {
  if (flag !== undefined) return flag;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  if (env["NO_COLOR"]) return false;
  return stream.isTTY === true && env["TERM"] !== "dumb";
}
