import { type Answer, answerJson } from "./answer.ts";
import { denyQuery } from "./denials.ts";
import type { Snapshot, StoredRepository } from "./repository.ts";
import type { HubRequest } from "./request.ts";

/** What `expand` may name; the Hub lists these in its answer to an unknown one. */
const EXPANDABLE = `
  author baseModels cardData childrenModelCount config createdAt disabled downloads downloadsAllTime evalResults
  gated gguf inference inferenceProviderMapping lastModified library_name likes mask_token model-index pipeline_tag
  private resourceGroup safetensors sha siblings spaces tags transformersInfo trendingScore usedStorage widgetData
  xetEnabled`
  .trim()
  .split(/\s+/);

/** Fields that only `expand` brings. */
const ON_REQUEST = ["baseModels", "downloadsAllTime", "xetEnabled"];

const CREATED_AT = "2024-01-01T00:00:00.000Z";

export function answerModelInfo(
  request: HubRequest,
  repository: StoredRepository,
  snapshot: Snapshot,
): Answer {
  const { id, databaseId } = repository;
  const fields = fieldsOf(repository, snapshot, request.url.searchParams.get("blobs") === "true");
  const expand = readExpand(request);
  if (expand !== null) {
    return denyUnknown(request, expand) ?? answerJson({ _id: databaseId, id, ...pick(fields, expand) });
  }
  const usual = Object.keys(fields).filter((field) => !ON_REQUEST.includes(field));
  return answerJson({ _id: databaseId, id, modelId: id, ...pick(fields, usual) });
}

/** One entry of a search result. */
export function listModel(repository: StoredRepository, expand: readonly string[] | null): object {
  const { id, databaseId, main } = repository;
  const fields = fieldsOf(repository, main, false);
  if (expand !== null) return { _id: databaseId, id, ...pick(fields, expand) };
  const usual = [
    "likes",
    "trendingScore",
    "private",
    "downloads",
    "tags",
    "pipeline_tag",
    "library_name",
    "createdAt",
  ];
  return { _id: databaseId, id, ...pick(fields, usual), modelId: id };
}

/** The fields asked for by `expand=a` or `expand[]=a`; null when none is. */
export function readExpand(request: HubRequest): string[] | null {
  const query = request.url.searchParams;
  const fields = [...query.getAll("expand"), ...query.getAll("expand[]")];
  return fields.length > 0 ? fields : null;
}

export function denyUnknown(request: HubRequest, expand: readonly string[]): Answer | null {
  const at = expand.findIndex((field) => !EXPANDABLE.includes(field));
  if (at === -1) return null;
  const options = EXPANDABLE.map((field) => `"${field}"`).join("|");
  return denyQuery(request, `✖ Invalid option: expected one of ${options}\n  → at expand[${at}]`);
}

function fieldsOf(repository: StoredRepository, snapshot: Snapshot, blobs: boolean): Record<string, unknown> {
  const { id, gated, disabled, snapshots } = repository;
  const { info, commit, files } = snapshot;
  const everyFile = [...snapshots.values()].flatMap((one) => [...one.files.values()]);
  const sizeByHash = new Map(everyFile.map(({ lfs, content }) => [lfs?.sha256, lfs ? content.size : 0]));
  const usedStorage = [...sizeByHash.values()].reduce((total, bytes) => total + bytes, 0);
  return {
    ...(id.includes("/") && { author: id.split("/")[0] }),
    private: repository.private,
    gated,
    disabled,
    sha: commit,
    createdAt: CREATED_AT,
    lastModified: CREATED_AT,
    downloads: 0,
    downloadsAllTime: 0,
    likes: 0,
    trendingScore: 0,
    tags: [],
    "model-index": null,
    spaces: [],
    xetEnabled: true,
    // Objects of every revision count, which is why this is no model's size.
    usedStorage,
    siblings: [...files.values()].map((file) => ({
      rfilename: file.path,
      ...(blobs && { blobId: file.oid, size: file.content.size }),
      ...(blobs &&
        file.lfs && {
          lfs: { sha256: file.lfs.sha256, size: file.content.size, pointerSize: file.inGit.size },
        }),
    })),
    ...info,
  };
}

function pick(fields: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => name in fields).map((name) => [name, fields[name]]));
}
