import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Delivery } from "./faults.ts";
import type { LoggedRequest } from "./request.ts";

/** Sends an answer piece by piece, never faster than the client reads, and stops when it hangs up. */
export async function sendAnswer(
  response: ServerResponse,
  { answer, connection, raw, cutAfterBytes, chunkBytes, pauseMs, until }: Delivery,
  logged: LoggedRequest,
): Promise<void> {
  while (!until() && !response.destroyed) await sleep(5, undefined, { ref: false });
  if (connection === "stalled") return;
  if (raw) return sendRaw(response, raw);
  if (connection === "reset") return void response.socket?.resetAndDestroy();
  // A client that hangs up in the middle is part of what is tested.
  response.on("error", () => {});
  const { status, body } = answer;
  logged.status = status;
  response.writeHead(status, { ...lengthOf(answer), ...answer.headers });
  if (logged.method === "HEAD" || status === 304) return void response.end();
  if (body.size <= Math.min(chunkBytes, cutAfterBytes)) {
    logged.bytesSent = body.size;
    return void response.end(body.slice(0, body.size));
  }
  response.flushHeaders();
  const end = Math.min(body.size, cutAfterBytes);
  for (let at = 0; at < end && !response.destroyed; at += chunkBytes) {
    const chunk = body.slice(at, Math.min(end, at + chunkBytes));
    logged.bytesSent += chunk.length;
    if (!response.write(chunk)) await drained(response);
    if (pauseMs > 0) await sleep(pauseMs, undefined, { ref: false });
  }
  if (cutAfterBytes >= body.size) return void response.end();
  // Let the kept bytes leave first.
  await sleep(5);
  response.destroy();
}

/** The Hub compresses as it sends, so it does not know a compressed length beforehand. */
function lengthOf({ headers, body, status }: Delivery["answer"]): Record<string, string> {
  return "Content-Encoding" in headers || status === 304 ? {} : { "Content-Length": String(body.size) };
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}

function sendRaw(
  { socket }: ServerResponse,
  { text, everyMs }: { readonly text: string; readonly everyMs?: number },
): void {
  socket?.on("error", () => {});
  if (!socket) return;
  socket.write(text);
  if (everyMs === undefined) return;
  const timer = setInterval(() => socket.write(text), everyMs).unref();
  socket.on("close", () => clearInterval(timer));
}
