/** A stand-in for Ollama's registry: real HTTP, with its blobs at a second origin. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { writeGguf } from "../format/gguf/gguf-file.ts";

/** The bytes of a layer: all of them, or the first ones of `size`, with zeros after. */
export interface MadeLayer {
  readonly kind: string;
  readonly content: Uint8Array | string;
  readonly size?: number;
  readonly name?: string;
}

export interface MadeModel {
  readonly layers: readonly MadeLayer[];
  readonly config?: object;
}

interface LoggedRequest {
  readonly origin: "registry" | "blobs";
  readonly path: string;
  readonly range: string | null;
  readonly headers: IncomingMessage["headers"];
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface StandInRegistry {
  readonly endpoint: string;
  readonly requests: LoggedRequest[];
  /** Answer requests whose path contains this text so, until it is cleared with null. */
  answerWith(part: string, answer: Answer | null): void;
  close(): Promise<void>;
}

const digestOf = (content: Uint8Array | string) => createHash("sha256").update(content).digest("hex");

/** Return a model of Llama's architecture with 32 parameters per row, in Q8_0, and its other layers. */
export function makeModel(rows: number, more: readonly MadeLayer[] = []): MadeModel {
  const { header, bytes } = writeGguf({
    metadata: { "general.architecture": "llama", "general.alignment": 32 },
    tensors: [{ name: "token_embd.weight", shape: [rows, 32], type: "Q8_0" }],
  });
  const texts = [
    { kind: "template", content: "{{ .Prompt }}" },
    { kind: "license", content: "MIT" },
    { kind: "license", content: "Use policy" },
    { kind: "params", content: '{"stop":["<|eot_id|>"]}' },
  ];
  const config = { model_format: "gguf", model_family: "llama", model_type: "1.2B", file_type: "Q8_0" };
  return { layers: [{ kind: "model", content: header, size: bytes }, ...texts, ...more], config };
}

/** Return the manifest of a model as the registry sends it. */
export function renderManifest({ layers, config }: MadeModel): string {
  const text = JSON.stringify(config ?? {});
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: {
      mediaType: "application/vnd.docker.container.image.v1+json",
      digest: `sha256:${digestOf(text)}`,
      size: text.length,
    },
    layers: layers.map(({ kind, content, size = content.length, name }) => ({
      mediaType: kind.includes("/") ? kind : `application/vnd.ollama.image.${kind}`,
      digest: `sha256:${digestOf(content)}`,
      size,
      ...(name !== undefined && { name }),
    })),
  });
}

/** List the blobs of a model by digest. */
export function listBlobs({ layers, config }: MadeModel): Map<string, Uint8Array> {
  const blobs = new Map([
    [digestOf(JSON.stringify(config ?? {})), Buffer.from(JSON.stringify(config ?? {}))],
  ]);
  for (const { content, size = content.length } of layers) {
    const bytes = Buffer.alloc(size);
    bytes.set(Buffer.from(content));
    blobs.set(digestOf(content), bytes);
  }
  return blobs;
}

/** Start a registry with models by `namespace/model:tag`. */
export async function startRegistry(models: Readonly<Record<string, MadeModel>>): Promise<StandInRegistry> {
  const requests: LoggedRequest[] = [];
  const answers = new Map<string, Answer>();
  const blobs = new Map(Object.values(models).flatMap((model) => [...listBlobs(model)]));
  const [registry, storage] = await Promise.all([listen(), listen()]);

  const log = (origin: LoggedRequest["origin"], { url = "/", headers }: IncomingMessage) => {
    requests.push({ origin, path: url, range: headers.range ?? null, headers });
    return [...answers].find(([part]) => url.includes(part))?.[1];
  };
  registry.on("request", (request, response) => {
    const told = log("registry", request);
    if (told) return void send(response, told);
    if (request.headers["user-agent"]?.startsWith("ollama/")) return void send(response, { status: 401 });
    const [, name, kind, id = ""] =
      /^\/v2\/([^/]+\/[^/]+)\/(manifests|blobs)\/(.+)$/.exec(request.url ?? "") ?? [];
    const model = kind === "manifests" ? models[`${name}:${id}`] : undefined;
    // As the real one: text/plain, and no digest with GET.
    if (model) return void send(response, { status: 200, headers: TEXT, body: renderManifest(model) });
    if (kind === "blobs" && blobs.has(id.replace("sha256:", "")))
      return void send(response, {
        status: 307,
        headers: { location: `${originOf(storage)}/${id}?X-Amz-Expires=1200` },
      });
    const errors = [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown", detail: {} }];
    send(response, { status: 404, body: JSON.stringify({ errors }) });
  });
  storage.on("request", (request, response) => {
    const told = log("blobs", request);
    if (told) return void send(response, told);
    if (request.headers.authorization !== undefined) return void send(response, { status: 400 });
    const blob = blobs.get(/sha256:([0-9a-f]{64})/.exec(request.url ?? "")?.[1] ?? "") ?? new Uint8Array();
    const [, begin, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    if (begin === undefined) return void response.writeHead(200, { "content-length": blob.length }).end(blob);
    const part = blob.subarray(Number(begin), Number(end) + 1);
    const range = `bytes ${begin}-${Number(begin) + part.length - 1}/${blob.length}`;
    response.writeHead(206, { "content-range": range, "content-length": part.length }).end(part);
  });

  return {
    endpoint: originOf(registry),
    requests,
    answerWith: (part, answer) => void (answer ? answers.set(part, answer) : answers.delete(part)),
    close: async () => void (await Promise.all([registry, storage].map(stop))),
  };
}

const TEXT = { "content-type": "text/plain; charset=utf-8" };

function send(response: ServerResponse, { status, headers = {}, body = "" }: Answer): void {
  response.writeHead(status, headers).end(body);
}

function listen(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
