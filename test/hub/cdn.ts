import { randomUUID } from "node:crypto";
import { type Answer, answerBytes, answerText } from "./answer.ts";
import type { HubRequest } from "./request.ts";
import type { SignUrl } from "./resolve.ts";
import { type StoredFile, hash } from "./stored-file.ts";

/** The second origin: bytes of LFS files, by signed URL, and nothing of the Hub's headers. */
export interface Cdn {
  readonly signUrl: SignUrl;
  answer(request: HubRequest): Answer;
}

export function createCdn(origin: string, lifetimeSeconds: number): Cdn {
  const secret = randomUUID();
  const fileByPath = new Map<string, StoredFile>();
  const sign = (path: string, expires: string): string => hash("sha256", secret, path, expires);
  return {
    signUrl(repository, file) {
      const path = `/xet-bridge-us/${repository.databaseId}/${file.lfs?.xetHash}`;
      fileByPath.set(path, file);
      const expires = String(Date.now() / 1000 + lifetimeSeconds);
      return `${origin}${path}?Expires=${expires}&Signature=${sign(path, expires)}`;
    },
    answer({ url, headers }) {
      if (headers.authorization !== undefined) return refuse(400, "InvalidArgument");
      const expires = url.searchParams.get("Expires") ?? "";
      const isSigned = url.searchParams.get("Signature") === sign(url.pathname, expires);
      const file = fileByPath.get(url.pathname);
      if (!isSigned || file === undefined || Number(expires) * 1000 < Date.now())
        return refuse(403, "AccessDenied");
      const facts = { "Content-Type": "application/octet-stream", ETag: `"${file.lfs?.xetHash}"` };
      return { ...answerBytes(file.content, headers.range, facts), file };
    },
  };
}

function refuse(status: number, code: string): Answer {
  return answerText(status, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`, {
    "Content-Type": "application/xml",
  });
}
