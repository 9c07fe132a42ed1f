import { LlmSizeError } from "../../errors.ts";
import type { Note } from "../../notes.ts";
import { findCatalogModel } from "../catalog/catalog.ts";
import type { Repository } from "../repository.ts";
import { requestListing, requestModelInfo } from "./api.ts";
import type { Hub, HubAnswer, HubRequest } from "./hub.ts";

/** Opens a model of the Hub: its info and its listing, at the same time; everything read later is of that commit. */
export async function openHubRepository(
  hub: Hub,
  id: string,
  revision: string | null,
  path: string | null,
): Promise<Repository> {
  const branch = revision ?? "main";
  const [info, files] = await Promise.all([
    requestModelInfo(hub, id, branch),
    requestListing(hub, id, branch),
  ]);
  const reader = readFilesOf(hub, info.id, info.commit);
  return {
    id: info.id,
    revision: info.commit,
    source: "hub",
    files,
    path,
    summary: info.summary,
    catalog: revision === null && path === null ? findCatalogModel(info.id) : null,
    notes: describeRename(id, info.id),
    ...reader,
  };
}

function readFilesOf(hub: Hub, id: string, commit: string): Pick<Repository, "readText" | "readRange"> {
  /** Where a file's bytes were last served: a second read of it need not ask the Hub for the address again. */
  const addresses = new Map<string, string>();

  const address = (path: string) =>
    `${hub.settings.endpoint}/${id}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;

  const describe = (path: string): Pick<HubRequest, "subject" | "allowForeignOrigin"> => ({
    subject: { model: id, revision: commit, path },
    allowForeignOrigin: true,
  });

  /** Several steps read the same small files. */
  const texts = new Map<string, Promise<string>>();

  async function requestText(path: string, maxBytes: number): Promise<string> {
    const { body } = await hub.request(address(path), { ...describe(path), maxBytes });
    return new TextDecoder().decode(body);
  }

  return {
    readText(path, maxBytes) {
      const text = texts.get(path) ?? requestText(path, maxBytes);
      texts.set(path, text);
      return text;
    },

    async readRange({ path, bytes }, begin, end) {
      const whole = begin === 0 && end === bytes;
      const { url, status, body } = await hub.request(address(path), {
        ...describe(path),
        ...(whole ? {} : { range: { begin, end } }),
        maxBytes: end - begin,
        shortcut: addresses.get(path),
        findFlaw: (answer) =>
          findFlaw(answer, whole ? null : `bytes ${begin}-${end - 1}/${bytes}`, end - begin),
      });
      if (!whole && status === 200) throw new LlmSizeError("RANGE_IGNORED", { model: id, path });
      addresses.set(path, url);
      return body;
    },
  };
}

/** What is wrong with the bytes of a file; a range that was ignored is judged by the caller. */
function findFlaw(
  { status, headers, body }: HubAnswer,
  expectedRange: string | null,
  expectedBytes: number,
): string | null {
  if (/^text\/html\b/.test(headers.get("content-type") ?? "")) return "it is a web page";
  if (expectedRange !== null && status === 200) return null;
  const range = headers.get("content-range");
  if (expectedRange !== null && range !== expectedRange)
    return `it is ${range ?? "of no range"}, not ${expectedRange}`;
  return body.length === expectedBytes ? null : `it has ${body.length} bytes, not ${expectedBytes}`;
}

function describeRename(asked: string, answered: string): Note[] {
  if (asked.toLowerCase() === answered.toLowerCase()) return [];
  return [{ code: "MODEL_RENAMED", message: `${asked} is now ${answered}` }];
}
