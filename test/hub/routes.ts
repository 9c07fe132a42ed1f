import { address, isRefused, splitRevision, withFiles, withRepository, withSnapshot } from "./access.ts";
import { type Answer, answerJson, answerText } from "./answer.ts";
import { denyPage, denyRepository, denyToken } from "./denials.ts";
import { answerModelInfo } from "./model-info.ts";
import type { Shelf, StoredRepository } from "./repository.ts";
import { type HubRequest, isFileRoute } from "./request.ts";
import { type SignUrl, answerRaw, answerResolve, answerResolveCache } from "./resolve.ts";
import { answerSearch } from "./search.ts";
import { answerPathsInfo, answerTree } from "./tree.ts";

/** Everything the Hub's own origin answers. */
export function answerHub(request: HubRequest, shelf: Shelf, signUrl: SignUrl): Answer {
  const [first, second, third] = request.segments;
  if (first !== "api")
    return isFileRoute(request.segments) ? answerFile(request, shelf, signUrl) : denyPage(request);
  if (second === "whoami-v2") return answerWhoami(request);
  if (second === "resolve-cache" && third === "models") return answerCached(request, shelf);
  if (second !== "models") return denyPage(request);
  return third === undefined ? answerSearch(request, shelf) : answerModel(request, shelf);
}

function answerFile(request: HubRequest, shelf: Shelf, signUrl: SignUrl): Answer {
  const addressed = address(request, 0);
  const [route, ...rest] = addressed.rest;
  const { revision, path } = splitRevision(rest);
  return withFiles(request, shelf, addressed, (repository) =>
    withSnapshot(request, repository, revision, (snapshot) =>
      route === "raw"
        ? answerRaw(request, snapshot, path)
        : answerResolve(request, repository, snapshot, path, signUrl),
    ),
  );
}

function answerCached(request: HubRequest, shelf: Shelf): Answer {
  const addressed = address(request, 3);
  const { revision, path } = splitRevision(addressed.rest);
  return withFiles(request, shelf, addressed, (repository) =>
    withSnapshot(request, repository, revision, (snapshot) => answerResolveCache(request, snapshot, path)),
  );
}

function answerModel(request: HubRequest, shelf: Shelf): Answer {
  const addressed = address(request, 2);
  const [resource, ...rest] = addressed.rest;
  if (resource === "auth-check") return withFiles(request, shelf, addressed, () => answerText(200, "OK"));
  return withRepository(request, shelf, addressed, (repository) => {
    const { revision, path } = splitRevision(rest);
    switch (resource) {
      case undefined:
        return answerModelInfo(request, repository, repository.main);
      case "revision":
        return withSnapshot(request, repository, rest.join("/"), (snapshot) =>
          answerModelInfo(request, repository, snapshot),
        );
      case "tree":
        return withSnapshot(request, repository, revision, (snapshot) => answerTree(request, snapshot, path));
      case "paths-info":
        if (request.method !== "POST") return denyPage(request);
        return withSnapshot(request, repository, rest.join("/"), (snapshot) =>
          answerPathsInfo(request, snapshot),
        );
      case "refs":
        return answerRefs(repository);
      default:
        return denyPage(request);
    }
  });
}

function answerRefs({ refs }: StoredRepository): Answer {
  const named = [...refs].filter(([name]) => !name.startsWith("refs/"));
  const branches = named.map(([name, targetCommit]) => ({ name, ref: `refs/heads/${name}`, targetCommit }));
  return answerJson({ branches, tags: [], converts: [] });
}

function answerWhoami(request: HubRequest): Answer {
  if (isRefused(request)) return denyToken(request);
  if (request.identity === "anonymous") return denyRepository(request);
  return answerJson({
    type: "user",
    id: "650000000000000000000001",
    name: request.identity,
    fullname: "Stand-in User",
    email: "user@example.com",
    emailVerified: true,
    canPay: false,
    isPro: false,
    periodEnd: null,
    avatarUrl: "/avatars/stand-in.svg",
    orgs: [],
    auth: {
      type: "access_token",
      accessToken: { displayName: "stand-in", role: "read", createdAt: "2024-01-01T00:00:00.000Z" },
    },
  });
}
