import { LlmSizeError } from "../../errors.ts";
import type { Note } from "../../notes.ts";
import { findCatalogModel } from "../catalog/catalog.ts";
import type { Repository } from "../repository.ts";
import { requestListing, requestModelInfo } from "./api.ts";
import { describeSubject, type Hub, type HubRequest } from "./hub.ts";

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
      const { url, status, headers, body } = await hub.request(addresses.get(path) ?? address(path), {
        ...describe(path),
        ...(whole ? {} : { range: { begin, end } }),
        maxBytes: end - begin,
      });
      addresses.set(path, url);
      if (/^text\/html\b/.test(headers.get("content-type") ?? "")) throw unusable("it is a web page");
      if (!whole && status === 200) throw new LlmSizeError("RANGE_IGNORED", { model: id, path });
      const expected = `bytes ${begin}-${end - 1}/${bytes}`;
      const received = headers.get("content-range");
      if (!whole && received !== expected)
        throw unusable(`it is ${received ?? "of no range"}, not ${expected}`);
      if (body.length !== end - begin) throw unusable(`it has ${body.length} bytes, not ${end - begin}`);
      return body;

      function unusable(reason: string): LlmSizeError {
        const what = describeSubject({ model: id, path });
        return new LlmSizeError("HUB_ANSWER_INVALID", { host: hub.host, what, reason });
      }
    },
  };
}

function describeRename(asked: string, answered: string): Note[] {
  if (asked.toLowerCase() === answered.toLowerCase()) return [];
  return [{ code: "MODEL_RENAMED", message: `${asked} is now ${answered}` }];
}
